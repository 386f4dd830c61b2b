"""The sandbox's certificate authority: it seals departments' papers with a real digital signature.

A root made once a directory, and under it one signer an issuer; ECDSA on P-256 with SHA-256 (FIPS 186-5).
The signature is PAdES (ETSI EN 319 142-1) made by pyHanko, and certifies that nothing may be added.
Whoever checks trusts the root alone: `GET /_control/root.pem`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

ROOT_NAME = "演示部门电子签章根证书"
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
"""A sandbox's clock can be put forward by years; its certificates hold all the same."""

OVER = datetime(2021, 1, 1, tzinfo=UTC)
"""The end of a certificate that is over, whatever day the sandbox's clock shows."""

KEY_FILE, CERTIFICATE_FILE = "root.key", "root.pem"
OWNER_ONLY = 0o600

SIGNATURE_FIELD = "Seal"


@dataclass(frozen=True, slots=True)
class _Signer:
    key: EllipticCurvePrivateKey
    certificate: Certificate


class Authority:
    """Seals papers. May be used from several threads."""

    def __init__(self, directory: Path | None = None) -> None:
        """The root in `directory`, made where none is there; None keeps it in memory. Nothing is made or
        read before it is needed."""
        self._directory = directory
        self._lock = threading.RLock()
        self._signers: dict[tuple[str, bool], _Signer] = {}

    @property
    def root_pem(self) -> bytes:
        """The root's certificate."""
        from cryptography.hazmat.primitives.serialization import Encoding

        with self._lock:
            return self._root.certificate.public_bytes(Encoding.PEM)

    def seal(self, pdf: bytes, issuer: str, *, expired: bool = False) -> bytes:
        """`pdf` signed as a whole by `issuer`, whose certificate ran out where `expired`."""
        from asn1crypto import keys, x509
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import MDPPerm
        from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        empty: Any = SimpleCertificateStore

        with self._lock:
            signer = self._signer(issuer, expired)
        der = signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        simple = SimpleSigner(
            signing_cert=x509.Certificate.load(signer.certificate.public_bytes(Encoding.DER)),
            signing_key=keys.PrivateKeyInfo.load(der),
            cert_registry=empty(),
        )
        metadata = PdfSignatureMetadata(
            field_name=SIGNATURE_FIELD,
            md_algorithm="sha256",
            name=issuer,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        sealed = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, simple)
        return bytes(sealed.getvalue())

    @cached_property
    def _root(self) -> _Signer:
        if self._directory is None:
            return _new_root()
        kept = self._directory / KEY_FILE, self._directory / CERTIFICATE_FILE
        if not all(path.is_file() for path in kept):
            _keep(_new_root(), *kept)
        return _kept(*kept)

    def _signer(self, issuer: str, expired: bool) -> _Signer:
        found = self._signers.get((issuer, expired))
        if found is None:
            found = self._signers[issuer, expired] = _new_signer(self._root, issuer, expired)
        return found


def _new_root() -> _Signer:
    from cryptography import x509

    key = _new_key()
    name = _named(ROOT_NAME)
    about = _certificate(name, name, key, SINCE, UNTIL)
    about = about.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    about = about.add_extension(_usage(signs=False), critical=True)
    return _Signer(key, _issued(about, key, key))


def _new_signer(root: _Signer, issuer: str, expired: bool) -> _Signer:
    from cryptography import x509

    key = _new_key()
    until = OVER if expired else UNTIL
    about = _certificate(_named(issuer), root.certificate.subject, key, SINCE, until)
    about = about.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    about = about.add_extension(_usage(signs=True), critical=True)
    return _Signer(key, _issued(about, key, root.key))


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> Name:
    from cryptography.x509 import Name, NameAttribute
    from cryptography.x509.oid import NameOID

    longest = 64  # RFC 5280, appendix A.1: ub-common-name
    return Name(
        [
            NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            NameAttribute(NameOID.COMMON_NAME, name[:longest]),
        ]
    )


def _certificate(
    subject: Name, issuer: Name, key: EllipticCurvePrivateKey, since: datetime, until: datetime
) -> CertificateBuilder:
    from cryptography import x509

    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
    return (
        builder.public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _usage(*, signs: bool) -> KeyUsage:
    """A signer of documents, or an authority that signs certificates (RFC 5280, 4.2.1.3)."""
    from cryptography.x509 import KeyUsage

    return KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _issued(
    about: CertificateBuilder, subject: EllipticCurvePrivateKey, issuer: EllipticCurvePrivateKey
) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    of_subject = x509.SubjectKeyIdentifier.from_public_key(subject.public_key())
    of_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    about = about.add_extension(of_subject, critical=False)
    about = about.add_extension(of_issuer, critical=False)
    return about.sign(issuer, SHA256())


def _keep(root: _Signer, key_file: Path, certificate_file: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(OWNER_ONLY)
    pem = root.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file.write_bytes(pem)
    certificate_file.write_bytes(root.certificate.public_bytes(Encoding.PEM))


def _kept(key_file: Path, certificate_file: Path) -> _Signer:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("the root's key is of another kind")
    return _Signer(key, load_pem_x509_certificate(certificate_file.read_bytes()))
