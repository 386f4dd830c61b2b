"""What a person at the bench can do, said without a toolkit; the terminal connects it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol


class BenchHands(Protocol):
    """What a person at the bench can do. Every call returns at once; its effect may take time."""

    def cards(self) -> Sequence[tuple[str, str]]:
        """The invented cards: name to lay it by, and what to call it."""
        ...

    def lay(self, card: str) -> None:
        """Lay that card on the reader."""
        ...

    def take_card(self) -> None:
        """Take the card away."""
        ...

    def show_payment_code(self, channel: str) -> None:
        """Hold a phone with a payment code of that channel before the scanner."""
        ...

    def show_text(self, text: str) -> None:
        """Hold any other code before the scanner."""
        ...

    def pay_shown_code(self, channel: str) -> None:
        """Scan the code on the screen with that channel's app, and pay."""
        ...

    def run_paper_out(self) -> None:
        """Let the printer's paper end."""
        ...

    def refill_paper(self) -> None:
        """Put a new roll in."""
        ...

    def unplug_reader(self) -> None:
        """Pull the card reader's plug."""
        ...

    def replug_reader(self) -> None:
        """Put the plug back."""
        ...

    def situations(self) -> Mapping[str, Sequence[str]]:
        """What each simulated device can be in, by the device's name."""
        ...

    def situate(self, device: str, situation: str) -> None:
        """Put a simulated device into that situation."""
        ...

    def look_at_phone(self) -> None:
        """See what came since; `messages` and `sample_kinds` tell."""
        ...

    def messages(self) -> Sequence[tuple[str, str]]:
        """What came to phones, the newest first: to whom, and the code, else the text."""
        ...

    def sample_kinds(self) -> Sequence[str]:
        """Of what a code can be held before the scanner."""
        ...

    def hold_sample(self, kind: str) -> None:
        """Hold a code of that kind before the scanner."""
        ...

    def clear_documents(self) -> None:
        """Have the A4 printer go on: paper, jam, door."""
        ...

    def take_from_compartment(self) -> None:
        """Take what lies in the open compartment, and shut its door."""
        ...

    def take_slip(self) -> None:
        """Take the slip out of the printer's mouth."""
        ...

    def last_slip(self) -> Path | None:
        """The picture (PNG) of the slip that hangs there; None where there is none."""
        ...


class Bench:
    """The bench's place in the window, which stands before there are hands to connect."""

    def __init__(self) -> None:
        self.hands: BenchHands | None = None
        self._listeners: list[Callable[[BenchHands], None]] = []

    def connect(self, hands: BenchHands) -> None:
        """Give the panel its hands. On the loop that draws."""
        self.hands = hands
        for listener in self._listeners:
            listener(hands)

    def when_connected(self, listener: Callable[[BenchHands], None]) -> None:
        """Call `listener` with the hands once they are there."""
        self._listeners.append(listener)
