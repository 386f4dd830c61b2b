"""The trusted roots looked at before anybody prints: whether there are any, and how long they hold.

Without one every sealed document is refused (kiosk/seal.py), which a citizen would be the first to learn.
`kiosk config check` and `kiosk doctor` say so beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.config import Config
from kiosk.seal import certificates_in, name_of

RENEWED_WITHIN = timedelta(days=90)
"""A root that ends within this is told: a new one has to come from the authority, be checked, and reach every
terminal of a fleet."""

NAMED = 'in [documents], trusted_roots = ["tls/roots.pem"]'
NEW_ONE = "Have the authority's new certificate, compare its fingerprint, add it to that file"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of the roots; `grave` where documents are refused for it, `remedy` "" where nothing
    is to be done."""

    what: str
    remedy: str = ""
    grave: bool = False


def remarks(config: Config, directory: Path, now: datetime) -> Iterator[Remark]:
    """One for each certificate that is named, or one for there being none. `directory` is the
    configuration's, `now` a time with its zone."""
    files = config.documents.files(directory)
    if not files and config.sandbox.own:
        yield Remark("the own sandbox's root is trusted")
    elif not files:
        what = "no trusted root is named: every sealed document will be refused"
        remedy = (
            f"Put the certificates of the sealing authorities beside terminal.toml as PEM; {NAMED}"
        )
        yield Remark(what, remedy, grave=True)
    for file in files:
        found = certificates_in(file)
        if not found:
            yield Remark(
                f"no certificate can be read in {file}", f"Put it there as PEM; {NAMED}", True
            )
        for certificate in found:
            yield _of(file, certificate, now)


def _of(file: Path, certificate: Any, now: datetime) -> Remark:
    name, since, until, issues = _told(certificate)
    which = f"{name} in {file.name}"
    if not issues:
        what = f"{which} is no authority's certificate: nothing is sealed under it"
        return Remark(what, "Ask for the root that issued it", grave=True)
    if until <= now:
        return Remark(f"{which} ended on {until:%Y-%m-%d}", NEW_ONE, grave=True)
    if since > now:
        what = f"{which} holds from {since:%Y-%m-%d} only"
        return Remark(what, "Look at the clock: timedatectl; else wait for that day", grave=True)
    if until - now <= RENEWED_WITHIN:
        days = (until - now).days
        return Remark(f"{which} ends on {until:%Y-%m-%d}, in {days} days", NEW_ONE)
    return Remark(f"{which} holds until {until:%Y-%m-%d}")


def _told(certificate: Any) -> tuple[str, datetime, datetime, bool]:
    """Name, first and last moment, and whether it may issue others (RFC 5280, 4.2.1.9)."""
    validity = certificate["tbs_certificate"]["validity"]
    since, until = validity["not_before"].native, validity["not_after"].native
    return name_of(certificate), since, until, bool(certificate.ca)
