"""One line of the bench's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `goal` is what `value` should not exceed."""

    name: str
    value: float
    unit: str
    goal: float | None
    detail: str

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"goal <= {self.goal:g}"
        met = "" if self.goal is None else ("ok  " if self.value <= self.goal else "MISS")
        return f"{met:4} {self.name:<44} {self.value:>9.3f} {self.unit:<4} {goal:<14} {self.detail}"
