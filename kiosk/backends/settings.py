"""Where a department's interface is and how long it may take: plain data, free of any library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEPARTMENTS = (
    "social-insurance",
    "medical",
    "property",
    "tax",
    "credit",
    "approval",
    "market",
    "fund",
    "publicity",
    "data",
    "payment",
    "hall",
)
"""The ids of docs/API.md, which are also the first segment of their addresses."""

CONNECT_TIMEOUT_S = 3.0
"""TCP and TLS together: one lost SYN (1 s) and its retransmission fit in."""

READ_TIMEOUT_S = 10.0
"""The longest silence between two bytes of an answer."""

TOTAL_S = 20.0
"""The whole call with its retries (SERVICES.md: allow 20 s for tax)."""

PAYMENT_TOTAL_S = 10.0
"""A call to the payment gateway (PAYMENTS.md: SUBMITTED 10 s, then UNKNOWN)."""

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Department:
    """One department's interface.

    `base_url` includes everything before the paths of docs/API.md ("https://gov.example/tax/v1").
    `ca_file` replaces the system's certificate authorities; `client_cert` (PEM, with its key unless
    `client_key` names one) is shown to the server. With `signing_key_file` every request is signed
    (RFC 9421) as `signing_key_id`: an Ed25519 private key in PEM, or else an HMAC-SHA256 secret.

    Raises ValueError for plain http to another machine and for a deadline that is not finite.
    """

    id: str
    base_url: str
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    read_timeout_s: float = READ_TIMEOUT_S
    total_s: float = TOTAL_S
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    signing_key_id: str = ""
    signing_key_file: Path | None = None

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if not address.hostname or address.scheme not in ("http", "https"):
            raise ValueError(f"{self.id}: base_url must be an http(s) address")
        if address.scheme == "http" and address.hostname not in LOOPBACK_HOSTS:
            raise ValueError(f"{self.id}: plain http is for this machine only, use https")
        if address.username or address.query or address.fragment:
            raise ValueError(f"{self.id}: base_url must hold no user, query or fragment")
        for name in ("connect_timeout_s", "read_timeout_s", "total_s"):
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds > 0):
                raise ValueError(f"{self.id}: {name} must be positive and finite")
        if bool(self.signing_key_id) != bool(self.signing_key_file):
            raise ValueError(f"{self.id}: signing_key_id and signing_key_file go together")


def departments_at(url: str) -> dict[str, Department]:
    """The departments under one address, as the sandbox serves them."""
    root = url.rstrip("/")
    return {
        name: Department(
            id=name,
            base_url=f"{root}/{name}/v1",
            total_s=PAYMENT_TOTAL_S if name == "payment" else TOTAL_S,
        )
        for name in DEPARTMENTS
    }
