"""The hash: our Python version against the C library, and known digests."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from compiler.evm.keccak import erc7201, keccak256, keccak256_python, selector


@pytest.mark.parametrize("size", [0, 1, 31, 32, 64, 134, 135, 136, 137, 271, 272, 273, 1000])
def test_python_version_equals_the_library(size: int) -> None:
    data = bytes(i * 7 % 256 for i in range(size))
    assert keccak256_python(data) == keccak256(data) == keccak(data)


def test_selector_of_transfer() -> None:
    assert selector("transfer(address,uint256)") == 0xA9059CBB


def test_erc7201_example_of_the_standard() -> None:
    assert (
        erc7201("example.main")
        == 0x183A6125C38840424C4A85FA12BAB2AB606C4B6D0E7CC73C0C06BA5300EAB500
    )
