"""The doctor's checks of the devices: their ports, the permission to use them, and themselves."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devices.faults import kind_of
from devices.identity import SYS, identity_facts
from devices.status import Health, Paper
from kiosk.config_devices import Device, Devices
from kiosk.doctor.finding import Finding, bad, ok, warn
from kiosk.trial import PORT_HELD, probe

BY_PATH = Path("/dev/serial/by-path")
"""Where udev names serial ports by their sockets (60-serial.rules)."""


def ports(devices: Devices) -> Iterator[Finding]:
    """Whether each device file is there and may be used, and whether it is sure whose it is."""
    for name, device in devices.named():
        if device.port.startswith("/"):
            yield port(name, Path(device.port))
            yield from twin(name, Path(device.port))


def port(name: str, path: Path) -> Finding:
    """Whether the device file `path` of device `name` is there and may be used."""
    check = f"port {name}"
    try:
        mode = path.stat()
    except FileNotFoundError:
        remedy = "Plug it in; install config/udev; ls -l /dev/serial/by-id shows what is there"
        return bad(check, f"{path} is not there", remedy)
    except OSError as error:
        return bad(check, f"{path} cannot be looked at ({error.strerror})", "Look at its directory")
    if not stat.S_ISCHR(mode.st_mode):
        remedy = f"kiosk config set devices.{name}.port /dev/..."
        return bad(check, f"{path} is no device", remedy)
    if os.access(path, os.R_OK | os.W_OK):
        return ok(check, f"{path} may be used")
    group = _group(mode.st_gid)
    remedy = f"adduser $USER {group}, then log in again; install config/udev"
    return bad(check, f"{path} may not be used by this user", remedy)


def twin(name: str, path: Path, sys: Path = SYS, by_path: Path = BY_PATH) -> Iterator[Finding]:
    """A finding where an equal adapter is plugged in, and `path` may lead to that one tomorrow: it
    goes by the serial number that both share, or is the number that the kernel gave."""
    facts = identity_facts(str(path), sys)
    looks_the_same = facts.get("usb_twin")
    if looks_the_same != "ambiguous" and (looks_the_same != "yes" or path.is_symlink()):
        return
    sure = (link for link in sorted(by_path.glob("*")) if link.resolve() == path.resolve())
    lasting = next((str(link) for link in sure), f"{by_path}/...")
    what = f"{path} is one of two equal adapters ({facts['usb']}), and may lead to the other one"
    remedy = (
        f"Name it by its socket {facts['usb_socket']}: kiosk config set devices.{name}.port "
        f"{lasting}, or a rule with its ID_PATH as in config/udev"
    )
    yield warn(f"port {name}", what, remedy)


def devices(devices: Devices) -> Iterator[Finding]:
    """What each device says of itself; all are asked at once."""
    named = list(devices.named())
    with ThreadPoolExecutor(len(named), thread_name_prefix="doctor") as pool:
        yield from pool.map(lambda entry: device(*entry), named)


def device(name: str, settings: Device) -> Finding:
    """What one device says of itself."""
    check = f"device {name}"
    if settings.simulated:
        return ok(check, "is simulated, and comes with the terminal")
    return judged(check, probe(name, settings))


def judged(check: str, health: Health) -> Finding:
    """A device's health as a finding, with the words of devices/faults.py."""
    known = ", ".join(f"{key} {value}" for key, value in health.facts.items())
    fault = health.fault
    if fault is None:
        if health.usable and health.facts.get("paper") == Paper.LOW:
            return warn(check, f"{health.port}: {known}", "Put in a new roll soon")
        if health.usable:
            return ok(check, f"{health.port}: {known or 'answers'}")
        return bad(check, f"{health.port}: {health.state.value}", "Look at power and cable")
    kind = kind_of(fault.code)
    detail = f" ({fault.detail})" if fault.detail else ""
    what = f"{health.port}: {fault.code}{detail}: {kind.means}"
    remedy = f"{kind.remedy} Act: {fault.act.value}."
    if fault.code in PORT_HELD:
        remedy += " A running terminal holds its devices: stop it first."
    return warn(check, what, remedy) if health.usable else bad(check, what, remedy)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
