"""The chip-card reader: any that a PC/SC service serves, for the social-security card's public data."""

from __future__ import annotations

import errno
import threading
from dataclasses import replace
from typing import ClassVar, Literal

from devices.chipcard import apdu, atr
from devices.chipcard.pcsc import Card, Context, Lying, Trouble, matching
from devices.chipcard.social import (
    SOCIAL_SECURITY,
    Item,
    Layout,
    SocialCard,
    Undecodable,
    card_of,
    holder_of,
    record_of,
)
from devices.device import CLOSE_WITHIN_S, Cancel, Device, TestReport
from devices.faults import fault
from devices.status import CardPresence, Failed, Ok, Outcome, Result

WAIT_S = 0.1
"""One wait for a card: a citizen does not notice it, and a command is cancelled within it."""

REMOVAL_SEEN_S = 1.0
"""Within this a service notices that a card is gone: it looks every 0.4 s (pcsc-lite)."""

READERS_WAIT_S = 0.5
"""One wait for a reader to be plugged in."""

MOST_RECORDS = 20
"""A file of the social-security card has seven; more than this is a card that never ends."""

MOST_FETCHES = 8
"""So often in a row a card may ask to be asked again."""

TEST_WITHIN_S = 10.0

LAYOUTS = {"social-security": SOCIAL_SECURITY}

USERS = (Trouble.MUTE, Trouble.REMOVED, Trouble.BROKEN)
"""What a citizen mends by putting the card in again."""


class ChipFailure(Exception):
    """A card that cannot be read, on its way out of the conversation with it."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.fault.code)
        self.failed = failed


class ChipCardReader(Device):
    """Reads social-security cards at the PC/SC reader that `port` names (devices/chipcard/pcsc.py,
    `matching`). `layout` says where the cards keep what."""

    kind: ClassVar[str] = "chip_card"
    type_name: ClassVar[str] = "pcsc"
    port_form: ClassVar[str] = r"^.*\S.*$"

    def __init__(
        self, name: str, port: str, *, layout: Literal["social-security"] = "social-security"
    ) -> None:
        super().__init__(name, port)
        self._layout = LAYOUTS[layout]
        self._context: Context | None = None
        self._reader = ""
        self._spoilt: int | None = None
        self._watcher: threading.Thread | None = None

    async def read_card(self, timeout_s: float) -> Result[SocialCard]:
        """Wait until a card lies in the reader and read what it says to everybody.

        Fails with `chip.mute`, `chip.broken_off` or `card.removed` where putting it in again helps;
        `chip.not_social`, `chip.refused`, `chip.protocol` or `chip.unreadable` where it does not;
        TIMEOUT where none came. A card that failed must be taken out before it is tried again.
        """
        return await self.command(self._read_card, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Which reader it is, and what the card that lies there answers to reset."""
        return await self.command(self._test, TEST_WITHIN_S)

    def close(self, timeout_s: float = CLOSE_WITHIN_S) -> None:
        """As every device's; the thread that watches for readers ends with it."""
        super().close(timeout_s)
        watcher = self._watcher
        if watcher is not None:
            watcher.join(2 * READERS_WAIT_S)

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        opened = Context.open()
        self._context = opened if isinstance(opened, Context) else None
        self._spoilt = None

    def _close(self) -> None:
        context, self._context = self._context, None
        self._set(facts={"card": CardPresence.UNKNOWN.value})
        if context is not None:
            context.close()

    def _probe(self) -> Failed | None:
        if self._context is None:
            return Failed(Outcome.DEVICE_NOT_READY, fault("pcsc.no_service"))
        found = matching(self.port, self._context.readers())
        if not found:
            self._watch_for_readers()
            raise OSError(errno.ENODEV, "no such reader")
        if len(found) > 1:
            return Failed(Outcome.DEVICE_NOT_READY, fault("pcsc.ambiguous", ", ".join(found)))
        self._reader = found[0]
        self._set(facts={"reader": self._reader})
        self._told(self._context.lying(self._reader))
        return None

    def _poll(self) -> None:
        self._told(self._opened.lying(self._reader))

    # --- on the worker thread ----------------------------------------------------------------------

    @property
    def _opened(self) -> Context:
        if self._context is None:
            raise OSError(errno.ENODEV, "the service is not connected")
        return self._context

    def _watch_for_readers(self) -> None:
        """Have a thread tell as soon as the reader is plugged in: the service knows it at once."""
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(
                target=self._await_reader, name=f"{self.name}-readers", daemon=True
            )
            self._watcher.start()

    def _await_reader(self) -> None:
        try:
            context = Context.open()
        except OSError:
            return
        if not isinstance(context, Context):
            return
        try:
            while not self._stopping.is_set():
                if matching(self.port, context.readers()):
                    self.plugged(True)
                    return
                context.wait_for_readers(READERS_WAIT_S)
        except OSError:
            return
        finally:
            context.close()

    def _told(self, lying: Lying) -> Lying:
        there = CardPresence.PRESENT if lying.present else CardPresence.NOT_PRESENT
        self._set(facts={"card": there.value})
        return lying

    def _read_card(self, cancel: Cancel) -> Result[SocialCard]:
        lying = self._told(self._opened.lying(self._reader))
        while not cancel.over:
            if lying.present and lying.events != self._spoilt:
                result = self._read_lying(lying)
                self._count("reads" if isinstance(result, Ok) else "failed_reads")
                return result
            seconds = min(WAIT_S, cancel.remaining())
            lying = self._told(self._opened.lying(self._reader, lying.state, seconds))
        return cancel.failed()

    def _read_lying(self, lying: Lying) -> Result[SocialCard]:
        self._spoilt = lying.events
        if lying.mute:
            return Failed(Outcome.USER_ERROR, fault("chip.mute"))
        card = self._opened.connect(self._reader)
        if isinstance(card, Trouble):
            return self._seen_out(_failed(card), lying)
        try:
            read = self._social_card(card)
        except ChipFailure as failure:
            return self._seen_out(failure.failed, lying)
        except Undecodable as what:
            return Failed(Outcome.INVALID_DATA, fault("chip.unreadable", str(what)))
        finally:
            card.close()
        self._spoilt = None
        return Ok(read)

    def _seen_out(self, failed: Failed, lying: Lying) -> Failed:
        """The failure, or that the card was taken out: its reader often tells a broken line first."""
        if failed.fault.code != Trouble.BROKEN.value:
            return failed
        after = self._told(self._opened.lying(self._reader, lying.state, REMOVAL_SEEN_S))
        return (
            failed if after.present and after.events == lying.events else _failed(Trouble.REMOVED)
        )

    def _social_card(self, card: Card) -> SocialCard:
        layout = self._layout
        selected = _ask(card, apdu.select(layout.application))
        if selected.status in apdu.NO_FILE:
            raise ChipFailure(Failed(Outcome.INVALID_DATA, fault("chip.not_social")))
        _demand(selected)
        items = _file(card, layout, layout.card_file)
        if items is None:
            raise ChipFailure(Failed(Outcome.INVALID_DATA, fault("chip.refused", "public file")))
        read = card_of(items, layout)
        about_holder = _file(card, layout, layout.holder_file)
        holder = holder_of(about_holder, layout) if about_holder else None
        return replace(read, holder=holder)

    def _test(self, cancel: Cancel) -> Result[TestReport]:
        lying = self._told(self._opened.lying(self._reader))
        facts = {"reader": self._reader, "card": "present" if lying.present else "not_present"}
        lines = [f"Reader {self._reader}"]
        if lying.mute:
            lines.append("A card lies there and does not answer.")
        elif lying.present:
            try:
                answered = atr.parse(lying.atr)
            except atr.BadAtr as what:
                lines.append(f"The card's answer to reset makes no sense: {what}.")
            else:
                spoken = " ".join(f"T={number}" for number in answered.protocols)
                facts["protocols"] = spoken
                lines.append(f"A card lies there and speaks {spoken}.")
        else:
            lines.append("No card lies there.")
        return Ok(TestReport(facts, tuple(lines)))


