"""A payment by Permit2: any ERC-20 token whose holder has approved the Permit2 contract once.

The payer signs a `PermitWitnessTransferFrom` for one of x402's two spenders, whose witness names the payee;
nobody can send the money anywhere else. For `exact` the whole amount moves; for `upto` any amount up to it,
and the witness also names who alone may say how much. All three contracts have one address on every chain.
Amounts in base units, times in seconds. Sources: Uniswap's Permit2 (SignatureTransfer), x402's exact and upto
schemes for EVM chains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from harness.protocol.addresses import Address
from harness.protocol.authorization import (
    Authorization,
    SignedAuthorization,
    read_address,
    read_number,
    read_signature,
)
from harness.protocol.typed_data import StructType

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
EXACT_SPENDER = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001"
UPTO_SPENDER = "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002"
SPENDERS = {"exact": EXACT_SPENDER, "upto": UPTO_SPENDER}

PERMITTED = StructType("TokenPermissions(address token,uint256 amount)")
WITNESS = StructType("Witness(address to,uint256 validAfter)")
UPTO_WITNESS = StructType("Witness(address to,address facilitator,uint256 validAfter)")
_PERMIT_TEXT = (
    "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,"
    f"uint256 deadline,Witness witness){PERMITTED.text}"
)
_DOMAIN_TEXT = "EIP712Domain(string name,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True)
class SignedPermit(SignedAuthorization):
    """What travels as an x402 `payload` with `permit2Authorization`; valid until the end of its deadline.

    A `facilitator` makes it a maximum: only that account may settle it, for as much as was measured.
    """

    token: Address
    spender: Address
    facilitator: Address | None = None

    def permit_digest(self, chain_id: int) -> bytes:
        """The 32 bytes that the payer signed (EIP-712)."""
        terms = self.authorization
        permitted = PERMITTED.struct_hash((self.token, terms.value))
        if self.facilitator is None:
            kind, named = WITNESS, [terms.payee, terms.valid_after]
        else:
            kind, named = UPTO_WITNESS, [terms.payee, self.facilitator, terms.valid_after]
        struct = keccak(
            encode(
                ["bytes32", "bytes32", "address", "uint256", "uint256", "bytes32"],
                [
                    keccak(text=_PERMIT_TEXT + kind.text),
                    permitted,
                    self.spender,
                    int.from_bytes(terms.nonce),
                    terms.valid_before,
                    kind.struct_hash(named),
                ],
            )
        )
        return keccak(b"\x19\x01" + domain_separator(chain_id) + struct)

    def to_wire(self) -> dict[str, Any]:
        terms = self.authorization
        named = {} if self.facilitator is None else {"facilitator": self.facilitator}
        return {
            "signature": "0x" + self.signature.hex(),
            "permit2Authorization": {
                "from": terms.payer,
                "permitted": {"token": self.token, "amount": str(terms.value)},
                "spender": self.spender,
                "nonce": str(int.from_bytes(terms.nonce)),
                "deadline": str(terms.valid_before),
                "witness": {"to": terms.payee, **named, "validAfter": str(terms.valid_after)},
            },
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> SignedPermit:
        """ValueError when anything is missing, of another type or out of range."""
        permit = _object(wire, "permit2Authorization")
        permitted, witness = _object(permit, "permitted"), _object(permit, "witness")
        return cls(
            authorization=Authorization(
                payer=read_address(permit, "from"),
                payee=read_address(witness, "to"),
                value=read_number(permitted, "amount"),
                valid_after=read_number(witness, "validAfter"),
                valid_before=read_number(permit, "deadline"),
                nonce=read_number(permit, "nonce").to_bytes(32),
            ),
            signature=read_signature(wire),
            token=read_address(permitted, "token"),
            spender=read_address(permit, "spender"),
            facilitator=read_address(witness, "facilitator") if "facilitator" in witness else None,
        )


def domain_separator(chain_id: int) -> bytes:
    """Permit2's domain: it has no version."""
    members = [keccak(text=_DOMAIN_TEXT), keccak(text="Permit2"), chain_id, PERMIT2]
    return keccak(encode(["bytes32", "bytes32", "uint256", "address"], members))


def _object(wire: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = wire.get(name)
    if not isinstance(found, Mapping):
        raise ValueError(f"{name} is not an object")
    return found
