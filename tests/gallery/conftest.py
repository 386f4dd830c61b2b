"""The app whose pictures are taken: the one of tests/screens."""

from tests.screens.conftest import one_terminal, terminal

__all__ = ["one_terminal", "terminal"]
