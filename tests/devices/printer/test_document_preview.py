"""Pages as pictures: right, bounded, and off the caller's thread."""

from __future__ import annotations

import asyncio

import pytest

from devices.printer.preview import (
    MOST_PIXELS,
    WIDEST_PX,
    EncryptedPdf,
    NotPdf,
    Picture,
    count_pages,
    draw,
    preview,
)
from devices.status import Failed, Ok
from tests.devices.printer.papers import pdf

WHITE = b"\xff\xff\xff"


def pixels(picture: Picture) -> int:
    return picture.width * picture.height


async def test_a_page_is_drawn_as_wide_as_asked_for() -> None:
    result = await preview(pdf(3), 1, 400)
    assert isinstance(result, Ok)
    picture = result.value
    assert picture.width == 400
    assert picture.height == pytest.approx(400 * 842 / 595, abs=2)
    assert len(picture.rgb) == pixels(picture) * 3
    assert picture.rgb[:3] == WHITE
    assert b"\x00\x00\x00" in picture.rgb  # its words are black


def test_pages_differ() -> None:
    first, second = draw(pdf(2), 0, 300), draw(pdf(2), 1, 300)
    assert first.rgb != second.rgb


def test_no_width_draws_more_than_memory_allows() -> None:
    wide = draw(pdf(1), 0, 100_000)
    assert wide.width <= WIDEST_PX
    assert pixels(wide) <= MOST_PIXELS
    tall = pdf(1).replace(b"[0 0 595 842]", b"[0 0 20 9999]")
    assert pixels(draw(tall, 0, 1080)) <= MOST_PIXELS * 1.01


def test_pages_are_counted() -> None:
    assert count_pages(pdf(7)) == 7
    with pytest.raises(EncryptedPdf):
        count_pages(pdf(1, encrypted=True))
    with pytest.raises(NotPdf):
        count_pages(b"%PDF-1.7 no more")


@pytest.mark.parametrize(
    ("data", "page", "code"),
    [
        (b"nothing", 0, "document.not_pdf"),
        (pdf(1, encrypted=True), 0, "document.encrypted"),
        (pdf(2), 2, "document.no_page"),
        (pdf(2), -1, "document.no_page"),
    ],
)
async def test_what_cannot_be_shown_is_said(data: bytes, page: int, code: str) -> None:
    result = await preview(data, page, 300)
    assert isinstance(result, Failed)
    assert result.fault.code == code


async def test_many_at_once_share_one_library_in_peace() -> None:
    results = await asyncio.gather(*(preview(pdf(4), page % 4, 200) for page in range(24)))
    assert all(isinstance(result, Ok) for result in results)
