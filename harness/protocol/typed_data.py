"""EIP-712 digests of flat structs: static members only, which is all our payment types have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True)
class Domain:
    """The four-member domain that every contract here uses."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str

    @cached_property
    def separator(self) -> bytes:
        return keccak(
            encode(
                ["bytes32", "bytes32", "bytes32", "uint256", "address"],
                [
                    keccak(text=_DOMAIN_TYPE),
                    keccak(text=self.name),
                    keccak(text=self.version),
                    self.chain_id,
                    self.verifying_contract,
                ],
            )
        )


@dataclass(frozen=True)
class StructType:
    """A type string such as `Mail(address from,uint256 amount)`."""

    text: str

    @cached_property
    def hash(self) -> bytes:
        return keccak(text=self.text)

    @cached_property
    def members(self) -> tuple[tuple[str, str], ...]:
        """(type, name) of each member."""
        inside = self.text[self.text.index("(") + 1 : -1]
        pairs = [member.split(" ") for member in inside.split(",")]
        return tuple((kind, name) for kind, name in pairs)

    @property
    def name(self) -> str:
        return self.text[: self.text.index("(")]

    def struct_hash(self, values: Sequence[Any]) -> bytes:
        types = ["bytes32", *(kind for kind, _ in self.members)]
        return keccak(encode(types, [self.hash, *values]))

    def digest(self, separator: bytes, values: Sequence[Any]) -> bytes:
        """The 32 bytes that are signed, for any domain separator."""
        return keccak(b"\x19\x01" + separator + self.struct_hash(values))
