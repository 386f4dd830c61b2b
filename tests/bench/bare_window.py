"""The peer of the cold start: a bare Kivy window with one label, ready after its first frame."""

import os

os.environ["KIVY_NO_ARGS"] = "1"
os.environ["KIVY_NO_CONFIG"] = "1"
os.environ["KIVY_NO_CONSOLELOG"] = "1"

from kivy.config import Config

Config.set("graphics", "width", os.environ["BENCH_WIDTH"])
Config.set("graphics", "height", os.environ["BENCH_HEIGHT"])
Config.set("graphics", "borderless", "1")

import sdnotify
from kivy.app import App
from kivy.core.window import Window
from kivy.uix.label import Label


class BareWindow(App):
    """One label; READY=1 when its first frame was flipped."""

    def build(self) -> Label:
        Window.bind(on_flip=self._ready)
        return Label(text="Ready", font_size=72)

    def _ready(self, *_: object) -> None:
        Window.unbind(on_flip=self._ready)
        sdnotify.SystemdNotifier().notify("READY=1")


BareWindow().run()