def _file(card: Card, layout: Layout, file: int) -> dict[Item, bytes] | None:
    """The items of a file's records; None where the card keeps the file to itself or has none."""
    items: dict[Item, bytes] = {}
    for number in range(1, MOST_RECORDS + 1):
        record = _ask(card, apdu.read_record(file, number))
        if record.status in apdu.PROTECTED:
            return items or None
        if record.status in apdu.NO_FILE:
            break
        _demand(record)
        known = record_of(record.data, layout)
        if known is not None:
            items[known[0]] = known[1]
    return items or None


def _demand(answer: apdu.Answer) -> None:
    if not answer.ok:
        raise ChipFailure(
            Failed(Outcome.INVALID_DATA, fault("chip.refused", f"{answer.status:04X}"))
        )


def _ask(card: Card, command: bytes) -> apdu.Answer:
    """The card's whole answer: what waits is fetched, a wrong length is asked for anew."""
    data = b""
    for _ in range(MOST_FETCHES):
        raw = card.transmit(command)
        if isinstance(raw, Trouble):
            raise ChipFailure(_failed(raw))
        answer = apdu.answer(raw)
        if answer is None:
            raise ChipFailure(_failed(Trouble.BROKEN))
        data += answer.data
        if answer.more is not None:
            command = apdu.get_response(answer.more)
        elif answer.right_length is not None:
            command = command[:4] + bytes([answer.right_length])
        else:
            return apdu.Answer(data, answer.status)
    raise ChipFailure(_failed(Trouble.BROKEN))


def _failed(trouble: Trouble) -> Failed:
    outcome = Outcome.USER_ERROR if trouble in USERS else Outcome.HARDWARE_ERROR
    return Failed(outcome, fault(trouble.value))
