"""HTTP message signatures (RFC 9421) for the departments that ask for them."""

from __future__ import annotations

from pathlib import Path

import requests
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPSignatureAlgorithm,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519, HMAC_SHA256

SIGNATURE_LABEL = "terminal"

SECRET_MIN_BYTES = 32
"""RFC 2104 section 3: a key shorter than the hash's output weakens HMAC."""


class RequestSigner:
    """Signs requests with the terminal's key.

    Raises OSError for a key file that cannot be read and ValueError for one that holds no key.
    """

    def __init__(self, key_id: str, key_file: Path) -> None:
        key = key_file.read_bytes()
        algorithm: type[HTTPSignatureAlgorithm] = ED25519
        if not key.lstrip().startswith(b"-----BEGIN"):
            algorithm, key = HMAC_SHA256, key.strip()
            if len(key) < SECRET_MIN_BYTES:
                raise ValueError(f"the signing secret must have {SECRET_MIN_BYTES} bytes or more")
        self._key_id = key_id
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithm,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key}),
        )
        self.sign(requests.Request("GET", "http://localhost/").prepare())

    def sign(self, request: requests.PreparedRequest) -> None:
        """Add Content-Digest, Signature-Input and Signature, covering what docs/API.md names."""
        covered = ["@method", "@target-uri", "content-digest"]
        if "Idempotency-Key" in request.headers:
            covered.append("idempotency-key")
        body = request.body or b""
        self._signer.sign(
            request,
            key_id=self._key_id,
            label=SIGNATURE_LABEL,
            covered_component_ids=covered,
            body=body if isinstance(body, bytes) else body.encode(),
        )
