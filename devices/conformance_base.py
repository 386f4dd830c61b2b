"""What holds for every device: the suite under those of the families (devices/conformance.py)."""

from __future__ import annotations

import asyncio
import gc
import os
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, TypeVar

from devices.device import Device
from devices.faults import kind_of
from devices.registry import adapter_of
from devices.settings import settings_of
from devices.status import DeviceState, Failed, Health, Ok, Result

T = TypeVar("T")

WITHIN_S = 60.0
"""How long anything is waited for: generous, for machines that are busy with other tests."""

LOOK_EVERY_S = 0.02

LONGEST_FACT = 80
"""Facts are words and numbers for a technician, never a payload."""


class Seen:
    """What a device tells from now on, and waiting for it."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._told: queue.Queue[Health] = queue.Queue()
        device.listen(self._told.put)

    def until(self, wanted: Callable[[Health], bool], within_s: float = WITHIN_S) -> Health:
        """The health as `wanted`, now or as soon as it is told; fails the test where none comes."""
        last = self._device.health()
        if wanted(last):
            return last
        try:
            while True:
                last = self._told.get(timeout=within_s)
                if wanted(last):
                    return last
        except queue.Empty:
            raise AssertionError(f"not within {within_s} s; the last was {last}") from None


def result_of(work: Coroutine[Any, Any, Result[T]]) -> Result[T]:
    """What a command brought, within WITHIN_S."""
    return asyncio.run(asyncio.wait_for(work, WITHIN_S))


class DeviceConformance:
    """What holds for every device.

    - `kind`: that of the family
    - `silent`, `garbage`: the simulator's situations of those names, or "" where there is none
    - `pluggable`: whether its cable can be pulled
    - `exclusive`: whether a second device at the port is refused
    - `test_passes`: whether the device's own test succeeds on the simulator as it is
    """

    kind: ClassVar[str] = ""
    silent: ClassVar[str] = "silent"
    garbage: ClassVar[str] = "garbage"
    pluggable: ClassVar[bool] = True
    exclusive: ClassVar[bool] = True
    test_passes: ClassVar[bool] = True

    # --- for subclasses whose simulator is another thing than ours ---------------------------------

    def situate(self, simulator: Any, situation: str) -> None:
        """Put the simulator into a situation."""
        simulator.set_situation(situation)

    def unplug(self, simulator: Any) -> None:
        """Pull the cable."""
        simulator.unplug()

    def replug(self, simulator: Any) -> None:
        """Put it back."""
        simulator.replug()

    def another(self, device: Device) -> Device:
        """A second device at the same port."""
        return type(device)("another", device.port)

    # --- what a suite stands on --------------------------------------------------------------------

    @contextmanager
    def online(self, device: Device) -> Any:
        """The device, started and usable; closed afterwards."""
        seen = Seen(device)
        device.start()
        try:
            seen.until(lambda health: health.usable)
            yield seen
        finally:
            device.close()

    def fine(self, health: Health) -> None:
        """What is true of a device whatever happens."""
        assert all(
            isinstance(value, str) and len(value) <= LONGEST_FACT for value in health.facts.values()
        ), health.facts
        if health.fault is not None:
            assert kind_of(health.fault.code).act is health.fault.act
            assert health.fault.code != "device.bug", health.fault

    # --- the suite ---------------------------------------------------------------------------------

    def test_it_says_what_it_is(self, device: Device) -> None:
        health = device.health()
        assert self.kind in ("", device.kind)
        assert adapter_of(device.type_name) is type(device)
        assert (health.kind, health.type) == (device.kind, device.type_name)
        assert (health.name, health.port) == (device.name, device.port)
        assert health.state is DeviceState.STARTING

    def test_making_it_opens_nothing(self, device: Device) -> None:
        before = _open_now()
        type(device)("unopened", "/dev/no-such-port")
        assert not _open_now() - before

    def test_its_settings_have_plain_types_and_defaults(self, device: Device) -> None:
        for setting in settings_of(type(device)).values():
            assert setting.default is not setting, setting
            assert setting.taken(setting.default) == setting.default, setting

    def test_it_comes_online_and_tells_so_to_its_listeners(self, device: Device) -> None:
        with self.online(device):
            self.fine(device.health())

    def test_its_own_test_proves_that_it_works(self, device: Device) -> None:
        with self.online(device):
            result = result_of(device.test())
            if not self.test_passes:
                assert isinstance(result, Failed)
                return
            assert isinstance(result, Ok), result
            assert all(isinstance(line, str) for line in result.value.lines)
            self.fine(device.health())

    def test_a_missing_port_is_a_fault_and_no_exception(self, device: Device) -> None:
        absent = type(device)("absent", _absent(device.port))
        seen = Seen(absent)
        absent.start()
        health = seen.until(lambda health: health.fault is not None)
        assert not health.usable
        result = result_of(absent.test())
        absent.close()
        assert isinstance(result, Failed)
        self.fine(health)

    def test_silence_is_never_taken_for_health(self, device: Device, simulator: Any) -> None:
        if not self.silent:
            return
        self.situate(simulator, self.silent)
        seen = Seen(device)
        device.start()
        health = seen.until(lambda h: h.state is not DeviceState.STARTING and h.fault is not None)
        device.close()
        assert not health.usable
        self.fine(health)

    def test_garbage_breaks_nothing(self, device: Device, simulator: Any) -> None:
        if not self.garbage:
            return
        with self.online(device) as seen:
            self.situate(simulator, self.garbage)
            result = result_of(device.test())
            assert isinstance(result, Ok | Failed)
            self.fine(device.health())
            self.situate(simulator, "normal")
            seen.until(lambda health: health.usable)

    def test_unplugged_it_is_lost_once_and_comes_back(self, device: Device, simulator: Any) -> None:
        if not self.pluggable:
            return
        with self.online(device) as seen:
            self.unplug(simulator)
            lost = seen.until(lambda health: not health.usable)
            self.fine(lost)
            result = result_of(device.test())
            assert isinstance(result, Failed)
            self.replug(simulator)
            seen.until(lambda health: health.usable)
            assert device.health().counters["lost"] == 1

    def test_a_command_that_is_cancelled_leaves_it_at_rest(self, device: Device) -> None:
        async def cancelled() -> None:
            task = asyncio.ensure_future(device.test())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})

        with self.online(device) as seen:
            asyncio.run(asyncio.wait_for(cancelled(), WITHIN_S))
            seen.until(lambda health: health.usable)
            result = result_of(device.test())
            assert isinstance(result, Ok) is self.test_passes, result

    def test_two_do_not_share_a_port(self, device: Device) -> None:
        if not self.exclusive:
            return
        second = self.another(device)
        with self.online(device):
            seen = Seen(second)
            second.start()
            health = seen.until(lambda h: h.fault is not None)
            second.close()
        assert health.fault is not None
        assert health.fault.code == "port.busy"

    def test_closed_it_leaves_no_thread_and_no_descriptor(self, device: Device) -> None:
        with self.online(self.another(device)):  # what the process opens once and keeps
            pass
        threads, files = _threads(), _open_files()
        with self.online(device):
            pass
        result = result_of(device.test())
        assert isinstance(result, Failed)
        assert _settles(lambda: not _threads() - threads and _open_files() <= files), (
            _threads() - threads,
            _open_files() - files,
        )


def _threads() -> set[threading.Thread]:
    gc.collect()
    return set(threading.enumerate())


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _open_now() -> set[object]:
    """The threads that run and what the open descriptors are open on."""
    found: set[object] = set(threading.enumerate())
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the descriptor of this look
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
    return found


def _settles(holds: Callable[[], bool]) -> bool:
    """Whether it holds within WITHIN_S: the simulator's end of a connection goes a moment later."""
    pause, until = threading.Event(), time.monotonic() + WITHIN_S
    while not holds():
        if time.monotonic() > until:
            return False
        pause.wait(LOOK_EVERY_S)
    return True


def _absent(port: str) -> str:
    """A port of the same form where nothing is."""
    scheme, mark, rest = port.partition("://")
    if mark and ":" in rest:
        host, _, tail = rest.partition(":")
        return f"{scheme}://{host}:9{tail[tail.find('/') :] if '/' in tail else ''}"
    if "@" in port:
        return f"{port.partition('@')[0]}@127.0.0.1:9"
    return "/dev/no-such-port" if port.startswith("/") else "no-such-port"
