"""What `kiosk journal` says to people: the money in yuan, the time in China's, a state in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.backends.gateway import Channel
from kiosk.payments.machine import PayState
from kiosk.payments.statement import CHINA
from kiosk.texts import Yuan

MONEY: Mapping[PayState, str] = {
    PayState.CREATED: "not taken yet: the citizen is choosing how to pay",
    PayState.QR_SHOWN: "not taken yet: a code to pay is on the screen",
    PayState.SUBMITTED: "being taken: the gateway is asked",
    PayState.PAID: "taken; the department is asked to book it",
    PayState.FULFILLING: "taken; the department is asked to book it until it has",
    PayState.FULFILLED: "taken and booked",
    PayState.PRINTED: "taken and booked, and the slip came out",
    PayState.CLOSING: "not known yet: the terminal asks until it is",
    PayState.CLOSED: "not taken, and cannot be any more under this number",
    PayState.FAILED: "not taken, and cannot be any more under this number",
    PayState.UNKNOWN: "not known yet: the terminal asks until it is",
    PayState.REVERSING: "being taken back, if it was taken",
    PayState.REVERSED: "the citizen has it; the bill can be paid again",
    PayState.UNRESOLVED: "not known: the bill is locked here until the gateway's statement or you decide",
    PayState.REFUNDING: "taken, could not be booked, and is on its way back",
    PayState.REFUNDED: "the citizen has it; the bill can be paid again",
}
"""What became of the money, for whoever is asked by a citizen."""

ON_PAPER: Mapping[PayState, str] = {
    PayState.CREATED: "未付款",
    PayState.QR_SHOWN: "等待付款",
    PayState.SUBMITTED: "扣款中",
    PayState.PAID: "已付款，待入账",
    PayState.FULFILLING: "已付款，入账中",
    PayState.CLOSING: "关闭中",
    PayState.UNKNOWN: "结果未知，查询中",
    PayState.REVERSING: "撤销中",
    PayState.UNRESOLVED: "待人工核实",
    PayState.REFUNDING: "退款中",
}
"""What is not finished, as the cash desk's sheet says it, where all is Chinese."""

CHANNELS: Mapping[str, str] = {
    Channel.WECHAT.value: "微信支付",
    Channel.ALIPAY.value: "支付宝",
    Channel.UNIONPAY.value: "银联云闪付",
}


def yuan(fen: int) -> str:
    """An amount as people read it."""
    return str(Yuan(fen))


def local(at: str) -> str:
    """A time of the log as people read it: China's, to the second."""
    return f"{datetime.fromisoformat(at).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
