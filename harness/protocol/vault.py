"""What a session key signs for the vault, and what a consumer signs for a gasless deposit.

A reservation locks funds for one operator; a receipt states what a cycle owes in all. Amounts in base
units of the vault's token (six decimals), times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from harness.protocol.addresses import Address
from harness.protocol.authorization import Authorization, DigestSigner, SignedAuthorization
from harness.protocol.typed_data import Domain, StructType

RESERVE = StructType(
    "Reserve(address consumer,address operator,uint256 amount,uint64 expiry,uint256 nonce,uint256 keyEpoch)"
)
RECEIPT = StructType(
    "Receipt(address consumer,address operator,uint256 cumulative,uint256 keyEpoch,uint64 cycle)"
)
RECEIVE = StructType(
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)

DOMAIN_NAME = "Halo"
DOMAIN_VERSION = "2"
_DEPOSIT = "facetworks.vault.deposit"


@dataclass(frozen=True)
class Reservation:
    """`nonce` is the consumer's next reserve nonce, `key_epoch` its present epoch."""

    consumer: Address
    operator: Address
    amount: int
    expiry: int
    nonce: int
    key_epoch: int

    def sign(self, session_key: DigestSigner, separator: bytes) -> bytes:
        """65 bytes for `reserve`."""
        values = (
            self.consumer, self.operator, self.amount, self.expiry, self.nonce, self.key_epoch,
        )  # fmt: skip
        return session_key.sign_digest(RESERVE.digest(separator, values))


@dataclass(frozen=True)
class Receipt:
    """`cumulative` is everything owed in this cycle, what is already paid included."""

    consumer: Address
    operator: Address
    cumulative: int
    key_epoch: int
    cycle: int

    def sign(self, session_key: DigestSigner, separator: bytes) -> SignedReceipt:
        """As the operator keeps it."""
        values = self.consumer, self.operator, self.cumulative, self.key_epoch, self.cycle
        return SignedReceipt(self, session_key.sign_digest(RECEIPT.digest(separator, values)))


@dataclass(frozen=True)
class SignedReceipt:
    """What an operator redeems; of each cycle only the highest matters."""

    receipt: Receipt
    signature: bytes

    @property
    def compact(self) -> tuple[bytes, bytes]:
        """EIP-2098: r, and s with the parity in its top bit."""
        r, s, v = self.signature[:32], self.signature[32:64], self.signature[64]
        return r, (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")


@dataclass(frozen=True)
class SignedDeposit:
    """A consumer's authorisation to deposit, bound to a session key."""

    signed: SignedAuthorization
    session_key: Address
    salt: bytes


def vault_domain(chain_id: int, diamond: Address) -> Domain:
    """The domain of reservations and receipts."""
    return Domain(DOMAIN_NAME, DOMAIN_VERSION, chain_id, diamond)


def deposit_nonce(
    chain_id: int, diamond: Address, consumer: Address, session_key: Address, salt: bytes
) -> bytes:
    """The EIP-3009 nonce of a gasless deposit; it commits to the session key."""
    types = ["bytes32", "uint256", "address", "address", "address", "bytes32"]
    values = [keccak(text=_DEPOSIT), chain_id, diamond, consumer, session_key, salt]
    return keccak(encode(types, values))


def sign_deposit(
    consumer: DigestSigner,
    token: Domain,
    diamond: Address,
    *,
    session_key: Address,
    amount: int,
    valid_before: int,
    salt: bytes,
    valid_after: int = 0,
) -> SignedDeposit:
    """Authorise anyone to bring `amount` of the token into the vault, with this session key."""
    nonce = deposit_nonce(token.chain_id, diamond, consumer.address, session_key, salt)
    authorization = Authorization(
        consumer.address, diamond, amount, valid_after, valid_before, nonce
    )
    signature = consumer.sign_digest(authorization.digest(RECEIVE, token.separator))
    return SignedDeposit(SignedAuthorization(authorization, signature), session_key, salt)
