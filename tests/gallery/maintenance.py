"""What a technician sees: the PIN, and the devices of a terminal where not all is well."""

from __future__ import annotations

from typing import Any

from devices.status import Act, DeviceState, Fault, Health
from kiosk.device_words import act_of, known_of
from kiosk.texts import Plain, Text, msg
from kiosk.views import DeviceRow, DevicesPage, EnterPin, Picture, Tone, View


def _facts(facts: dict[str, str], counters: dict[str, int]) -> Text:
    return known_of(Health("", "", "", "", DeviceState.ONLINE, None, facts, counters))


DEVICES = DevicesPage(
    key="maintenance",
    title=msg("maintenance.title", number="07"),
    subtitle=msg("maintenance.subtitle.bench", time="09:41"),
    rows=(
        DeviceRow(
            "id_card",
            msg("device.id_card"),
            Picture.CARD,
            Plain("sam-serial · /dev/kiosk-idcard"),
            _facts(
                {"sam": "ok", "card": "not_present", "sam_id": "05.01-20260101-0000417"},
                {"reads": 214, "failed_reads": 3},
            ),
            msg("device.state.online"),
            Tone.GOOD,
            last_test=msg("test.last", time="08:02", outcome=msg("test.passed")),
        ),
        DeviceRow(
            "scanner",
            msg("device.scanner"),
            Picture.SCAN,
            Plain("serial-scanner · /dev/kiosk-scan"),
            _facts({"light": "on"}, {"reads": 96, "failures": 1}),
            msg("device.state.starting"),
            Tone.WARNING,
            act=act_of(Fault("port.lost", Act.SUSPEND)),
            testing=True,
        ),
        DeviceRow(
            "receipt_printer",
            msg("device.receipt_printer"),
            Picture.PRINTER,
            Plain("escpos · socket://127.0.0.1:9100"),
            _facts({"paper": "out", "cover": "closed", "cutter": "ok"}, {"slips": 208}),
            msg("paper.out"),
            Tone.BAD,
            act=act_of(Fault("printer.paper_out", Act.CLEAR)),
            last_test=msg(
                "test.last", time="09:12", outcome=msg("test.failed", code="printer.paper_out")
            ),
        ),
        DeviceRow(
            "departments",
            msg("device.departments"),
            Picture.NETWORK,
            Plain("https · gateway"),
            _facts({}, {"asked": 311}),
            msg("device.state.offline"),
            Tone.BAD,
            act=act_of(Fault("department.unreachable", Act.SUSPEND)),
        ),
    ),
)

MAINTENANCE: dict[str, View[Any]] = {
    "pin": EnterPin(key="pin", digits=6),
    "pin-wrong": EnterPin(key="pin.wrong", digits=6, trouble=msg("pin.wrong")),
    "devices": DEVICES,
}
