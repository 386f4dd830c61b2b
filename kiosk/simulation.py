"""The bench's stand-ins as child processes: simulated devices and the sandbox departments.

Each child reads a pipe from the terminal and ends when it closes: also after kill -9 of the terminal,
nothing is left behind. A child that ends by itself is a device or a department that went away; the
terminal shows it so and goes on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.log import log

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.config_devices import Device

READY_WITHIN_S = 60.0
"""Python, FastAPI and a seeded database start within some 2 s on the slowest terminal that has nothing
else to do; a desk's machine that compiles and tests beside it may take twenty times that."""

END_WITHIN_S = 3.0
ANSWER_WITHIN_S = 30.0
"""They answer at once, but come last on a machine that has other work."""

CHILD_PRIORITY = 5
"""nice(2): stand-ins never take the processor from the screen."""

PAPERS = "documents"
"""Where the simulated A4 printer puts its paper, beside the slips."""

NARROWEST_80_DOTS = 500
"""Paper of 58 mm has 360 to 420 printable dots, of 80 mm 504 to 576 (devices/printer/profiles.py)."""


class StandInFailed(Exception):
    """A stand-in did what was asked of it not at all or otherwise; the message says which and why."""


@dataclass(slots=True)
class _Child:
    name: str
    process: Process
    ready: tuple[str, ...]
    watch: asyncio.Task[None] | None = None
    ended: bool = field(default=False)


class SimulatorControl:
    """One simulator's control socket: one JSON object a line each way."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    async def do(self, do: str, **given: Any) -> dict[str, Any]:
        """Have the simulator do something; its answer. Raises StandInFailed."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                reader, writer = await asyncio.open_unix_connection(str(self._path))
                try:
                    writer.write(json.dumps({"do": do, **given}).encode() + b"\n")
                    await writer.drain()
                    answer: dict[str, Any] = json.loads(await reader.readline())
                finally:
                    writer.close()
        except (OSError, ValueError) as error:
            raise StandInFailed(f"{self._name}: {type(error).__name__}") from None
        if not answer.get("ok"):
            raise StandInFailed(f"{self._name}: {answer.get('error')}")
        return answer


class SandboxControl:
    """The sandbox's control API (docs/API.md, `/_control`)."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def get(self, path: str) -> Any:
        """Read something. Raises StandInFailed."""
        return await asyncio.to_thread(self._call, "GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have something done. Raises StandInFailed."""
        return await asyncio.to_thread(self._call, "POST", path, body)

    def root(self) -> bytes | None:
        """The certificate under which its departments seal papers; None while it does not answer."""
        import requests

        try:
            answer = requests.get(f"{self._url}/_control/root.pem", timeout=ANSWER_WITHIN_S)
        except requests.RequestException:
            return None
        return answer.content if answer.ok else None

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        import requests

        try:
            answer = requests.request(
                method, f"{self._url}/_control{path}", json=body, timeout=ANSWER_WITHIN_S
            )
        except requests.RequestException as error:
            raise StandInFailed(f"sandbox: {type(error).__name__}") from None
        if not answer.ok:
            raise StandInFailed(f"sandbox: {path}: {answer.status_code}")
        return answer.json() if answer.content else None


