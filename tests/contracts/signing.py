"""Real keys and EIP-712 signatures, at the speed property tests need.

Digests are built from their definition; `signatures/test_keys.py` holds them against eth_account.
"""

from __future__ import annotations

from typing import NamedTuple

from eth_abi.abi import encode
from eth_keys.datatypes import PrivateKey, Signature
from eth_utils.crypto import keccak

_DOMAIN = keccak(
    text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_AUTHORIZATION = (
    "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
PAYMENT = f"PaymentAuthorization{_AUTHORIZATION}"
CANCEL_PAYMENT = "CancelPayment(address from,bytes32 nonce)"
TRANSFER = f"TransferWithAuthorization{_AUTHORIZATION}"
RECEIVE = f"ReceiveWithAuthorization{_AUTHORIZATION}"
CANCEL = "CancelAuthorization(address authorizer,bytes32 nonce)"
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
LINK_DEVICE = "LinkDevice(address identity,address device,uint256 deadline)"
INVITE_CLAIM = "InviteClaim(bytes32 codeHash,address recipient,uint256 deadline)"
AGENT_WALLET_SET = (
    "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
)
REDEEM_CLAIM = "RedeemClaim(bytes32 codeHash,address recipient,uint256 deadline)"
FIAT_MINT = "FiatMint(address to,uint256 amount,bytes32 receiptId,uint256 validBefore)"
RESERVE = "Reserve(address consumer,address operator,uint256 amount,uint64 expiry,uint256 nonce,uint256 keyEpoch)"
RECEIPT = (
    "Receipt(address consumer,address operator,uint256 cumulative,uint256 keyEpoch,uint64 cycle)"
)
ANNOUNCE = "Announce(bytes32 topic,address owner,address ephemeral,bytes pubkey,uint64 time)"
LEAVE = "Leave(bytes32 topic,address owner,address ephemeral,uint64 time)"

SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Key(NamedTuple):
    """A private key with its address."""

    private: PrivateKey
    address: bytes

    @classmethod
    def named(cls, name: str) -> Key:
        """The same key for the same name, every run."""
        private = PrivateKey(keccak(text=f"facetworks test key: {name}"))
        return cls(private, private.public_key.to_canonical_address())

    def sign(self, digest: bytes) -> bytes:
        """65 bytes: r, s, v with v 27 or 28."""
        signature = self.signature(digest)
        return (
            signature.r.to_bytes(32, "big")
            + signature.s.to_bytes(32, "big")
            + bytes([27 + signature.v])
        )

    def sign_parts(self, digest: bytes) -> tuple[int, bytes, bytes]:
        """v, r, s as EIP-3009 and EIP-2612 take them."""
        packed = self.sign(digest)
        return packed[64], packed[:32], packed[32:64]

    def signature(self, digest: bytes) -> Signature:
        return self.private.sign_msg_hash(digest)


class Auth(NamedTuple):
    """The six signed fields of a transfer authorisation."""

    sender: bytes
    to: bytes
    value: int
    valid_after: int
    valid_before: int
    nonce: bytes


def separator(name: str, version: str, chain_id: int, contract: bytes) -> bytes:
    return keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [_DOMAIN, keccak(text=name), keccak(text=version), chain_id, contract],
        )
    )


def digest(domain_separator: bytes, struct_hash: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain_separator + struct_hash)


def struct_hash(type_string: str, *values: object) -> bytes:
    """`hashStruct` of EIP-712 for a flat struct: the type's hash, then each field as one word."""
    types = ["bytes32"]
    words: list[object] = [keccak(text=type_string)]
    for (kind, _), value in zip(fields_of(type_string), values, strict=True):
        dynamic = kind in ("bytes", "string")
        types.append("bytes32" if dynamic else kind)
        raw = value.encode() if isinstance(value, str) and kind == "string" else value
        words.append(keccak(raw) if dynamic else raw)  # type: ignore[arg-type]
    return keccak(encode(types, words))


def fields_of(type_string: str) -> list[tuple[str, str]]:
    """(type, name) of each field of `Name(type name,...)`."""
    inside = type_string.partition("(")[2].removesuffix(")")
    return [(kind, name) for kind, name in (field.split(" ") for field in inside.split(","))]


def auth_digest(domain_separator: bytes, type_string: str, auth: Auth) -> bytes:
    """`type_string` is one of PAYMENT, TRANSFER, RECEIVE."""
    return digest(domain_separator, struct_hash(type_string, *auth))


def cancel_digest(domain_separator: bytes, type_string: str, who: bytes, nonce: bytes) -> bytes:
    """`type_string` is CANCEL_PAYMENT or CANCEL."""
    return digest(domain_separator, struct_hash(type_string, who, nonce))


def permit_digest(
    domain_separator: bytes, owner: bytes, spender: bytes, value: int, nonce: int, deadline: int
) -> bytes:
    return digest(domain_separator, struct_hash(PERMIT, owner, spender, value, nonce, deadline))


def link_digest(domain_separator: bytes, identity: bytes, device: bytes, deadline: int) -> bytes:
    return digest(domain_separator, struct_hash(LINK_DEVICE, identity, device, deadline))


def wallet_digest(
    domain_separator: bytes, agent: int, wallet: bytes, owner: bytes, deadline: int
) -> bytes:
    return digest(domain_separator, struct_hash(AGENT_WALLET_SET, agent, wallet, owner, deadline))


def claim_digest(
    domain_separator: bytes, type_string: str, code_hash: bytes, recipient: bytes, deadline: int
) -> bytes:
    """`type_string` is INVITE_CLAIM or REDEEM_CLAIM."""
    return digest(domain_separator, struct_hash(type_string, code_hash, recipient, deadline))


def fiat_digest(
    domain_separator: bytes, to: bytes, amount: int, receipt_id: bytes, valid_before: int
) -> bytes:
    return digest(domain_separator, struct_hash(FIAT_MINT, to, amount, receipt_id, valid_before))


def nonce(number: int) -> bytes:
    """A dense nonce."""
    return number.to_bytes(32, "big")
