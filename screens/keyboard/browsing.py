"""Walking down the list of divisions to a county, and up again. Pure."""

from __future__ import annotations

from kiosk.divisions import Division, children, is_whole, own_name, parent, provinces

TOP = "top"
"""The name of the level of provinces."""


class Browsing:
    """Where in the list of divisions somebody looks: `at` is "" for the provinces. It begins at the list that
    holds `value`."""

    def __init__(self, value: str) -> None:
        self.at = parent(value) if is_whole(value) else ""
        self.page = 0

    @property
    def shown(self) -> tuple[Division, ...]:
        """The divisions of this level."""
        return children(self.at) if self.at else provinces()

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """The levels above this list, from the top: their names and what they are called ("" at the top)."""
        return ((TOP, ""), *((code, own_name(code)) for code in line_of(self.at)))

    def go(self, level: str) -> None:
        """Show the list of a level above."""
        self.at = "" if level == TOP else level
        self.page = 0

    def take(self, code: str) -> bool:
        """Choose a division: whether it is the answer; else its own list comes. A list of one is passed."""
        if is_whole(code):
            return True
        self.at, self.page = code, 0
        while len(only := children(self.at)) == 1 and children(only[0].code):
            self.at = only[0].code
        return False


def line_of(code: str) -> list[str]:
    """A division and all that it lies in, from the province down; nothing for ""."""
    line = []
    while code:
        line.insert(0, code)
        code = parent(code)
    return line
