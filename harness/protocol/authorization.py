"""A signed permission to move tokens once: the six fields that EIP-3009 and the x402 facet share.

The two rails sign the same fields under different names and domains:

    EIP-3009   TransferWithAuthorization   the token's own domain          the token moves the money
    x402facet  PaymentAuthorization        ("localharness-x402", "1", D)   the Diamond D moves $LH
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from eth_utils.crypto import keccak

from harness.protocol.addresses import Address, address_bytes, to_address
from harness.protocol.typed_data import Domain, StructType

_FIELDS = (
    "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
TRANSFER = StructType("TransferWithAuthorization" + _FIELDS)
PAYMENT = StructType("PaymentAuthorization" + _FIELDS)
CANCEL_PAYMENT = StructType("CancelPayment(address from,bytes32 nonce)")

FACET_DOMAIN_NAME = "localharness-x402"
FACET_DOMAIN_VERSION = "1"

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_NONCE = re.compile(r"0x[0-9a-fA-F]{64}")
_SIGNATURE = re.compile(r"0x(?:[0-9a-fA-F]{2})+")

MAX_SIGNATURE_BYTES = 8 * 1024  # an ERC-6492 wrapper carries a deployment


@dataclass(frozen=True)
class Authorization:
    """Amounts in base units, times in seconds; valid strictly inside (valid_after, valid_before)."""

    payer: Address
    payee: Address
    value: int
    valid_after: int
    valid_before: int
    nonce: bytes

    @property
    def values(self) -> tuple[Any, ...]:
        """In the order of the signed struct."""
        return (
            self.payer, self.payee, self.value, self.valid_after, self.valid_before, self.nonce,
        )  # fmt: skip

    def digest(self, kind: StructType, separator: bytes) -> bytes:
        return kind.digest(separator, self.values)

    def to_wire(self) -> dict[str, str]:
        """The x402 JSON member `authorization`: all strings."""
        return {
            "from": self.payer,
            "to": self.payee,
            "value": str(self.value),
            "validAfter": str(self.valid_after),
            "validBefore": str(self.valid_before),
            "nonce": "0x" + self.nonce.hex(),
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Authorization:
        """Strict: every member present, decimal strings, no sign, no blanks; ValueError otherwise."""
        return cls(
            payer=read_address(wire, "from"),
            payee=read_address(wire, "to"),
            value=read_number(wire, "value"),
            valid_after=read_number(wire, "validAfter"),
            valid_before=read_number(wire, "validBefore"),
            nonce=bytes.fromhex(_text(wire, "nonce", _NONCE)[2:]),
        )


@dataclass(frozen=True)
class SignedAuthorization:
    """What travels as an x402 `payload`."""

    authorization: Authorization
    signature: bytes

    def to_wire(self) -> dict[str, Any]:
        return {
            "signature": "0x" + self.signature.hex(),
            "authorization": self.authorization.to_wire(),
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> SignedAuthorization:
        """ValueError when anything is missing, of another type or out of range."""
        inner = wire.get("authorization")
        authorization = Authorization.from_wire(inner if isinstance(inner, Mapping) else {})
        return cls(authorization, read_signature(wire))


class DigestSigner(Protocol):
    """Whoever can sign 32 bytes for an account."""

    @property
    def address(self) -> Address:
        """The account."""

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r, s, v."""


def facet_domain(chain_id: int, diamond: Address) -> Domain:
    """The domain under which `PaymentAuthorization` is signed for a Diamond."""
    return Domain(FACET_DOMAIN_NAME, FACET_DOMAIN_VERSION, chain_id, diamond)


def sign(
    signer: DigestSigner,
    kind: StructType,
    separator: bytes,
    *,
    payee: Address,
    value: int,
    valid_before: int,
    valid_after: int = 0,
    nonce: bytes | None = None,
) -> SignedAuthorization:
    """Authorise one transfer from the signer's account. A missing nonce is drawn at random."""
    authorization = Authorization(
        signer.address,
        payee,
        value,
        valid_after,
        valid_before,
        nonce if nonce is not None else secrets.token_bytes(32),
    )
    return SignedAuthorization(
        authorization, signer.sign_digest(authorization.digest(kind, separator))
    )


def authorization_id(chain_id: int, authority: Address, payer: Address, nonce: bytes) -> bytes:
    """The identity of an authorisation wherever nonces are counted by (authority, payer).

    `authority` is the contract that keeps the nonce: the token (EIP-3009) or the Diamond (x402facet).
    """
    return keccak(
        chain_id.to_bytes(32, "big") + address_bytes(authority) + address_bytes(payer) + nonce
    )


def _text(wire: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = wire.get(name)
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError(f"{name} is missing or malformed")
    return value


def read_number(wire: Mapping[str, Any], name: str) -> int:
    """A member that is a decimal string of 256 bits at most. Raises ValueError."""
    number = int(_text(wire, name, _DECIMAL))
    if number >= 1 << 256:
        raise ValueError(f"{name} does not fit 256 bits")
    return number


def read_signature(wire: Mapping[str, Any]) -> bytes:
    """The member `signature`. Raises ValueError."""
    signature = bytes.fromhex(_text(wire, "signature", _SIGNATURE)[2:])
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise ValueError(f"signature has more than {MAX_SIGNATURE_BYTES} bytes")
    return signature


def read_address(wire: Mapping[str, Any], name: str) -> Address:
    """A member that is an address. Raises ValueError."""
    # Lower-cased first: signers disagree about checksums, and a wrong one changes no signed byte.
    return to_address(_text(wire, name, _ADDRESS).lower())
