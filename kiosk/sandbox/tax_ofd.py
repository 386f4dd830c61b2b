"""An invoice as OFD (GB/T 33190-2016), for a phone: one page of text, packed with the parts that the
standard wants. It has no signature of its own; the sealed copy is the PDF."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection
from xml.sax.saxutils import escape

from fastapi import Response

from kiosk.sandbox import pages, tax_register
from kiosk.sandbox.books import new_token
from kiosk.sandbox.problems import Problem
from kiosk.sandbox.tax_register import Registered
from kiosk.sandbox.window import Here, Window

SCHEMA = """
CREATE TABLE ofd_links (token TEXT PRIMARY KEY, number TEXT NOT NULL, valid_until REAL NOT NULL);
"""

OFD = "application/ofd"
NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'

PAGE_MM = (210, 140)
"""The width of A4 and half its height, as printed invoices are laid out."""
LEFT_MM, TOP_MM, LINE_MM, TEXT_MM, TITLE_MM = 15.0, 15.0, 9.0, 4.2, 6.5

PAGE_ID, FONT_ID, LAYER_ID = 1, 2, 3
FIRST_TEXT_ID = 4


def publish(db: Connection, here: Window, number: str, until: datetime) -> str:
    """An address where a phone gets the invoice as OFD until then."""
    token = new_token()
    db.execute("INSERT INTO ofd_links VALUES (?, ?, ?)", (token, number, until.timestamp()))
    return here.link("p", token, "invoice.ofd")


@pages.router.get("/p/{token}/invoice.ofd")
def download(here: Here, token: str) -> Response:
    """The invoice of that token."""
    with here.books.transaction() as db:
        row = db.execute(
            "SELECT number FROM ofd_links WHERE token = ? AND valid_until > ?",
            (token, here.now().timestamp()),
        ).fetchone()
        invoice = tax_register.find(db, "", row["number"]) if row is not None else None
    if invoice is None:
        raise Problem("path.unknown")
    headers = {"Content-Disposition": f"attachment; filename={invoice.number}.ofd"}
    return Response(pack(invoice), media_type=OFD, headers=headers)


def pack(invoice: Registered) -> bytes:
    """The file."""
    title = "电子发票"
    lines = [f"{label}：{value}" for label, value in invoice.lines()]
    parts = {
        "OFD.xml": _root(invoice, title),
        "Doc_0/Document.xml": _document(FIRST_TEXT_ID + len(lines)),
        "Doc_0/PublicRes.xml": _resources(),
        "Doc_0/Pages/Page_0/Content.xml": _content(title, lines),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{part}')
    return file.getvalue()


def _root(invoice: Registered, title: str) -> str:
    return (
        f'<ofd:OFD {NAMESPACE} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{int(invoice.number):032x}</ofd:DocID><ofd:Title>{title}</ofd:Title>"
        f"<ofd:CreationDate>{invoice.issued_on}</ofd:CreationDate></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _document(last_id: int) -> str:
    return (
        f"<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:MaxUnitID>{last_id}</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>0 0 {PAGE_MM[0]} {PAGE_MM[1]}</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        f'<ofd:Page ID="{PAGE_ID}" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
    )


def _resources() -> str:
    return (
        f'<ofd:Res {NAMESPACE} BaseLoc="Res"><ofd:Fonts>'
        f'<ofd:Font ID="{FONT_ID}" FontName="宋体" FamilyName="SimSun"/></ofd:Fonts></ofd:Res>'
    )


def _content(title: str, lines: Sequence[str]) -> str:
    texts = [_text(FIRST_TEXT_ID, TOP_MM, TITLE_MM, title)]
    for nth, line in enumerate(lines, start=1):
        texts.append(_text(FIRST_TEXT_ID + nth, TOP_MM + 5 + nth * LINE_MM, TEXT_MM, line))
    return (
        f'<ofd:Page {NAMESPACE}><ofd:Content><ofd:Layer ID="{LAYER_ID}" Type="Body">'
        f"{''.join(texts)}</ofd:Layer></ofd:Content></ofd:Page>"
    )


def _text(text_id: int, top_mm: float, size_mm: float, text: str) -> str:
    """One line; each character is as wide as it is high, half as wide where it is ASCII."""
    steps = [size_mm if ord(character) > 0x7F else size_mm / 2 for character in text]
    moves = " ".join(f"{step:g}" for step in steps[:-1])
    width = PAGE_MM[0] - 2 * LEFT_MM
    return (
        f'<ofd:TextObject ID="{text_id}" Boundary="{LEFT_MM:g} {top_mm:g} {width:g} {LINE_MM:g}"'
        f' Font="{FONT_ID}" Size="{size_mm:g}"><ofd:TextCode X="0" Y="{size_mm:g}"'
        f' DeltaX="{moves}">{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )
