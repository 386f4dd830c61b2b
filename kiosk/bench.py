"""Hands for a bench: what a person does beside the screen, done to the simulated devices.

Two users: the bench panel, whose buttons return at once, and a scripted person (kiosk/rehearsal.py),
who waits until it is done.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from devices.idcard.record import CardForm
from devices.simulators.cards import CARDS
from kiosk.calls import Errands
from kiosk.log import log
from kiosk.simulation import SandboxControl, Simulation, StandInFailed

CARD, SCANNER, PRINTER = "id_card", "scanner", "receipt_printer"
DOCUMENTS, COMPARTMENTS = "document_printer", "compartments"

DEPARTMENTS = (
    *("social-insurance", "medical", "property", "tax", "credit", "approval"),
    *("market", "fund", "publicity", "data", "payment", "hall"),
)

SANDBOX_SITUATIONS: Mapping[str, Mapping[str, Any]] = {
    "down": {"kind": "cut", "times": None},
    "slow": {"kind": "delay", "delay_s": 3.0, "times": None},
    "error": {"kind": "status", "status": 500, "times": None},
    "busy": {"kind": "status", "status": 429, "times": 1},
    "garbage": {"kind": "garbage", "times": 1},
    "answer_lost": {"kind": "lose_answer", "times": 1},
}
"""What a department can be told to do (docs/API.md, `/_control/faults`), by a short name."""

LOST_PATHS = {"payment": "payments", "social-insurance": "bookings", "tax": "pickups"}
"""The calls whose answer it matters to lose."""

FORMS = {
    CardForm.RESIDENT: "居民身份证",
    CardForm.HMT: "港澳台居民居住证",
    CardForm.FOREIGNER_2017: "外国人永居证 2017",
    CardForm.FOREIGNER_2023: "外国人永居证 2023",
}


class World:
    """A person's doing, awaited. Raises StandInFailed where a stand-in does not take part."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    @property
    def _sandbox(self) -> SandboxControl:
        return self._simulation.sandbox

    async def lay_card(self, card: str) -> None:
        """Lay the card of that slug."""
        await self._simulation.control(CARD).do("lay", card=card)

    async def take_card(self) -> None:
        """Take the card away."""
        await self._simulation.control(CARD).do("take")

    async def pay_shown_code(self, code_url: str, channel: str) -> None:
        """Scan the shown code with a channel's app, and pay; "" is whatever is payable now."""
        ledger = await self._sandbox.get("/ledger")
        for trade in reversed(ledger["trades"]):
            if trade["state"] == "NOTPAY" and code_url in ("", trade["code_url"]):
                path = f"/orders/{trade['out_trade_no']}/pay"
                await self._sandbox.post(path, {"channel": channel})
                return
        raise StandInFailed("sandbox: no code can be paid now")

    async def hold_payment_code(self, channel: str, behaviour: str = "ok") -> None:
        """Hold a phone with a payment code of that channel before the scanner."""
        issued = await self._sandbox.post(
            "/auth-codes", {"channel": channel, "behaviour": behaviour}
        )
        await self.show_text(issued["auth_code"])

    async def show_text(self, text: str) -> None:
        """Hold any code before the scanner."""
        await self._simulation.control(SCANNER).do("show", text=text)

    async def hold_code(self, text: str) -> None:
        """Hold the code of a paper or a phone before the scanner."""
        await self.show_text(text)

    async def last_code(self) -> str:
        """The newest one-time code on the phone. Raises StandInFailed where none came."""
        messages = await self._sandbox.get("/messages")
        codes = [message["code"] for message in messages if message["code"]]
        if not codes:
            raise StandInFailed("sandbox: no code was sent to a phone")
        return str(codes[-1])

    async def messages(self) -> list[tuple[str, str]]:
        """What came to phones, the newest first: to whom, and the code, else the text."""
        messages = await self._sandbox.get("/messages")
        return [(m["to"], m["code"] or m["text"]) for m in reversed(messages)]

    async def samples(self) -> dict[str, list[str]]:
        """Codes and numbers that can be held before the scanner, by what they are of."""
        told: dict[str, list[str]] = await self._sandbox.get("/samples")
        return {kind: codes for kind, codes in told.items() if codes}

    async def sample(self, kind: str) -> str:
        """A code of that kind; of a phone's, a fresh one. Raises StandInFailed where there is none."""
        codes = (await self.samples()).get(kind)
        if not codes:
            raise StandInFailed(f"sandbox: no code of {kind}")
        return codes[0]

    async def hold_sample(self, kind: str) -> None:
        """Hold a code of that kind before the scanner."""
        await self.show_text(await self.sample(kind))

    async def run_paper_out(self) -> None:
        """Let the paper end."""
        await self._simulation.control(PRINTER).do("run_out")

    async def refill_paper(self) -> None:
        """Put a new roll in."""
        await self._simulation.control(PRINTER).do("refill")

    async def clear_documents(self) -> None:
        """Fill the A4 printer, take the jammed sheet out, shut its door: whatever it waits for."""
        await self._simulation.control(DOCUMENTS).do("situation", name="normal")

    async def take_from_compartment(self, number: str) -> None:
        """Take what lies in the open compartment, and shut its door."""
        control = self._simulation.control(COMPARTMENTS)
        if await self._inside(number):
            await control.do("take", compartment=int(number))
        await control.do("shut", compartment=int(number))

    async def take_from_open_compartments(self) -> None:
        """Take what lies in any compartment that stands open, and shut its door."""
        state = await self._simulation.control(COMPARTMENTS).do("state")
        for number, shut in state["closed"].items():
            if not shut:
                await self.take_from_compartment(number)

    async def _inside(self, number: str) -> bool:
        """Whether a sensor sees something in the compartment."""
        state = await self._simulation.control(COMPARTMENTS).do("state")
        return bool(state["present"].get(number))

    async def take_slip(self) -> None:
        """Take the slip."""
        await self._simulation.control(PRINTER).do("take")

    async def plug(self, device: str, plugged: bool) -> None:
        """Pull a device's plug, or put it back."""
        await self._simulation.control(device).do("replug" if plugged else "unplug")

    async def misbehave(self, who: str, situation: str) -> None:
        """Put a device or a department into a situation. Raises StandInFailed for an unknown one."""
        if who in DEPARTMENTS:
            await self._misbehave_department(who, situation.replace("-", "_"))
            return
        try:
            control = self._simulation.control(who)
        except KeyError:
            known = ", ".join((CARD, SCANNER, PRINTER, *DEPARTMENTS))
            raise StandInFailed(f"nobody is called {who!r}; there are {known}") from None
        if situation == "unplugged":
            await control.do("unplug")
            return
        await control.do("situation", name=situation)

    async def _misbehave_department(self, who: str, situation: str) -> None:
        fault = SANDBOX_SITUATIONS.get(situation)
        if fault is None:
            known = ", ".join(SANDBOX_SITUATIONS)
            raise StandInFailed(f"{who} knows no situation {situation!r}; there are {known}")
        path = LOST_PATHS.get(who, "") if situation == "answer_lost" else ""
        await self._sandbox.post("/faults", {"department": who, "path": path, **fault})


