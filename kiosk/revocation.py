"""What a sealed document itself says of withdrawn certificates: the lists and answers it carries along.

A terminal in a hall's network reaches no list of revoked certificates, so it asks none. A document sealed
for long keeping (PAdES B-LT, ETSI EN 319 142-1, 5.4) brings them: in its DSS dictionary (ISO 32000-2,
12.8.4.3), or within the signature (the attribute adbe-revocationInfoArchival, 12.8.3.3.2). One that says
that the seal's certificate, or an authority above it, was revoked is believed; its silence proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

WITHIN_SIGNATURE = "adobe_revocation_info_archival"
"""asn1crypto's name of the attribute 1.2.840.113583.1.1.8."""

REVOKED = frozenset({"REVOKED", "REVOKED_NO_POE", "REVOKED_CA_NO_POE"})
"""Sub-indications of ETSI EN 319 102-1, table 3: a list or an answer names the certificate."""

AS_OLD_AS = timedelta(days=20 * 365)
"""A list that is out of date still names what was revoked by then: nothing is revoked for a while only."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The lists and answers of a document, and the certificates that it brings to check them by."""

    crls: list[Any] = field(default_factory=list)
    ocsps: list[Any] = field(default_factory=list)
    certificates: list[Any] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.crls or self.ocsps)


def carried(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Carried:
    """What the document carries along for `signature`. Raises what pyHanko raises for a broken one."""
    from pyhanko.sign.general import find_cms_attribute_iter
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko.sign.validation.errors import NoDSSFoundError

    found = Carried()
    signed = signature.signer_info["signed_attrs"]
    for archive in find_cms_attribute_iter(signed, WITHIN_SIGNATURE):
        found.crls.extend(archive["crl"] or ())
        found.ocsps.extend(archive["ocsp"] or ())
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return found
    context = store.as_validation_context({"trust_roots": []})
    found.crls.extend(context.crls)
    found.ocsps.extend(context.ocsps)
    found.certificates.extend(store.load_certs())
    return found


def is_revoked(
    signature: EmbeddedPdfSignature, known: Carried, roots: Sequence[Any], moment: datetime
) -> bool:
    """Whether `known` says that the signer's certificate, or one above it, was revoked at `moment`."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    for policy in _policies():
        context = ValidationContext(
            trust_roots=list(roots),
            other_certs=known.certificates,
            crls=known.crls,
            ocsps=known.ocsps,
            moment=moment,
            allow_fetching=False,
            revinfo_policy=policy,
        )
        problem = validate_pdf_signature(signature, context).trust_problem_indic
        if problem is not None and problem.standard_name in REVOKED:
            return True
    return False


def _policies() -> Iterator[Any]:
    """Have the signer looked up, then everybody: a list about one says nothing of the other."""
    from pyhanko_certvalidator.policy_decl import (
        CertRevTrustPolicy,
        FreshnessReqType,
        RevocationCheckingPolicy,
        RevocationCheckingRule,
    )

    either = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    for above in (RevocationCheckingRule.NO_CHECK, either):
        checked = RevocationCheckingPolicy(
            ee_certificate_rule=either, intermediate_ca_cert_rule=above
        )
        yield CertRevTrustPolicy(
            checked,
            freshness=AS_OLD_AS,
            freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        )
