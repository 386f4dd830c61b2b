"""Sets Kivy up as the only app of a kiosk, before any of it is imported (OPERATIONS.md A)."""

from __future__ import annotations

import os
from dataclasses import dataclass

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_IMAGE": "sdl2",
    "KIVY_METRICS_DENSITY": "1",
    "KIVY_DPI": "96",
}
"""No files of its own, no arguments of ours, one provider each: less to load, nothing to guess."""


@dataclass(frozen=True, slots=True)
class Display:
    """The window: its size in pixels, None for the whole screen; pictures a second at most; by how many
    degrees the picture is turned (the pointer turns with it)."""

    window: tuple[int, int] | None = None
    max_fps: int = 30
    cursor: bool = False
    rotation: int = 0


def configure_kivy(display: Display) -> None:
    """Single touch, no escape keys, no cursor. Must run before a Kivy window is imported."""
    os.environ.update(ENVIRONMENT)
    from kivy.config import Config

    for key, _ in Config.items("input"):
        Config.remove_option("input", key)
    Config.set("input", "mouse", "mouse,disable_multitouch,disable_hover")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "desktop", "0")
    Config.set("graphics", "show_cursor", str(int(display.cursor)))
    Config.set("graphics", "allow_screensaver", "0")
    Config.set("graphics", "maxfps", str(display.max_fps))
    Config.set("graphics", "multisamples", "0")
    Config.set("graphics", "rotation", str(display.rotation))
    Config.set("graphics", "resizable", "0")
    if display.window is None:
        Config.set("graphics", "fullscreen", "auto")
    else:
        Config.set("graphics", "fullscreen", "0")
        Config.set("graphics", "borderless", "1")
        Config.set("graphics", "width", str(display.window[0]))
        Config.set("graphics", "height", str(display.window[1]))
