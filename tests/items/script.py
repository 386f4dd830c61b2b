"""A script of one item: what is answered, held, printed and called on the straight way through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.journeys.hall import Hall


@dataclass(frozen=True)
class Script:
    """One item's straight way.

    `answers` are by a view's key; where they need the hall, a function of it gives them. `scans` are
    the codes held in front of the scanner, in order; `scans_of` gives those that the hall has to be
    asked for. `slips` and `documents` come out. `calls` are all the calls that the item makes on its
    way, as (department, part of the path): each is failed in turn. `by_phone` is False for an item
    whose result has no address to take away.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    of_hall: Callable[[Hall], Mapping[str, Any]] = lambda _: {}
    card: str = "wang-xiulan"
    scans: tuple[str, ...] = ()
    scans_of: Callable[[Hall], tuple[str, ...]] = lambda _: ()
    slips: int = 1
    documents: int = 0
    calls: tuple[tuple[str, str], ...] = ()
    by_phone: bool = True