class PanelHands:
    """The bench panel's hands: each returns at once, its effect follows."""

    def __init__(self, simulation: Simulation, errands: Errands) -> None:
        self._world = World(simulation)
        self._simulation = simulation
        self._errands = errands
        self._printed = 0
        self._messages: list[tuple[str, str]] = []
        self._kinds: tuple[str, ...] = ()

    def cards(self) -> Sequence[tuple[str, str]]:
        """The invented cards: slug, and what to call it."""
        return [
            (slug, f"{card.name or card.english_name} · {FORMS[card.form]}")
            for slug, card in CARDS.items()
        ]

    def lay(self, card: str) -> None:
        """Lay that card on the reader."""
        self._do(self._world.lay_card(card))

    def take_card(self) -> None:
        """Take the card away."""
        self._do(self._world.take_card())

    def show_payment_code(self, channel: str) -> None:
        """Hold a payment code of that channel before the scanner."""
        self._do(self._world.hold_payment_code(channel))

    def show_text(self, text: str) -> None:
        """Hold any other code before the scanner."""
        self._do(self._world.show_text(text))

    def pay_shown_code(self, channel: str) -> None:
        """Scan the code on the screen with that channel's app, and pay."""
        self._do(self._world.pay_shown_code("", channel))

    def run_paper_out(self) -> None:
        """Let the printer's paper end."""
        self._do(self._world.run_paper_out())

    def refill_paper(self) -> None:
        """Put a new roll in."""
        self._do(self._world.refill_paper())

    def unplug_reader(self) -> None:
        """Pull the card reader's plug."""
        self._do(self._world.plug(CARD, plugged=False))

    def replug_reader(self) -> None:
        """Put the plug back."""
        self._do(self._world.plug(CARD, plugged=True))

    def situations(self) -> Mapping[str, Sequence[str]]:
        """What each simulated device can be in, by the device's name."""
        return self._simulation.situations

    def situate(self, device: str, situation: str) -> None:
        """Put a simulated device into that situation."""
        self._do(self._world.misbehave(device, situation))

    def look_at_phone(self) -> None:
        """See what came since, and which codes can be held; `messages` and `sample_kinds` tell."""
        if self._simulation.sandbox_url:
            self._do(self._look_at_phone())

    def messages(self) -> Sequence[tuple[str, str]]:
        """What came to phones, the newest first: to whom, and the code, else the text."""
        return self._messages

    def sample_kinds(self) -> Sequence[str]:
        """Of what a code can be held before the scanner."""
        return self._kinds

    def hold_sample(self, kind: str) -> None:
        """Hold a code of that kind before the scanner."""
        self._do(self._world.hold_sample(kind))

    def clear_documents(self) -> None:
        """Have the A4 printer go on: paper, jam, door."""
        self._do(self._world.clear_documents())

    def take_from_compartment(self) -> None:
        """Take what lies in the open compartment, and shut its door."""
        self._do(self._world.take_from_open_compartments())

    async def _look_at_phone(self) -> None:
        with suppress(StandInFailed):  # looked at again in a moment
            self._messages = await self._world.messages()
            self._kinds = self._kinds or tuple(await self._world.samples())

    def take_slip(self) -> None:
        """Take the slip out of the printer's mouth."""
        self._printed = len(self._slips())
        self._do(self._world.take_slip())

    def last_slip(self) -> Path | None:
        """The picture of the slip that hangs there; None where there is none."""
        slips = self._slips()
        return slips[-1] if len(slips) > self._printed else None

    def _slips(self) -> list[Path]:
        return slips_in(self._simulation.slips)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._errands.start(self._tried(work))

    async def _tried(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (KeyError, StandInFailed):  # refused, or that device is a real one
            log("simulation.failed", name="bench", code="standin.refused")


def slips_in(directory: Path) -> list[Path]:
    """The pictures of printed slips, oldest first."""
    return sorted(directory.glob("slip-*.png")) if directory.is_dir() else []
