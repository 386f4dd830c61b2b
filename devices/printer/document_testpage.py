"""The A4 page that a technician's test prints: who prints, and whether all four edges are on paper."""

from __future__ import annotations

import re

WIDTH_PT, HEIGHT_PT = 595, 842
"""A4 in points of 1/72 inch (ISO 216)."""

MM_PT = 72 / 25.4
EDGE_MM = 10
RULER_MM = 100
TEXT_SIZE_PT = 14


def trial_page(name: str, model: str) -> bytes:
    """A PDF of one page: a frame 10 mm from each edge, a ruler of 100 mm, name and model."""
    lines = ("Hall terminal: test page", name, model, f"The line below is {RULER_MM} mm long.")
    edge = EDGE_MM * MM_PT
    left, top = 3 * edge, HEIGHT_PT - 4 * edge
    drawn = [f"{edge:.1f} {edge:.1f} {WIDTH_PT - 2 * edge:.1f} {HEIGHT_PT - 2 * edge:.1f} re S"]
    for number, line in enumerate(lines):
        drawn.append(_text(left, top - number * 2 * TEXT_SIZE_PT, line))
    below = top - len(lines) * 2 * TEXT_SIZE_PT
    drawn.append(f"{left:.1f} {below:.1f} m {left + RULER_MM * MM_PT:.1f} {below:.1f} l S")
    return _pdf("\n".join(drawn))


def _text(x: float, y: float, words: str) -> str:
    """Words in Helvetica, which every PDF reader has; other letters than ASCII's become `?`."""
    plain = words.encode("ascii", "replace").decode()
    escaped = re.sub(r"([\\()])", r"\\\1", plain)
    return f"BT /F1 {TEXT_SIZE_PT} Tf {x:.1f} {y:.1f} Td ({escaped}) Tj ET"


def _pdf(drawn: str) -> bytes:
    """One page of PDF 1.4 (ISO 32000-1, section 7.5)."""
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH_PT} {HEIGHT_PT}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    return bytes(out) + f"startxref\n{table}\n%%EOF\n".encode()
