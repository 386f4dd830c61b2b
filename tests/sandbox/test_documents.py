"""Departments' sealed papers: whole, signed, kept for a day, wrong where a bench asks for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from devices.printer.preview import count_pages, draw
from kiosk.sandbox import documents
from kiosk.sandbox.documents_seal import Authority
from kiosk.sandbox.window import Window
from tests.sandbox.in_process import Sandbox

ROWS = [[f"{n:03d}", "中国工商银行股份有限公司威海分行", "贷记卡", "正常"] for n in range(90)]
REPORT = documents.Paper(
    title="个人信用报告",
    issuer="中国人民银行征信中心",
    series="XY",
    paragraphs=["姓名 王秀兰", "本报告仅供本人使用。"],
    tables=[(["序号", "机构", "业务", "状态"], ROWS)],
)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def issued(sandbox: Sandbox, paper: documents.Paper = REPORT) -> documents.SealedPaper:
    here = Window(sandbox.app.state.sandbox, sandbox.url, "POST /credit/v1/reports", "credit")
    with here.books.transaction() as db:
        return documents.issue(db, here, paper)


def fetched(
    sandbox: Sandbox, paper: documents.SealedPaper, department: str = "credit"
) -> requests.Response:
    return sandbox.request("GET", f"/{department}/v1{paper.path}")


def text_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_paper_is_fetched_with_its_digest_and_pages(sandbox: Sandbox) -> None:
    paper = issued(sandbox)
    answer = fetched(sandbox, paper)
    assert answer.headers["content-type"] == "application/pdf"
    assert hashlib.sha256(answer.content).hexdigest() == paper.sha256
    assert count_pages(answer.content) == paper.pages > 2


def test_a_paper_says_what_it_is_on_every_page(sandbox: Sandbox) -> None:
    paper = issued(sandbox)
    text = text_of(fetched(sandbox, paper).content)
    assert "个人信用报告" in text
    assert text.count(paper.check_code) == paper.pages
    for page in range(1, paper.pages + 1):
        assert f"第 {page} 页 共 {paper.pages} 页" in text
    assert all(row[0] in text for row in ROWS)


def test_the_last_page_bears_a_red_seal(sandbox: Sandbox) -> None:
    paper = issued(sandbox)
    pdf = fetched(sandbox, paper).content

    def red(page: int) -> int:
        rgb = draw(pdf, page, 400).rgb
        return sum(
            r > 180 and g < 110 and b < 110 for r, g, b in zip(*[iter(rgb)] * 3, strict=True)
        )

    assert red(paper.pages - 1) > 300
    assert red(0) == 0


def test_a_character_that_no_paper_had_before_is_on_the_next_one(sandbox: Sandbox) -> None:
    issued(sandbox)
    paper = issued(sandbox, documents.Paper("证明", "某局", "ZM", ["龘靐齉"]))
    assert "龘靐齉" in text_of(fetched(sandbox, paper).content)


def test_at_least_as_many_pages_as_asked(sandbox: Sandbox) -> None:
    paper = issued(sandbox, documents.Paper("证明", "某局", "ZM", ["一段"], pages_least=5))
    assert paper.pages == count_pages(fetched(sandbox, paper).content) == 5


def test_a_paper_is_its_departments_alone(sandbox: Sandbox) -> None:
    assert fetched(sandbox, issued(sandbox)).status_code == 200
    serves = [
        path for path in sandbox.app.openapi()["paths"] if path.endswith("/documents/{token}")
    ]
    assert "/credit/v1/documents/{token}" in serves
    here = Window(sandbox.app.state.sandbox, sandbox.url, "POST /tax/v1/papers", "tax")
    with here.books.transaction() as db:
        others = documents.issue(db, here, REPORT)
    assert fetched(sandbox, others).json()["code"] == "document.unknown"


def test_a_paper_is_gone_after_a_day(sandbox: Sandbox) -> None:
    paper = issued(sandbox)
    sandbox.clock.move(documents.KEPT_FOR.total_seconds() - 1)
    assert fetched(sandbox, paper).status_code == 200
    sandbox.clock.move(2)
    assert fetched(sandbox, paper).json()["code"] == "document.unknown"
    assert sandbox.request("GET", paper.link.removeprefix(sandbox.url)).status_code == 404


def test_the_link_gives_a_phone_the_same_bytes(sandbox: Sandbox) -> None:
    paper = issued(sandbox)
    answer = sandbox.request("GET", paper.link.removeprefix(sandbox.url))
    assert hashlib.sha256(answer.content).hexdigest() == paper.sha256


def test_damage_on_the_wire_is_gone_when_fetched_again(sandbox: Sandbox) -> None:
    sandbox.control("/papers", {"how": "digest"})
    paper = issued(sandbox)
    assert hashlib.sha256(fetched(sandbox, paper).content).hexdigest() != paper.sha256
    assert hashlib.sha256(fetched(sandbox, paper).content).hexdigest() == paper.sha256


@pytest.mark.parametrize("how", ["tampered", "appended", "unsigned", "foreign_ca", "expired"])
def test_what_is_wrong_on_command_still_looks_right(sandbox: Sandbox, how: str) -> None:
    sandbox.control("/papers", {"how": how, "times": 1})
    wrong, right = issued(sandbox), issued(sandbox)
    for paper in (wrong, right):
        pdf = fetched(sandbox, paper).content
        assert hashlib.sha256(pdf).hexdigest() == paper.sha256
        assert count_pages(pdf) == paper.pages
    assert (b"/ByteRange" in fetched(sandbox, wrong).content) is (how != "unsigned")


def test_a_short_paper_announces_more_pages(sandbox: Sandbox) -> None:
    sandbox.control("/papers", {"how": "short"})
    paper = issued(sandbox)
    assert count_pages(fetched(sandbox, paper).content) == paper.pages - 1


def test_the_root_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    first = Authority(tmp_path).root_pem
    assert Authority(tmp_path).root_pem == first
    assert Authority().root_pem != first
    assert (tmp_path / "root.key").stat().st_mode & 0o077 == 0


def test_the_root_is_handed_out(sandbox: Sandbox) -> None:
    pem = sandbox.request("GET", "/_control/root.pem").content
    assert pem == sandbox.app.state.sandbox.authority.root_pem


def test_papers_are_kept_no_longer_than_their_day(sandbox: Sandbox) -> None:
    issued(sandbox)
    sandbox.clock.move((documents.KEPT_FOR + timedelta(seconds=1)).total_seconds())
    issued(sandbox)
    with sandbox.app.state.sandbox.books.transaction() as db:
        row: Mapping[str, int] = db.execute("SELECT count(*) AS kept FROM papers").fetchone()
    assert row["kept"] == 1
