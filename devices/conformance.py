"""The conformance kit: what every adapter must hold, as pytest suites, one for each family of devices.

An adapter's tests subclass the suite of its family and give two fixtures, `simulator` (running) and
`device` (at the simulator's port, not started); the suite's class attributes say what differs:

    class TestMyReader(IdCardReaderConformance):
        @pytest.fixture
        def simulator(self): ...

        @pytest.fixture
        def device(self, simulator): ...

The module imports no pytest and nothing of the product imports it, so that it is there wherever the
library is. `pytest.register_assert_rewrite("devices.conformance")` in conftest.py shows the values behind a
failed assertion.
"""

from __future__ import annotations

import asyncio
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from devices.conformance_base import WITHIN_S, DeviceConformance, Seen, result_of
from devices.status import Failed, Ok, Outcome, Result

SHORT_S = 1.5
"""The deadline of a command that shall run out of time."""


class IdCardReaderConformance(DeviceConformance, ABC):
    """Readers of ID cards: `read_card(timeout_s)`, as kiosk/hardware.py asks it.

    Subclasses say how a card is laid and what it says.
    """

    kind = "id_card"

    @abstractmethod
    def lay(self, simulator: Any) -> Any:
        """Lay a card; the `IdCard` that must be read of it."""

    def test_a_card_that_lies_there_is_read(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            laid = self.lay(simulator)
            result = result_of(device.read_card(WITHIN_S / 2))
        assert isinstance(result, Ok), result
        assert result.value == laid

    def test_what_was_read_is_masked_and_no_fact(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            laid = self.lay(simulator)
            result = result_of(device.read_card(WITHIN_S / 2))
            told = str(device.health())
        assert isinstance(result, Ok), result
        for secret in (laid.name, laid.id_number):
            assert not secret or secret not in told + repr(result)

    def test_without_a_card_the_command_runs_out_of_time(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.read_card(SHORT_S))
            assert isinstance(result, Failed)
            assert result.outcome is Outcome.TIMEOUT
            assert device.health().usable

    def test_unplugged_while_it_waits_for_a_card_it_fails(
        self, device: Any, simulator: Any
    ) -> None:
        async def waiting() -> Result[Any]:
            task = asyncio.ensure_future(device.read_card(WITHIN_S / 2))
            await asyncio.sleep(0)
            await asyncio.to_thread(self.unplug, simulator)
            result: Result[Any] = await task
            return result

        with self.online(device):
            result = result_of(waiting())
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY


class ScannerConformance(DeviceConformance):
    """Scanners: `scan(timeout_s)`. Subclasses say how a code is held before the window."""

    kind = "scanner"
    text: ClassVar[str] = "HT-2026-000123"

    def show(self, simulator: Any, text: str) -> None:
        """Hold a code of that text before the window, again and again."""
        simulator.control({"do": "show", "text": text})

    def hide(self, simulator: Any) -> None:
        """Take it away."""
        simulator.control({"do": "hide"})

    def test_a_code_that_is_shown_is_read(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            result = result_of(self._scan_while_showing(device, simulator, self.text))
        assert isinstance(result, Ok), result
        assert result.value.text == self.text

    def test_without_a_code_the_command_runs_out_of_time(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.scan(SHORT_S))
            assert isinstance(result, Failed)
            assert result.outcome is Outcome.TIMEOUT
            assert device.health().usable

    def test_control_characters_never_reach_the_caller(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            text = "AB\x1b[2J\x07C"
            result = result_of(self._scan_while_showing(device, simulator, text, SHORT_S * 2))
        if isinstance(result, Ok):
            assert all(unicodedata.category(char) != "Cc" for char in result.value.text)

    def test_what_was_scanned_is_masked_and_no_fact(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            result = result_of(self._scan_while_showing(device, simulator, self.text))
            told = str(device.health())
        assert self.text not in told + repr(result)

    async def _scan_while_showing(
        self, device: Any, simulator: Any, text: str, timeout_s: float = WITHIN_S / 2
    ) -> Result[Any]:
        task = asyncio.ensure_future(device.scan(timeout_s))
        await asyncio.sleep(0)
        await asyncio.to_thread(self.show, simulator, text)
        result: Result[Any] = await task
        return result


class ReceiptPrinterConformance(DeviceConformance, ABC):
    """Receipt printers: `print_slip(slip, timeout_s)`.

    `proves` is whether the printer can prove a slip's end; `faults` maps the simulator's situations to
    the fault that each must show as.
    """

    kind = "receipt_printer"
    proves: ClassVar[bool] = True
    faults: ClassVar[Mapping[str, str]] = {
        "paper_out": "printer.paper_out",
        "cover_open": "printer.cover_open",
    }

    @abstractmethod
    def printed(self, simulator: Any) -> int:
        """How many slips came out, cut."""

    def test_a_slip_comes_out_once(self, device: Any, simulator: Any) -> None:
        with self.online(device):
            result = result_of(device.print_slip(_slip("one"), WITHIN_S / 2))
        assert isinstance(result, Ok), result
        assert result.value.proven is (True if self.proves else None)
        assert self.printed(simulator) == 1

    def test_a_printer_that_cannot_print_says_why_and_prints_nothing(
        self, device: Any, simulator: Any
    ) -> None:
        with self.online(device):
            for situation, code in self.faults.items():
                self.situate(simulator, situation)
                result = result_of(device.print_slip(_slip(situation), WITHIN_S / 4))
                assert isinstance(result, Failed), situation
                assert result.fault.code == code
                self.situate(simulator, "normal")
        assert self.printed(simulator) == 0

    def test_unplugged_it_never_reports_a_slip_as_printed(
        self, device: Any, simulator: Any
    ) -> None:
        with self.online(device):
            self.unplug(simulator)
            result = result_of(device.print_slip(_slip("gone"), WITHIN_S / 4))
        assert isinstance(result, Failed)


def _slip(job: str) -> Any:
    from devices.printer.layout import Line, Slip

    return Slip(job=job, blocks=(Line("合规测试 conformance"),))


class DocumentPrinterConformance(DeviceConformance):
    """Printers of A4 documents: `print_document(document, options, timeout_s)` refuses what is not the
    document that was sent, before anything leaves."""

    kind = "document_printer"

    def test_a_document_with_another_digest_is_refused(self, device: Any) -> None:
        from devices.printer.document_pdf import Document

        with self.online(device):
            document = Document("conformance", b"%PDF-1.4\n%%EOF\n", "0" * 64)
            result = result_of(device.print_document(document, timeout_s=WITHIN_S / 2))
        assert isinstance(result, Failed)
        assert result.fault.code == "document.digest"


class IoBoardConformance(DeviceConformance):
    """Boards with lights and doors: `lights`, `light(name, on)`, `all_off()`."""

    kind = "io_board"

    def test_each_light_is_switched_on_and_off(self, device: Any) -> None:
        with self.online(device):
            for name in device.lights:
                for on in (True, False):
                    result = result_of(device.light(name, on, WITHIN_S / 2))
                    assert isinstance(result, Ok), (name, on, result)
            assert isinstance(result_of(device.all_off(WITHIN_S / 2)), Ok)

    def test_a_light_that_it_has_not_is_refused(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.light("no-such-light", True, WITHIN_S / 2))
        assert isinstance(result, Failed)


class CompartmentsConformance(DeviceConformance):
    """Lock boards: `compartments`, `open(name)`."""

    kind = "compartments"

    def test_each_compartment_opens(self, device: Any) -> None:
        with self.online(device):
            for name in device.compartments:
                result = result_of(device.open(name, WITHIN_S / 2))
                assert isinstance(result, Ok), (name, result)

    def test_a_compartment_that_it_has_not_is_refused(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.open("no-such-compartment", WITHIN_S / 2))
        assert isinstance(result, Failed)


class UpsConformance(DeviceConformance):
    """Supplies: `read(timeout_s)`; the fact `power` is mains, battery or unknown."""

    kind = "ups"
    exclusive = False

    def test_it_tells_where_the_power_comes_from(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.read(WITHIN_S / 2))
            power = device.health().facts["power"]
        assert isinstance(result, Ok), result
        assert power in ("mains", "battery", "unknown")


class ChipCardReaderConformance(DeviceConformance):
    """PC/SC readers: `read_card(timeout_s)`."""

    kind = "chip_card"
    exclusive = False

    def test_without_a_card_the_command_runs_out_of_time(self, device: Any) -> None:
        with self.online(device):
            result = result_of(device.read_card(SHORT_S))
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.TIMEOUT


class CameraConformance(DeviceConformance):
    """Cameras as a source of pictures: only with a consent that stands."""

    kind = "camera"


class SpeakerConformance(DeviceConformance):
    """Loudspeakers: their own test is to be heard."""

    kind = "speaker"
    pluggable = False


__all__ = [
    "CameraConformance",
    "ChipCardReaderConformance",
    "CompartmentsConformance",
    "DeviceConformance",
    "DocumentPrinterConformance",
    "IdCardReaderConformance",
    "IoBoardConformance",
    "ReceiptPrinterConformance",
    "ScannerConformance",
    "Seen",
    "SpeakerConformance",
    "UpsConformance",
    "result_of",
]
