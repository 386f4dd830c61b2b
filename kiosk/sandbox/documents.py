"""Departments' sealed papers: written, signed, kept for a day, handed out by an address nobody can guess.

A department gives `issue` what is to stand in a paper, puts the answer into its own, and has `serve` hand
the bytes out. A bench can have the next papers be wrong: `POST /_control/papers`.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field

from kiosk.sandbox import pages
from kiosk.sandbox.arranged import arrange, arranged
from kiosk.sandbox.books import new_token, serial
from kiosk.sandbox.documents_pdf import Imprint, Paper, compose
from kiosk.sandbox.documents_seal import Authority
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import AsWhole, Wire

__all__ = ["SCHEMA", "Paper", "SealedPaper", "control", "downloads", "issue", "serve"]

SCHEMA = """
CREATE TABLE papers (
    token TEXT PRIMARY KEY, department TEXT NOT NULL, document_no TEXT NOT NULL, pdf BLOB NOT NULL,
    damaged INTEGER NOT NULL, valid_until REAL NOT NULL);
"""

KEPT_FOR = timedelta(days=1)
PDF = "application/pdf"

CHECK_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, 1, O, I: a check code is read from paper and typed."""
CHECK_CODE_GROUPS, CHECK_CODE_GROUP = 4, 4

PAPERS = "paper"
"""What arrangements about papers are called in the books."""

Wrong = Literal[
    "digest", "tampered", "appended", "unsigned", "foreign_ca", "expired", "short", "not_pdf"
]
PaperToken = Annotated[str, Path(pattern="^[0-9A-Za-z_-]{22}$")]


class SealedPaper(Wire):
    """A sealed paper of a department: `path` is where its bytes lie under that department's address,
    `link` is where a phone can get it while it is kept."""

    document_no: str
    title: str
    pages: int
    sha256: str
    path: str
    check_code: str
    fee_fen: int
    link: str


class WrongPapers(Wire):
    """What is to be wrong with the next papers; `digest`: the bytes arrive damaged."""

    how: Wrong
    times: Annotated[int | None, Field(strict=True, ge=1, le=1000), AsWhole] = 1


control = APIRouter(prefix="/_control", tags=["control"])
downloads = APIRouter(include_in_schema=False)


def issue(db: Connection, here: Window, paper: Paper) -> SealedPaper:
    """Write, seal and keep a paper, within the caller's transaction."""
    now = here.now()
    number, check_code, token = serial(db, paper.series, now), _check_code(), new_token()
    rows = [
        ("文书名称", paper.title),
        ("文书编号", number),
        ("签发机构", paper.issuer),
        ("签发时间", f"{now:%Y-%m-%d %H:%M:%S}"),
        ("校验码", check_code),
    ]
    check_url = pages.publish(db, here, "电子文书核验", rows)
    how = arranged(db, PAPERS)
    wrong = how.how if how else ""
    plain, count = compose(paper, Imprint(number, check_code, now, check_url))
    pdf = _sealed(here.sandbox.authority, plain, paper.issuer, wrong)
    db.execute("DELETE FROM papers WHERE valid_until <= ?", (now.timestamp(),))
    kept = (token, here.department, number, pdf, wrong == "digest", (now + KEPT_FOR).timestamp())
    db.execute("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?)", kept)
    return SealedPaper(
        document_no=number,
        title=paper.title,
        pages=count + (wrong == "short"),
        sha256=hashlib.sha256(pdf).hexdigest(),
        path=f"/documents/{token}",
        check_code=check_code,
        fee_fen=paper.fee_fen,
        link=here.link("p", token, "document.pdf"),
    )


def prepare(authority: Authority, now: datetime) -> None:
    """Set and seal a paper for nobody: what the first one costs more (libraries read, typefaces cut) is
    paid before somebody stands there."""
    paper = Paper("样张", "演示部门", "YZ", ["样张"])
    plain, _ = compose(paper, Imprint("YZ", "-", now, "https://hall.invalid/"))
    authority.seal(plain, paper.issuer)


def serve(router: APIRouter, department: str) -> None:
    """Have a department hand its papers out: `GET /documents/{token}`."""

    def document(here: Here, token: PaperToken) -> Response:
        """The bytes of a sealed paper, for a day."""
        return Response(_found(here, token, department), media_type=PDF)

    described: dict[int | str, dict[str, Any]] = refuses("document.unknown", "request.invalid") | {
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
    }
    router.add_api_route(
        "/documents/{token}",
        document,
        response_class=Response,
        operation_id=f"{department}_document",
        responses=described,
    )


@downloads.get("/p/{token}/document.pdf")
def download(here: Here, token: str) -> Response:
    """The paper for a phone that scanned its link."""
    headers = {"Content-Disposition": "inline; filename=document.pdf"}
    return Response(_found(here, token, ""), media_type=PDF, headers=headers)


@control.post("/papers", status_code=204, responses=refuses("request.invalid"))
def plan_papers(here: Here, wrong: WrongPapers) -> Response:
    """Let something be wrong with the next papers."""
    with here.books.transaction() as db:
        arrange(db, PAPERS, wrong.how, wrong.times)
    return Response(status_code=204)


@control.get(
    "/root.pem",
    response_class=Response,
    responses={200: {"content": {"application/x-pem-file": {"schema": {"type": "string"}}}}},
)
def root(here: Here) -> Response:
    """The certificate under which this sandbox's papers are sealed."""
    return Response(here.sandbox.authority.root_pem, media_type="application/x-pem-file")


def _found(here: Window, token: str, department: str) -> bytes:
    with here.books.transaction() as db:
        row = db.execute(
            "SELECT * FROM papers WHERE token = ? AND department LIKE ? AND valid_until > ?",
            (token, department or "%", here.now().timestamp()),
        ).fetchone()
        if row is None:
            raise Problem("document.unknown")
        db.execute("UPDATE papers SET damaged = 0 WHERE token = ?", (token,))
    pdf = bytes(row["pdf"])
    return pdf[:-1] + bytes([pdf[-1] ^ 1]) if row["damaged"] else pdf


def _check_code() -> str:
    groups = range(CHECK_CODE_GROUPS)
    return "-".join(
        "".join(secrets.choice(CHECK_CODE_LETTERS) for _ in range(CHECK_CODE_GROUP)) for _ in groups
    )


def _sealed(authority: Authority, plain: bytes, issuer: str, wrong: str) -> bytes:
    """The paper as it is handed out, right unless something is to be `wrong` with it."""
    if wrong == "not_pdf":
        return "<html><title>系统维护</title></html>".encode()
    if wrong == "unsigned":
        return plain
    if wrong == "foreign_ca":
        return Authority().seal(plain, issuer)
    sealed = authority.seal(plain, issuer, expired=wrong == "expired")
    if wrong == "tampered":
        return _altered(sealed)
    if wrong == "appended":
        return sealed + b"%% added afterwards\n"
    return sealed


def _altered(sealed: bytes) -> bytes:
    """The paper with another date in its properties, of the same length: readers open it as before."""
    marker = b"/CreationDate (D:"
    at = sealed.index(marker) + len(marker)
    return sealed[:at] + b"1999" + sealed[at + 4 :]
