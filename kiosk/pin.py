"""The technician's PIN: kept as a scrypt hash, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets

COST_N, COST_R, COST_P = 2**14, 8, 1
"""scrypt cost (RFC 7914 section 2): 16 MiB and some 50 ms a try on the terminals' processors."""

SALT_BYTES = 16
HASH_BYTES = 32

BENCH_PIN = "246810"
"""The PIN of a bench, for everybody to know; production refuses its hash."""

BENCH_PIN_HASH = (
    "scrypt$16384$8$1$68616c6c2d7465726d696e616c2d2d31"
    "$cc90706d0d2be37663996372ca3baf89405fe13880e08498636b78d018d438fd"
)

PIN_DIGITS = 6

EASY = frozenset({"123456", "654321", "012345", "543210", BENCH_PIN})

PIN_HASH_FORM = r"^scrypt\$\d{4,7}\$\d{1,2}\$\d{1,2}\$[0-9a-f]{32}\$[0-9a-f]{64}$"


def pin_fault(pin: str) -> str:
    """What is wrong with `pin` as a technician's, or ""."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        return f"a PIN has {PIN_DIGITS} digits"
    if pin in EASY or len(set(pin)) == 1:
        return "everybody would try this PIN first"
    return ""


def hash_pin(pin: str, salt: bytes | None = None) -> str:
    """`pin` as `scrypt$N$r$p$salt$hash` (hex), with a fresh salt unless one is given."""
    salt = salt if salt is not None else secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(pin, salt, COST_N, COST_R, COST_P)
    return f"scrypt${COST_N}${COST_R}${COST_P}${salt.hex()}${digest.hex()}"


def pin_matches(pin: str, pin_hash: str) -> bool:
    """Whether `pin` is the one that `pin_hash` was made of. `pin_hash` has PIN_HASH_FORM."""
    _, n, r, p, salt, digest = pin_hash.split("$")
    tried = _scrypt(pin, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(tried, bytes.fromhex(digest))


def _scrypt(pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    memory = 128 * n * r * 2  # RFC 7914: 128 * N * r bytes, doubled for OpenSSL's own limit
    return hashlib.scrypt(pin.encode(), salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=HASH_BYTES)
