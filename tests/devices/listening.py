"""A TCP port of a test's own, served on a thread for as long as a block lasts, one connection at a time."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Listener(ABC):
    """Listens at `port` (`socket://...`), and looks every `look_every_s` whether the test is over."""

    def __init__(self, look_every_s: float) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(look_every_s)
        self.port = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._listener.close()

    @abstractmethod
    def serve_one(self, connection: socket.socket) -> None:
        """One connection, until it ends; an OSError ends it too."""

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    self.serve_one(connection)
                except OSError:
                    continue
