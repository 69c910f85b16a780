"""A TDX quote, verified up to the root, with the checks that must hold stated here once more.

`dcap_qvl` checks the chain of signatures (root, PCK, quoting enclave, attestation key, quote), both
revocation lists and their dates, TCB info and its dates, the quoting enclave against its identity, and
the debug bit. It takes any TCB status but Revoked, and says nothing about report data, measurements or
clocks: those are ours. What must never pass silently is checked here again, on the verified bytes, so
that a release of the verifier which forgets a check (CVE-2026-22696 forgot the identity) does not matter.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import dcap_qvl

from harness.confidential import errors
from harness.confidential.collateral import Collateral, first_line
from harness.confidential.errors import AttestationError
from harness.confidential.policy import REGISTERS, AttestationPolicy, Measurement

MAX_QUOTE = 64 * 1024
_TDX, _QE_IDENTITY = 0x81, "TD_QE"

# What the verifier's messages mean; the first that occurs counts. For diagnosis only: whatever it raises
# is a refusal.
_MEANINGS = (
    ("QE report hash", errors.QUOTE_REJECTED),
    ("Debug mode", errors.DEBUG),
    ("CertRevoked", errors.REVOKED),
    ("status is invalid: Revoked", errors.REVOKED),
    ("in the future", errors.CLOCK_SKEW),
    ("QeIdentity", errors.QE_IDENTITY),
    ("QE Identity expired", errors.COLLATERAL_EXPIRED),
    ("QE ", errors.QE_IDENTITY),
    ("qe_identity", errors.QE_IDENTITY),
    ("No matching TCB level", errors.TCB_STATUS),
    ("ISVSVN", errors.TCB_STATUS),
    ("TCB status", errors.TCB_STATUS),
    ("expired", errors.COLLATERAL_EXPIRED),
    ("Expired", errors.COLLATERAL_EXPIRED),
    ("NotValidYet", errors.CLOCK_SKEW),
    ("decode quote", errors.QUOTE_MALFORMED),
)


@dataclass(frozen=True)
class VerifiedQuote:
    """What a quote says, once its signatures lead to the root."""

    report_data: bytes
    registers: dict[str, bytes]
    status: str
    platform_status: str
    qe_status: str
    advisories: tuple[str, ...]
    evaluation: int
    expires_at: int  # unix seconds; the earliest end of a certificate, list or document behind it
    code: str  # the name of the matching measurement; "" when none is required


def verify_quote(
    quote: bytes, collateral: Collateral, policy: AttestationPolicy, now: int
) -> VerifiedQuote:
    """Verify at `now` (unix seconds); AttestationError for whatever does not hold."""
    parsed = _parse(quote)
    claims = _claims(quote, collateral, policy, now)
    report = parsed.report
    # Bit 0 is debug; a domain with any bit of its group is untrusted.
    if report.td_attributes[0] != 0:
        raise AttestationError(errors.DEBUG, "the trust domain runs in debug mode")
    _check_identity(claims, collateral)
    merged, platform, qe = _statuses(claims, policy)
    evaluation = min(claims["tcb"]["eval_data_number"], claims["qe"]["tcb_eval_data_number"])
    if evaluation < policy.min_evaluation:
        raise AttestationError(
            errors.TCB_STATUS,
            f"Intel's documents are of evaluation {evaluation}, below {policy.min_evaluation}",
        )
    expires_at = min(claims["earliest_expiration_date"], claims["qe_iden_earliest_expiration_date"])
    if expires_at <= now:
        raise AttestationError(errors.COLLATERAL_EXPIRED, "a document behind the quote has expired")
    registers = {name: bytes(getattr(report, name)) for name in REGISTERS}
    return VerifiedQuote(
        bytes(report.report_data),
        registers,
        merged,
        platform,
        qe,
        tuple(claims["tcb"]["advisory_ids"]),
        evaluation,
        expires_at,
        _code(registers, policy.measurements),
    )


def _parse(quote: bytes) -> Any:
    if len(quote) > MAX_QUOTE:
        raise AttestationError(errors.QUOTE_MALFORMED, f"a quote of {len(quote)} bytes")
    try:
        parsed = dcap_qvl.Quote.parse(quote)
    except ValueError as failure:
        raise AttestationError(errors.QUOTE_MALFORMED, first_line(failure)) from None
    header = parsed.header
    if header.tee_type != _TDX or header.version not in (4, 5):
        raise AttestationError(
            errors.QUOTE_MALFORMED,
            f"not a TDX quote (kind {header.tee_type:#x}, version {header.version})",
        )
    return parsed


def _claims(
    quote: bytes, collateral: Collateral, policy: AttestationPolicy, now: int
) -> dict[str, Any]:
    verifier = dcap_qvl.QuoteVerifier(policy.devnet_root)  # None is Intel's root
    try:
        # The older entrance names causes, refuses bound service domains, and has to agree with the other.
        if policy.devnet_root is None:
            legacy = dcap_qvl.verify(quote, collateral, now)
        else:
            legacy = dcap_qvl.verify_with_root_ca(quote, collateral, policy.devnet_root, now)
        # The policy of the library is left open: ours is below, where it can be read and tested.
        open_policy = dcap_qvl.QuotePolicy.claims_only(now)
        claims = verifier.verify_with_policy(quote, collateral, now, open_policy)
    except ValueError as failure:
        why = first_line(failure)
        raise AttestationError(_meaning(why), f"the quote does not verify: {why}") from None
    document: dict[str, Any] = json.loads(claims.to_json())
    if document["tcb"]["status"] != legacy.status:
        raise AttestationError(errors.QUOTE_REJECTED, "the verifier contradicts itself")
    return document


def _meaning(message: str) -> str:
    return next((reason for words, reason in _MEANINGS if words in message), errors.QUOTE_REJECTED)


def _check_identity(claims: dict[str, Any], collateral: Collateral) -> None:
    """The quoting enclave is the one that the signed identity names."""
    try:
        identity = json.loads(collateral.qe_identity)
        kind = identity["id"]
        signer, product = identity["mrsigner"].lower(), identity["isvprodid"]
        shown, mask = (
            bytes.fromhex(claims["qe"]["report"]["attributes"]),
            bytes.fromhex(identity["attributesMask"]),
        )
        expected = bytes.fromhex(identity["attributes"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AttestationError(errors.QE_IDENTITY, "there is no QE identity") from None
    report = claims["qe"]["report"]
    if kind != _QE_IDENTITY:
        raise AttestationError(errors.QE_IDENTITY, f"the QE identity is of {kind!r}")
    if report["mr_signer"].lower() != signer or report["isv_prod_id"] != product:
        raise AttestationError(errors.QE_IDENTITY, "the quoting enclave is another's")
    if len({len(shown), len(mask), len(expected)}) != 1 or any(
        s & m != e & m for s, m, e in zip(shown, mask, expected)
    ):
        raise AttestationError(errors.QE_IDENTITY, "the quoting enclave's attributes differ")
    if shown[0] & 0x02:
        raise AttestationError(errors.QE_IDENTITY, "the quoting enclave runs in debug mode")


def _statuses(claims: dict[str, Any], policy: AttestationPolicy) -> tuple[str, str, str]:
    """Merged, platform's and quoting enclave's TCB status, each an accepted one."""
    statuses = (
        claims["tcb"]["status"],
        claims["platform"]["tcb_level"]["tcbStatus"],
        claims["qe"]["tcb_level"]["tcbStatus"],
    )
    for status in statuses:
        if status not in policy.accepted_status:
            advisories = ", ".join(claims["tcb"]["advisory_ids"])
            raise AttestationError(
                errors.TCB_STATUS,
                f"the platform's TCB status is {status}" + (f" ({advisories})" * bool(advisories)),
            )
    return statuses


def _code(registers: dict[str, bytes], accepted: tuple[Measurement, ...]) -> str:
    if not accepted:
        return ""
    found = next((m.name for m in accepted if m.matches(registers)), None)
    if found is None:
        shown = hashlib.sha256(b"".join(registers.values())).hexdigest()[:16]
        raise AttestationError(
            errors.MEASUREMENT, f"the enclave's registers (digest {shown}) are on no accepted list"
        )
    return found
