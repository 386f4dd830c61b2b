"""How long the terminal waits for people and for work, in one record."""

from __future__ import annotations

from dataclasses import dataclass

PROGRESS_AFTER_S = 1.0
"""From here on a wait is put into words (SCREENS.md, long work)."""

PRINTER_RECHECK_S = 0.5
"""How often a fault screen looks whether the paper is back: sooner than a person closes the cover."""

PRINTER_ANSWER_S = 3.0
"""How long a printer may take to say how it is before a payment: its own silence counts as gone."""

PAPER_COMES_S = 120.0
"""Before and beside its pages a document may wait so long: the printer wakes up, a jam is cleared."""

PAGE_TAKES_S = 6.0
"""Ten pages a minute: the slowest A4 printer of a hall."""

ASSISTANCE_RECHECK_S = 3.0
"""How often an open call for staff is asked for its state."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Waits for people, in seconds; configuration `[timing]` overrides them."""

    idle_s: float = 60.0  # no touch on a question: then "more time?"
    more_time_s: float = 20.0  # WCAG 2.2: at least 20 s to ask for more time
    identify_s: float = 60.0  # visible countdown for the card
    show_code_s: float = 120.0  # PAYMENTS.md: QR_SHOWN
    scan_s: float = 60.0  # the citizen opens the payment code on the phone
    print_s: float = 40.0  # the longest slip at 9600 baud, with its cut
    finished_s: float = 30.0  # SCREENS.md, end: 30 s to the attract screen
    trouble_s: float = 120.0  # staff needs longer than a citizen
    unknown_s: float = 80.0  # the longest query window (Alipay 60 s), its last query and its close
    booking_s: float = 80.0  # a department's 20 s and the retries after 5, 15, 30 s
