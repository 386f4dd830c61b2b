"""A part of a picture that is built again by itself, while the rest stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from screens.widgets.block import Block


class Live(Block):
    """Holds what `build` makes, in its own rectangle; `renew` makes it again there."""

    def __init__(self, build: Callable[[], Block], grow: float = 0.0) -> None:
        super().__init__(grow)
        self._build = build
        self.child = build()
        self.add_widget(self.child)

    def height_for(self, width: float) -> float:
        return self.child.height_for(width)

    def arrange(self) -> None:
        self.child.place(self.x, self.y, self.width, self.height)

    def renew(self) -> None:
        """Build again, at the same place."""
        self.remove_widget(self.child)
        self.child.discard()
        self.child = self._build()
        self.add_widget(self.child)
        self.arrange()
