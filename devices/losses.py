"""Why a device is not there, from what its port raised: the fault, and the state that follows."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from devices.faults import fault
from devices.status import DeviceState, Fault

FLAPPING = fault("device.flapping")

HUNG = fault("device.hung")

STUCK = fault("device.stuck")

CODES: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOENT: "port.missing",
        errno.ENODEV: "port.missing",
        errno.ENXIO: "port.missing",
        errno.EACCES: "port.forbidden",
        errno.EPERM: "port.forbidden",
        errno.EAGAIN: "port.busy",
        errno.EBUSY: "port.busy",
        errno.EINVAL: "port.unsuitable",
        errno.ENOTTY: "port.unsuitable",
        errno.EISDIR: "port.unsuitable",
        errno.ENOTDIR: "port.unsuitable",
    }
)
"""errno(3) of an open that failed; everything else is a connection that broke."""


UNREACHED = (
    "port.",
    "device.silent",
    "device.stuck",
    "document.server_absent",
    "document.unreachable",
    "pcsc.no_service",
)
"""How the codes begin that say that nobody was reached: nothing is known of the device itself."""


def loss(error: BaseException) -> Fault:
    """The fault of a port that raised `error`, one of `devices.serial_port.LOST`."""
    first = error.args[0] if error.args else None
    number = getattr(error, "errno", None) or (first if isinstance(first, int) else 0)
    detail = f"errno {number}" if number else ""
    return replace(fault(CODES.get(number, "port.lost")), detail=detail)


def bug(error: BaseException) -> Fault:
    """The fault of an adapter that broke: the exception's name alone, for its text may hold data."""
    return fault("device.bug", type(error).__name__)


def state_for(problem: Fault) -> DeviceState:
    """What a device is that could not be connected."""
    if problem.code == "port.missing":
        return DeviceState.NO_DEVICE
    if problem.code.startswith(UNREACHED):
        return DeviceState.OFFLINE
    return DeviceState.HARDWARE_ERROR
