"""What the locked release of the verifier enforces by itself, and that ours holds without it.

A later release that forgets one of these shows here first. Ours is checked with the library's answer
replaced by that for a good quote.
"""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import dcap_qvl
import pytest

from harness.confidential import errors, quote
from harness.confidential.collateral import Collateral
from harness.confidential.devnet_pki import Defects, DevnetPki
from harness.confidential.devnet_quote import TrustDomain, make_quote
from harness.confidential.errors import AttestationError
from harness.confidential.policy import AttestationPolicy

NOW = int(time.time())
PKI = DevnetPki()
POLICY = AttestationPolicy(devnet_root=PKI.root_der, chain_id=31337)
QUOTE = make_quote(PKI, bytes(range(64)))


def collateral(defects: Defects | None = None, **changes: Any) -> Collateral:
    return Collateral.from_json(json.dumps(PKI.collateral(defects) | changes))


def library(raw: bytes = QUOTE, given: Collateral | None = None, root: bytes | None = None) -> str:
    """The library alone: both entrances, which must agree."""
    given, root = given or collateral(), root or PKI.root_der
    status: str = dcap_qvl.verify_with_root_ca(raw, given, root, NOW).status
    open_policy = dcap_qvl.QuotePolicy.claims_only(NOW)
    claims = dcap_qvl.QuoteVerifier(root).verify_with_policy(raw, given, NOW, open_policy)
    assert json.loads(claims.to_json())["tcb"]["status"] == status
    return status


def test_the_release_accepts_a_good_quote() -> None:
    assert dcap_qvl.__version__ == "0.7.0"  # read docs/halo/confidential.md again when this changes
    assert library() == "UpToDate"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (collateral(Defects(qe_identity="missing")), "QeIdentity"),
        (collateral(Defects(qe_identity="wrong")), "QE MRSIGNER mismatch"),
        (collateral(Defects(expired=True)), "expired"),
        (collateral(Defects(lists_expired=True)), "CrlExpired"),
        (collateral(Defects(revoked=True)), "CertRevoked"),
        (collateral(Defects(ca_revoked=True)), "CertRevoked"),
        (collateral(Defects("Revoked")), "Revoked"),
        (collateral(tcb_info_signature="11" * 64), "Signature is invalid"),
        (collateral(qe_identity_signature="11" * 64), "Signature is invalid"),
        (collateral(pck_crl=PKI.collateral()["root_ca_crl"]), "UnknownRevocationStatus"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_release_refuses(given: Collateral, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        library(given=given)


def test_the_release_refuses_debug_and_foreign_roots() -> None:
    with pytest.raises(ValueError, match="Debug mode"):
        library(make_quote(PKI, bytes(64), TrustDomain(debug=True)))
    with pytest.raises(ValueError):
        library(root=DevnetPki().root_der)
    with pytest.raises(ValueError):
        dcap_qvl.verify(QUOTE, collateral(), NOW)


@pytest.mark.parametrize(
    "status",
    [
        "OutOfDate",
        "ConfigurationNeeded",
        "ConfigurationAndSWHardeningNeeded",
        "OutOfDateConfigurationNeeded",
    ],
)
def test_the_release_takes_statuses_that_we_refuse(status: str) -> None:
    given = collateral(Defects(status))
    assert library(given=given) == status
    with pytest.raises(AttestationError) as refused:
        quote.verify_quote(QUOTE, given, POLICY, NOW)
    assert refused.value.reason == errors.TCB_STATUS


def test_hardening_needed_is_accepted_and_told() -> None:
    found = quote.verify_quote(QUOTE, collateral(Defects("SWHardeningNeeded")), POLICY, NOW)
    assert found.status == "SWHardeningNeeded"


# -- ours, were the library to forget -------------------------------------------------------------


@pytest.fixture
def good() -> dict[str, Any]:
    return copy.deepcopy(quote._claims(QUOTE, collateral(), POLICY, NOW))


def refused_by_us(
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, Any],
    raw: bytes = QUOTE,
    given: Collateral | None = None,
) -> str:
    monkeypatch.setattr(quote, "_claims", lambda *_: claims)
    with pytest.raises(AttestationError) as refused:
        quote.verify_quote(raw, given or collateral(), POLICY, NOW)
    return refused.value.reason


def test_ours_notices_a_debug_domain(monkeypatch: pytest.MonkeyPatch, good: Any) -> None:
    raw = make_quote(PKI, bytes(64), TrustDomain(debug=True))
    assert refused_by_us(monkeypatch, good, raw) == errors.DEBUG


@pytest.mark.parametrize("kind", ["missing", "wrong"])
def test_ours_notices_the_identity(monkeypatch: pytest.MonkeyPatch, good: Any, kind: str) -> None:
    given = collateral(Defects(qe_identity=kind))
    assert refused_by_us(monkeypatch, good, given=given) == errors.QE_IDENTITY


@pytest.mark.parametrize(
    "change",
    [
        {"mr_signer": "00" * 32},
        {"isv_prod_id": 1},
        {"attributes": "1700000000000000e700000000000000"},
        {"attributes": "0000000000000000e700000000000000"},
    ],
)
def test_ours_notices_another_quoting_enclave(
    monkeypatch: pytest.MonkeyPatch, good: Any, change: dict[str, Any]
) -> None:
    good["qe"]["report"].update(change)
    assert refused_by_us(monkeypatch, good) == errors.QE_IDENTITY


def identity(**changes: Any) -> Collateral:
    """Collateral with another identity; the library, which would miss its signature, is not asked."""
    document = json.loads(PKI.collateral()["qe_identity"]) | changes
    return collateral(qe_identity=json.dumps(document))


def test_ours_notices_the_identity_of_another_kind(
    monkeypatch: pytest.MonkeyPatch, good: Any
) -> None:
    assert refused_by_us(monkeypatch, good, given=identity(id="QE")) == errors.QE_IDENTITY


def test_ours_notices_a_debug_quoting_enclave_whatever_the_identity_masks(
    monkeypatch: pytest.MonkeyPatch, good: Any
) -> None:
    good["qe"]["report"]["attributes"] = "1700000000000000e700000000000000"
    lax = identity(attributesMask="00" * 16)
    assert refused_by_us(monkeypatch, good, given=lax) == errors.QE_IDENTITY


@pytest.mark.parametrize("level", ["tcb", "platform", "qe"])
def test_ours_notices_each_status(monkeypatch: pytest.MonkeyPatch, good: Any, level: str) -> None:
    if level == "tcb":
        good["tcb"]["status"] = "OutOfDate"
    else:
        good[level]["tcb_level"]["tcbStatus"] = "OutOfDate"
    assert refused_by_us(monkeypatch, good) == errors.TCB_STATUS


@pytest.mark.parametrize("name", ["earliest_expiration_date", "qe_iden_earliest_expiration_date"])
def test_ours_notices_an_expired_document(
    monkeypatch: pytest.MonkeyPatch, good: Any, name: str
) -> None:
    good[name] = NOW
    assert refused_by_us(monkeypatch, good) == errors.COLLATERAL_EXPIRED


def test_an_sgx_quote_is_not_taken_for_a_trust_domain() -> None:
    changed = bytearray(QUOTE)
    changed[4:8] = bytes(4)
    with pytest.raises(AttestationError) as refused:
        quote.verify_quote(bytes(changed), collateral(), POLICY, NOW)
    assert refused.value.reason == errors.QUOTE_MALFORMED
