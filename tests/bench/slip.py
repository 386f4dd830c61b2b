"""The slip that is measured: a receipt as the pension journey prints it."""

from devices.printer.layout import Align, Feed, Line, Pair, QrCode, Rule, Slip

RECEIPT = Slip(
    "P261124-7KQ2M9XA",
    (
        Line("缴费凭条", Align.CENTER, size=2, bold=True),
        Line("城乡居民基本养老保险", Align.CENTER),
        Rule(),
        Pair("参保人", "**兰 (371*************27)"),
        Pair("缴费年度", "2026"),
        Pair("缴费档次", "300 元/年"),
        Pair("政府补贴", "¥30.00"),
        Pair("支付方式", "微信支付"),
        Rule(),
        Pair("实缴", "¥300.00", size=2, bold=True),
        Line("已入账 · 社保局"),
        Rule(),
        Pair("受理号", "SI20261124000001"),
        Pair("订单号", "P261124-7KQ2M9XA"),
        Pair("终端", "乳山市政务服务大厅 07 号机"),
        Pair("时间", "2026-11-24 05:10:40"),
        Feed(),
        QrCode("http://127.0.0.1:8899/p/0123456789abcdefghijkl"),
        Line("扫码查看电子凭证", Align.CENTER),
        Rule(),
        Line("本凭条不作报销凭据", Align.CENTER),
        Line("咨询投诉 12345", Align.CENTER),
        Feed(2),
    ),
)