class Simulation:
    """The stand-ins that one terminal brought up.

    `ports` are the simulated devices' by name, `situations` what each can be in, `sandbox_url` is ""
    where departments are real ones, `slips` is where the simulated printer leaves what it printed, as PNG,
    `papers` where the A4 printer leaves the documents that it took, as PDF, and their pages as PNG.
    """

    def __init__(self, slips: Path) -> None:
        self.ports: dict[str, str] = {}
        self.situations: dict[str, tuple[str, ...]] = {}
        self.sandbox_url = ""
        self.slips = slips
        self.papers = slips.with_name(PAPERS)
        self._controls: dict[str, SimulatorControl] = {}
        self._children: list[_Child] = []
        self._resources = AsyncExitStack()

    @classmethod
    async def start(
        cls, config: Config, state: Path, situations: Mapping[str, str] | None = None
    ) -> Simulation:
        """Bring up what `config` asks for; `situations` are the simulators' first ones by device.

        Raises StandInFailed where one does not come up.
        """
        simulation = cls(state / "slips")
        for left in simulation.slips.glob("slip-*.png"):  # of an earlier run
            left.unlink()
        for left in simulation.papers.glob("job-*"):
            left.unlink()
        begin = dict(situations or {})
        try:
            async with asyncio.TaskGroup() as group:
                for name, device in config.devices.named():
                    if device.simulated:
                        words = simulator_words(device, simulation.slips)
                        situation = begin.get(name)
                        chosen = ("--situation", situation) if situation else ()
                        group.create_task(simulation._simulate(name, (*words, *chosen)))
                if config.sandbox.own:
                    group.create_task(simulation._serve_sandbox(state))
        except* StandInFailed as failures:
            await simulation.close()
            raise failures.exceptions[0] from None
        return simulation

    def control(self, name: str) -> SimulatorControl:
        """The simulator of device `name`. Raises KeyError where that device is a real one."""
        return self._controls[name]

    @property
    def sandbox(self) -> SandboxControl:
        """The sandbox's control API."""
        return SandboxControl(self.sandbox_url)

    async def close(self) -> None:
        """End every child, and wait until it has ended."""
        for child in self._children:
            child.ended = True
            if child.process.stdin is not None:
                child.process.stdin.close()
        await asyncio.gather(*(_end(child) for child in self._children))
        self._children.clear()

    async def _simulate(self, name: str, words: tuple[str, ...]) -> None:
        child = await self._bring_up(name, ("-m", "devices.simulators", *words))
        *port, control = child.ready
        self.ports[name] = " ".join(port)  # a card reader's name has spaces
        self._controls[name] = SimulatorControl(name, Path(control.removeprefix("control=")))
        state = await self._controls[name].do("state")
        self.situations[name] = tuple(state["situations"])

    async def _serve_sandbox(self, state: Path) -> None:
        data = str(state / "sandbox")
        words = ("-m", "kiosk.sandbox", "--port", "0", "--data", data, "--while-stdin")
        child = await self._bring_up("sandbox", words)
        (self.sandbox_url,) = child.ready

    async def _bring_up(self, name: str, words: tuple[str, ...]) -> _Child:
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            "nice", "-n", str(CHILD_PRIORITY), sys.executable, *words, stdin=PIPE, stdout=PIPE
        )
        child = _Child(name, process, ())
        self._children.append(child)
        child.ready = await _ready(name, process)
        log("simulation.started", name=name, seconds=round(time.monotonic() - begun, 2))
        child.watch = asyncio.ensure_future(_watch(child))
        return child


def simulator_words(device: Device, out: Path) -> tuple[str, ...]:
    """How `python -m devices.simulators` is told to stand in for `device`; what a printer prints goes to
    `out`. Raises StandInFailed where there is no simulator."""
    from devices.simulators.kinds import kind_for

    kind = kind_for(device.type)
    if kind is None:
        raise StandInFailed(f"{device.type}: there is no simulator")
    settings = device.settings()
    words: tuple[str, ...] = (kind, "--while-stdin")
    if settings.get("baud"):
        words += ("--baud", str(settings["baud"]))
    if kind == "scanner":
        words += ("--profile", str(settings["profile"]))
    if kind == "keyboard-scanner":
        words += ("--layout", str(settings["layout"]))
    if kind == "printer":
        words += ("--out", str(out), "--width", _paper_mm(settings["profile"]))
    if kind == "document-printer":
        words += ("--out", str(out.with_name(PAPERS)))
    return words


def _paper_mm(profile: str) -> str:
    from devices.printer.profiles import PROFILES

    return "58" if PROFILES[profile].dots < NARROWEST_80_DOTS else "80"


async def _ready(name: str, process: Process) -> tuple[str, ...]:
    """What the child says once it answers, without the word `ready`."""
    if process.stdout is None:
        raise AssertionError("the child's output was asked for")
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            said = (await process.stdout.readline()).decode().split()
    except TimeoutError:
        said = []
    if len(said) < 2 or said[0] != "ready":
        log("simulation.failed", name=name, code="standin.not_ready")
        raise StandInFailed(f"{name}: its stand-in did not start")
    return tuple(said[1:])


async def _watch(child: _Child) -> None:
    status = await child.process.wait()
    if not child.ended:
        log("simulation.ended", name=child.name, status=status)


async def _end(child: _Child) -> None:
    try:
        await asyncio.wait_for(child.process.wait(), END_WITHIN_S)
    except TimeoutError:
        with suppress(ProcessLookupError):  # it may end in this very moment
            child.process.kill()
        await child.process.wait()
    if child.watch is not None:
        await child.watch
