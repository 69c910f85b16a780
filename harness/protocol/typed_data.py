"""EIP-712 digests of flat structs: static members only, which is all our payment types have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_utils.crypto import keccak

from harness.protocol.addresses import address_bytes


@dataclass(frozen=True)
class Domain:
    """The four-member domain that every contract here uses."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str

    @cached_property
    def separator(self) -> bytes:
        named = keccak(text=self.name), keccak(text=self.version)
        return _DOMAIN.struct_hash((*named, self.chain_id, self.verifying_contract))


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
        """`values` in the members' order: int, bytes, or an address in hex. Raises ValueError."""
        words = [_word(kind, value) for (kind, _), value in zip(self.members, values, strict=True)]
        return keccak(self.hash + b"".join(words))

    def digest(self, separator: bytes, values: Sequence[Any]) -> bytes:
        """The 32 bytes that are signed, for any domain separator."""
        return keccak(b"\x19\x01" + separator + self.struct_hash(values))


def _word(kind: str, value: Any) -> bytes:
    """A member's 32 bytes; of a `string` its hash, as encodeData has it."""
    if kind == "address":
        return address_bytes(value).rjust(32, b"\0")
    if kind in ("bytes32", "string"):
        if not isinstance(value, bytes) or len(value) != 32:
            raise ValueError(f"{kind} is 32 bytes here")
        return value
    bits = int(kind.removeprefix("uint"))
    if not isinstance(value, int) or not 0 <= value < 1 << bits:
        raise ValueError(f"not a {kind}: {value!r}")
    return value.to_bytes(32, "big")


_DOMAIN = StructType(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
