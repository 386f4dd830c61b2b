"""Boards on simulated lines, and how to wait for what happens on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from devices.board.board import Board
from devices.board.compartments import Compartments
from devices.board.io_board import IoBoard
from devices.simulators.modbus_board import ModbusBoardSimulator
from devices.status import Health

WITHIN_S = 60.0
LOOK_EVERY_S = 0.02

LIGHTS = ("card=0", "printer=1")
LOCKS = ("1=4", "2=5", "4=7")
CLOSED = ("1=4", "2=5", "4=7")
CONTENT = ("1=1", "2=2")


async def until(board: Board, holds: Callable[[Health], bool]) -> Health:
    """Wait until the board's health `holds`; the health that did."""
    deadline = time.monotonic() + WITHIN_S
    while not holds(health := board.health()):
        assert time.monotonic() < deadline, f"it never came to that: {health}"
        await asyncio.sleep(LOOK_EVERY_S)
    return health


@asynccontextmanager
async def started(board: Board) -> AsyncIterator[Any]:
    """The board, found."""
    board.start()
    try:
        await until(board, lambda health: health.usable)
        yield board
    finally:
        await asyncio.to_thread(board.close, WITHIN_S)


def io_board(simulator: ModbusBoardSimulator, **settings: Any) -> IoBoard:
    return IoBoard("io_board", simulator.port, **{"lights": LIGHTS, **settings})


def compartments(simulator: ModbusBoardSimulator, **settings: Any) -> Compartments:
    given = {"locks": LOCKS, "closed": CLOSED, "content": CONTENT, "profile": "waveshare-8"}
    return Compartments("compartments", simulator.port, **(given | settings))
