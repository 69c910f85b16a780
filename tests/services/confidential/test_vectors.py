"""Quotes that hardware made: they verify when they were valid, and no changed byte survives."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.confidential import errors
from harness.confidential.collateral import Collateral, CollateralFile
from harness.confidential.errors import AttestationError
from harness.confidential.policy import AttestationPolicy
from harness.confidential.quote import VerifiedQuote, verify_quote
from tests.services.confidential.vectors import (
    FIRST,
    FOLDER,
    LAST,
    OUTDATED,
    OUTDATED_WITHIN,
    QUOTE,
    WITHIN,
    collateral,
    regions,
)

INTEL = AttestationPolicy()
COLLATERAL = collateral()


def verify(
    quote: bytes = QUOTE, given: Collateral = COLLATERAL, now: int = WITHIN
) -> VerifiedQuote:
    return verify_quote(quote, given, INTEL, now)


def reason(quote: bytes = QUOTE, given: Collateral = COLLATERAL, now: int = WITHIN) -> str:
    with pytest.raises(AttestationError) as refused:
        verify(quote, given, now)
    return refused.value.reason


def test_a_recorded_quote_verifies_up_to_intels_root() -> None:
    found = verify()
    assert (found.status, found.platform_status, found.qe_status) == ("UpToDate",) * 3
    assert found.registers["mr_td"].hex().startswith("91eb2b44d141d4ec")
    assert found.report_data.hex().startswith("9a9d48e7f6799642")
    assert found.expires_at == LAST
    assert found.evaluation == 17


def test_a_recorded_quote_of_an_old_platform_is_refused() -> None:
    outdated = collateral("tdx_quote_outdated")
    assert reason(OUTDATED, outdated, OUTDATED_WITHIN) == errors.TCB_STATUS


def test_collateral_holds_between_its_dates_only() -> None:
    assert verify(now=FIRST).status == verify(now=LAST - 1).status == "UpToDate"
    assert reason(now=FIRST - 1) == errors.CLOCK_SKEW
    assert reason(now=LAST) == errors.COLLATERAL_EXPIRED
    assert reason(now=LAST + 10**7) == errors.COLLATERAL_EXPIRED


def test_collateral_of_another_platform_does_not_serve() -> None:
    reason(given=collateral("tdx_quote_outdated"), now=OUTDATED_WITHIN)


def test_collateral_can_be_read_from_a_file(tmp_path: Path) -> None:
    found = asyncio.run(CollateralFile(FOLDER / "tdx_quote.json").fetch(QUOTE))
    assert verify(given=found).status == "UpToDate"
    for text in (None, "", "{}", "[]"):
        path = tmp_path / "collateral.json"
        if text is not None:
            path.write_text(text)
        with pytest.raises(AttestationError) as refused:
            asyncio.run(CollateralFile(path).fetch(QUOTE))
        assert refused.value.reason == errors.COLLATERAL_UNAVAILABLE


@pytest.mark.parametrize("where", sorted(regions(QUOTE)))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_changed_bit_of_a_signed_region_survives(where: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(regions(QUOTE)[where]))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(QUOTE)
    changed[place] ^= 1 << bit
    reason(bytes(changed))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_changed_character_of_signed_collateral_survives(data: st.DataObject) -> None:
    document = json.loads(COLLATERAL.to_json())
    name = data.draw(
        st.sampled_from(
            [
                "tcb_info",
                "tcb_info_signature",
                "qe_identity",
                "qe_identity_signature",
                "root_ca_crl",
                "pck_crl",
            ]
        )
    )
    text = document[name]
    place = data.draw(st.integers(0, len(text) - 1))
    digits = "0123456789abcdef"
    if name in ("tcb_info", "qe_identity"):
        other = data.draw(st.sampled_from('x7"{ '))
    else:
        other = data.draw(st.sampled_from(digits))
    if text[place].lower() == other:
        return
    document[name] = text[:place] + other + text[place + 1 :]
    try:
        changed = Collateral.from_json(json.dumps(document))
    except ValueError:
        return  # not even read
    reason(given=changed)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=1200))
def test_bytes_that_are_no_quote_are_refused(data: bytes) -> None:
    assert reason(data) == errors.QUOTE_MALFORMED


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4935))
def test_a_cut_quote_is_refused(size: int) -> None:
    reason(QUOTE[:size])


def test_an_endless_quote_is_not_read() -> None:
    assert reason(QUOTE + bytes(64 * 1024)) == errors.QUOTE_MALFORMED
