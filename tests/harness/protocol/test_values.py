"""Addresses, amounts and durations: one spelling out, many in, nothing guessed."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.addresses import (
    address_bytes,
    checksum,
    create2_address,
    create_address,
    to_address,
)
from harness.protocol.amounts import CREDITS, DOLLARS, Unit, parse_seconds


@given(st.binary(min_size=20, max_size=20))
def test_checksums_agree_with_eth_utils(raw: bytes) -> None:
    text = checksum(raw)
    assert text == to_checksum_address(raw)
    for spelling in (raw, text, text.lower(), text[2:].lower(), "0x" + text[2:].upper()):
        assert to_address(spelling) == text
        assert address_bytes(spelling) == raw


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x12", "0x" + "g" * 40, "0x" + "1" * 41],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        to_address(text)


def test_a_mistyped_checksum_is_told() -> None:
    with pytest.raises(ValueError, match="wrong EIP-55 checksum; expected 0x5aAeb6053F3E94C9"):
        to_address("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


def test_creation_addresses_are_the_published_ones() -> None:
    assert create_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", 0) == to_address(
        "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    )
    # EIP-1014, example 5
    assert create2_address(
        "0x00000000000000000000000000000000deadbeef",
        bytes.fromhex("00000000000000000000000000000000000000000000000000000000cafebabe"),
        bytes.fromhex("deadbeef"),
    ) == to_address("0x60f3f640a8508fC6a86d45DF051962668E1e8AC7")


@given(st.integers(0, 2**256 - 1), st.sampled_from([CREDITS, DOLLARS, Unit("X", 0)]))
def test_amounts_read_back_exactly(amount: int, unit: Unit) -> None:
    text, symbol = unit.show(amount).rsplit(" ", 1)
    assert (unit.parse(text), symbol) == (amount, unit.symbol)
    assert unit.show(-amount - 1).startswith("-")


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", ".5", "1.", "1,5", " 1", "0.0000001", "٣", "0x1"]
)
def test_loose_amounts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        DOLLARS.parse(text)


def test_amounts_for_people() -> None:
    assert (CREDITS.show(10**16), CREDITS.show(0), DOLLARS.show(2_500_000)) == (
        "0.01 $LH", "0 $LH", "2.5 USD",
    )  # fmt: skip
    assert DOLLARS.parse("0.02") == 20_000


@pytest.mark.parametrize(
    ("text", "value"), [("30s", 30), ("5m", 300), ("1h", 3600), ("7d", 604_800), ("45", 45)]
)
def test_durations(text: str, value: int) -> None:
    assert parse_seconds(text) == value


@pytest.mark.parametrize("text", ["", "5 m", "-5s", "1w", "1.5h", "s"])
def test_loose_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_seconds(text)
