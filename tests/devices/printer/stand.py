"""The test stand: simulated printers, adapters that have found them, and slips to print."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from devices.printer.layout import Align, Feed, Line, Pair, QrCode, Rule, Slip
from devices.printer.receipt import ReceiptPrinter
from devices.simulators.printer import PrinterSimulator
from devices.status import Health

WITHIN_S = 60.0
VOUCHER = "https://pay.example.invalid/v/20261124000123"


def receipt(job: str = "order-1", name: str = "王*兰") -> Slip:
    """A slip like those of kiosk/receipts."""
    return Slip(
        job,
        (
            Line("缴费凭条", Align.CENTER, size=2, bold=True),
            Line("城乡居民基本养老保险", Align.CENTER),
            Rule(),
            Pair("参保人", f"{name} (371083********1234)"),
            Pair("缴费年度", "2026"),
            Pair("缴费档次", "300 元/年"),
            Pair("支付方式", "微信支付"),
            Rule(),
            Pair("实缴", "¥300.00", size=2, bold=True),
            Line("已入账 · 社保局"),
            Rule(),
            Pair("受理号", "SB20261124000123"),
            Pair("坐落", "山东省威海市环翠区青岛北路12号楼3单元501室（含地下室）等"),
            Feed(),
            QrCode(VOUCHER),
            Line("扫码查看电子凭证（30 天内有效）", Align.CENTER),
            Line("本凭条不作报销凭据", Align.CENTER),
            Feed(2),
        ),
    )


_jobs = itertools.count(1)


def note(text: str = "一张短条") -> Slip:
    """The shortest slip, each of its own job."""
    return Slip(f"note-{next(_jobs)}", (Line(text),))


async def until(device: ReceiptPrinter, holds: Callable[[Health], bool]) -> Health:
    """Wait until the printer's health `holds`; the health that did."""
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[Health] = asyncio.Queue()
    stop = device.listen(lambda health: loop.call_soon_threadsafe(told.put_nowait, health))
    try:
        async with asyncio.timeout(WITHIN_S):
            health = device.health()
            while not holds(health):
                health = await told.get()
            return health
    finally:
        stop()


@asynccontextmanager
async def connected(simulator: PrinterSimulator, **settings: Any) -> AsyncIterator[ReceiptPrinter]:
    """An adapter that has found its printer."""
    device = ReceiptPrinter("receipt_printer", simulator.port, **settings)
    device.start()
    try:
        await until(device, lambda health: health.usable)
        yield device
    finally:
        await asyncio.to_thread(device.close)
