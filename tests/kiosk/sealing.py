"""An authority of one's own, to seal papers rightly and wrongly: certificates, lists, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
SIGNER = "乳山市某局"

SERVER = ExtendedKeyUsageOID.SERVER_AUTH
PROGRAMS = ExtendedKeyUsageOID.CODE_SIGNING
DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


@dataclass(frozen=True)
class Holder:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def asn1(self) -> Any:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))


@dataclass(frozen=True)
class Use:
    """What a certificate is for, and how long it holds."""

    signs: bool = True
    authority: bool = False
    purposes: Sequence[x509.ObjectIdentifier] = ()
    since: datetime = NOW - YEAR
    until: datetime = NOW + YEAR


def issued(name: str, use: Use, by: Holder | None = None) -> Holder:
    """A certificate of `name`, by itself where `by` is None."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    signing = by.key if by else key
    usage = x509.KeyUsage(
        use.signs,
        use.signs,
        not use.signs,
        False,
        False,
        use.authority,
        use.authority,
        False,
        False,
    )
    builder = (
        x509.CertificateBuilder(subject_name=subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(use.since)
        .not_valid_after(use.until)
        .add_extension(x509.BasicConstraints(use.authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if use.purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(use.purposes)), critical=False)
    return Holder(key, builder.sign(signing, SHA256()))


def root(name: str = "根", **use: Any) -> Holder:
    """An authority of its own."""
    return issued(name, Use(signs=False, authority=True, **use))


@dataclass(frozen=True)
class Sealing:
    """How a paper is sealed: certified so that no more than `permits` may follow, or only approved; what is
    brought along."""

    certify: bool = True
    permits: MDPPerm = MDPPerm.NO_CHANGES
    field: str = "Seal"
    chain: Sequence[Holder] = ()
    attributes: Any = None


def seal(pdf: bytes, by: Holder, how: Sealing = Sealing()) -> bytes:
    """`pdf` signed by `by`."""
    store: Any = SimpleCertificateStore()
    for above in how.chain:
        store.register(above.asn1)
    der = by.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=by.asn1,
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=store,
    )
    signer.signed_attr_prov_spec = how.attributes
    metadata = PdfSignatureMetadata(
        field_name=how.field,
        md_algorithm="sha256",
        certify=how.certify,
        docmdp_permissions=how.permits,
    )
    sealed: Any = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer)
    return bytes(sealed.getvalue())


def revoking(authority: Holder, *holders: Holder, at: datetime = NOW - timedelta(hours=1)) -> Any:
    """The list of `authority`, which names `holders`, for a day from `at` on."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at)
        .next_update(at + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    for holder in holders:
        revoked = (
            x509.RevokedCertificateBuilder()
            .serial_number(holder.certificate.serial_number)
            .revocation_date(at - timedelta(hours=1))
        )
        builder = builder.add_revoked_certificate(revoked.build())
    signed = builder.sign(authority.key, SHA256())
    return asn1_crl.CertificateList.load(signed.public_bytes(Encoding.DER))


def with_lists(pdf: bytes, *lists: Any) -> bytes:
    """`pdf` with these lists of revoked certificates in its DSS, added behind the signature."""
    out = BytesIO(pdf)
    DocumentSecurityStore.add_dss(out, None, crls=lists)
    return out.getvalue()


def updated(pdf: bytes, change: Any) -> bytes:
    """`pdf` with an incremental update: `change` is given the writer and the first page."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    change(writer, page)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def byte_range(pdf: bytes) -> list[int]:
    """What the last signature covers."""
    (*_, last) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    return [int(each) for each in last.byte_range]
