"""The page that a technician prints to see that a printer is set up right."""

from __future__ import annotations

from devices.printer.layout import Align, Feed, Line, Pair, QrCode, Rule, Slip
from devices.printer.profiles import Profile

RULER = "1234567890"


def test_page(name: str, profile: Profile) -> Slip:
    """A slip on which every fault of set-up shows: width, character set, sizes, QR code, knife."""
    ruler = (RULER * (profile.columns // len(RULER) + 1))[: profile.columns]
    return Slip(
        "test-page",
        (
            Line("打印测试", Align.CENTER, size=2, bold=True),
            Line("Test page", Align.CENTER),
            Rule(),
            Line(ruler),
            Pair("打印机 Printer", name),
            Pair("型号配置 Profile", profile.name),
            Pair("列数 Columns", f"{profile.columns}"),
            Pair("汉字 Chinese", "国标汉字，标点：￥·（）"),
            Pair("生僻字 Rare", "䶮 𬭎 䲟 㛃"),
            Pair("加粗 Bold", "粗体 Bold", bold=True),
            Pair("大号", "￥128.00", size=2, bold=True),
            Rule(),
            Feed(),
            QrCode("PRINTER TEST PAGE"),
            Line("扫码应得 PRINTER TEST PAGE", Align.CENTER),
            Feed(2),
        ),
    )


test_page.__test__ = False  # type: ignore[attr-defined]
