"""What a phone opens after scanning a code of a slip or of the screen: small pages, until they expire."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from html import escape
from sqlite3 import Connection

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from kiosk.sandbox.books import new_token
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.window import Here, Window

KEPT_FOR = timedelta(days=30)

PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:18px/1.6 sans-serif;margin:1.5em;color:#12263f}}h1{{font-size:1.3em}}
dt{{color:#5b6b7f}}dd{{margin:0 0 .6em}}</style>
<h1>{title}</h1><dl>{rows}</dl><p>此页由演示部门提供。Served by the sandbox departments.</p></html>
"""

router = APIRouter(include_in_schema=False)


def publish(
    db: Connection,
    here: Window,
    title: str,
    rows: Iterable[tuple[str, str]],
    kept_for: timedelta = KEPT_FOR,
) -> str:
    """Put a page up, within the caller's transaction; its address."""
    token = new_token()
    until = (here.now() + kept_for).timestamp()
    document = json.dumps(list(rows), ensure_ascii=False)
    db.execute("INSERT INTO pages VALUES (?, ?, ?, ?)", (token, title, document, until))
    return here.link("p", token)


@router.get("/p/{token}")
def page(here: Here, token: str) -> Response:
    """The page of that token, while it is up."""
    with here.books.transaction() as db:
        row = db.execute(
            "SELECT title, sections FROM pages WHERE token = ? AND valid_until > ?",
            (token, here.now().timestamp()),
        ).fetchone()
    if row is None:
        raise Problem("path.unknown")
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd>{_shown(value)}</dd>"
        for label, value in json.loads(row["sections"])
    )
    return HTMLResponse(PAGE.format(title=escape(row["title"]), rows=rows))


def _shown(value: str) -> str:
    """A value; an address of ours can be touched."""
    text = escape(value)
    return f'<a href="{text}">{text}</a>' if value.startswith(("http://", "https://")) else text
