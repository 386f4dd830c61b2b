"""A person's tag: joins rows of one person within a day, and tells nobody who it is.

HMAC-SHA256 over the day and the ID number, with a key that never leaves this terminal: without the
key nobody can try all numbers, and on the next day the same person has another tag.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import date
from pathlib import Path

KEY_FILE = "person-tags.key"
KEY_BYTES = 32
KEY_MODE = 0o600
TAG_CHARACTERS = 16
"""64 bits: two persons of one day share a tag never."""


class PersonTags:
    """Tags of one terminal. The key is made at the first start; OSError where it cannot be kept."""

    def __init__(self, state: Path) -> None:
        self._key = _key(state / KEY_FILE)

    def __repr__(self) -> str:
        return "PersonTags(***)"

    def tag(self, id_number: str, day: date) -> str:
        """The tag of `id_number` on `day`, in hex."""
        text = f"{day.isoformat()} {id_number}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:TAG_CHARACTERS]


def _key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) == KEY_BYTES:
        return key
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE)
    with open(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return key
