"""Verifies the terminals' signatures (RFC 9421) and the digest of what they sent (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519, HMAC_SHA256
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from kiosk.sandbox.problems import Problem

COVERED = ("@method", "@target-uri", "content-digest")
"""What a signature must cover at least (docs/API.md)."""

KEY = "idempotency-key"
"""And this, where the request has one: another key would carry the request out again."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The terminals' keys by id: a PEM public key (Ed25519) or a shared secret (HMAC-SHA256)."""

    known: Mapping[str, bytes]

    @classmethod
    def in_directory(cls, directory: Path) -> Keys:
        """One file a terminal, named by its key id. Raises OSError."""
        return cls({file.stem: file.read_bytes().strip() for file in sorted(directory.iterdir())})


class _Resolver(HTTPSignatureKeyResolver):
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> bytes:
        return self._keys.known[key_id]


@dataclass(frozen=True, slots=True)
class _Message:
    """What the library reads of a request."""

    method: str
    url: str
    headers: Mapping[str, str]


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """Raise Problem digest.mismatch where Content-Digest is given and wrong."""
    given = headers.get("content-digest")
    if given is None:
        return
    expected = {
        f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:",
        f"sha-512=:{base64.b64encode(hashlib.sha512(body).digest()).decode()}:",
    }
    if not expected & {part.strip() for part in given.split(",")}:
        raise Problem("digest.mismatch")


def check_signature(keys: Keys, method: str, url: str, headers: Mapping[str, str]) -> str:
    """Which known terminal signed this request; raises Problem signature.invalid where none did."""
    message: Any = _Message(method, url, headers)
    covered = (*COVERED, KEY) if KEY in headers else COVERED
    for algorithm in (ED25519, HMAC_SHA256):
        verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=_Resolver(keys))
        try:
            for verified in verifier.verify(message, require_components=covered):
                return str(verified.parameters["keyid"])
        except (HTTPMessageSignaturesException, KeyError, ValueError, TypeError):
            continue
    raise Problem("signature.invalid")
