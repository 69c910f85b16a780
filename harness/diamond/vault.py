"""VaultFacet: deposits and reservations of consumers, receipts of operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt as TransactionReceipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address
from harness.protocol.vault import Reservation, SignedDeposit, SignedReceipt

INTERFACE = Interface.of(
    """
function balance(address consumer) view returns (uint256)
function cancelWithdraw()
function cycleFeeBps(address consumer, address operator) view returns (uint16)
function deposit(uint256 amount, address sessionKey)
function depositFor(address consumer, uint256 amount)
function depositNonce(address consumer, address sessionKey, bytes32 salt) view returns (bytes32)
function depositWithAuthorization(address consumer, address sessionKey, uint256 amount, uint256 validAfter, uint256 validBefore, bytes32 salt, uint8 v, bytes32 r, bytes32 s)
function keyEpoch(address consumer) view returns (uint256)
function lockedTotal(address consumer) view returns (uint256)
function ops(address consumer, address operator) view returns (uint256 locked, uint256 redeemed, uint64 expiry, uint64 created, uint64 cycle)
function redeem(address consumer, address operator, uint256 cumulative, bytes sig)
function redeemable(address consumer, address operator, uint256 cumulative) view returns (uint256 pay, uint256 fee)
function redeemBatch(address operator, address[] consumers, uint256[] cumulatives, bytes32[] rs, bytes32[] vss) returns (uint256 paid, uint8[] results)
function releaseByOperator(address consumer, uint256 amount)
function releaseExpired(address consumer, address operator)
function releaseExpiredBatch(address[] consumers, address[] operators)
function requestWithdraw()
function reserve(address consumer, address operator, uint256 amount, uint64 expiry, uint256 nonce, bytes sig)
function reserveNonce(address consumer) view returns (uint256)
function reservesFrozen(address consumer) view returns (bool)
function sessionKey(address consumer) view returns (address)
function setReservesFrozen(bool frozen)
function setSessionKey(address key)
function setSpendPolicy(uint128 maxLocked, uint128 dailyReserve)
function spendPolicy(address consumer) view returns (uint256 maxLocked, uint256 dailyReserve, uint256 reservedToday)
function totalBalance() view returns (uint256)
function vaultDomainSeparator() view returns (bytes32)
function withdraw(uint256 amount)
function withdraw(uint256 amount, address to)
function withdrawable(address consumer) view returns (uint256)
function withdrawAuthorized(address consumer) view returns (uint256)
function withdrawRequestedAt(address consumer) view returns (uint64)
event Deposited(address indexed consumer, uint256 amount, address sessionKey)
event Redeemed(address indexed consumer, address indexed operator, uint256 paid, uint256 fee, uint256 cumulative)
event ReleasedByOperator(address indexed consumer, address indexed operator, uint256 amount)
event ReleasedExpired(address indexed consumer, address indexed operator, uint256 amount)
event Reserved(address indexed consumer, address indexed operator, uint256 amount, uint64 expiry, uint64 cycle)
event ReservesFrozenSet(address indexed consumer, bool frozen)
event SessionKeySet(address indexed consumer, address sessionKey, uint256 keyEpoch)
event SpendPolicySet(address indexed consumer, uint128 maxLocked, uint128 dailyReserve)
event WithdrawRequestCancelled(address indexed consumer)
event WithdrawRequested(address indexed consumer, uint64 at, uint256 authorized)
event Withdrawn(address indexed consumer, address indexed to, uint256 amount)
error BadAddress()
error BadAmount()
error BadExpiry()
error BadNonce()
error BadOperator()
error ExceedsReservation()
error GracePeriodNotOver()
error InsufficientFree()
error InsufficientWithdrawable()
error NoSessionKey()
error NotExpired()
error NothingRedeemed()
error Paused()
error PolicyExceeded()
error ReservesAreFrozen()
error SameSessionKey()
error SequencerDown()
error SessionKeyInUse()
error StaleReceipt()
error TimelockActive()
error WithdrawNotRequested()
"""
)


@dataclass(frozen=True)
class Pair:
    """What a consumer has reserved for an operator; `redeemed` and the times are of the present cycle."""

    locked: int
    redeemed: int
    expiry: int
    created: int
    cycle: int


@dataclass(frozen=True)
class SpendPolicy:
    """Limits of a session key; zero is no limit. `reserved_today` counts while there is a daily limit."""

    max_locked: int
    daily_reserve: int
    reserved_today: int


class Vault(ContractClient):
    """Amounts in base units of the vault's token (six decimals), times in seconds."""

    INTERFACE = INTERFACE

    # -- the consumer --------------------------------------------------------------------------

    def deposit(
        self, amount: int, session_key: Address, *, key: str | None = None
    ) -> TransactionReceipt:
        """Into the sender's balance; the first deposit registers the session key, later ones ignore it."""
        return self.write("deposit", amount, session_key, key=key)

    def deposit_for(
        self, consumer: Address, amount: int, *, key: str | None = None
    ) -> TransactionReceipt:
        """A gift of the sender's to a consumer who has a key."""
        return self.write("depositFor", consumer, amount, key=key)

    def deposit_with_authorization(
        self, deposit: SignedDeposit, *, key: str | None = None
    ) -> TransactionReceipt:
        """Relay a gasless deposit; see `harness.protocol.vault.sign_deposit`."""
        consumer, _, amount, after, before, _ = deposit.signed.authorization.values
        signature = deposit.signed.signature
        arguments = (consumer, deposit.session_key, amount, after, before, deposit.salt)
        parts = (signature[64], signature[:32], signature[32:64])
        return self.write("depositWithAuthorization", *arguments, *parts, key=key)

    def deposit_nonce(self, consumer: Address, session_key: Address, salt: bytes) -> bytes:
        return bytes(self.read("depositNonce", consumer, session_key, salt))

    def set_session_key(
        self, session_key: Address, *, key: str | None = None
    ) -> TransactionReceipt:
        """Only while nothing is locked; everything the former key signed is void."""
        return self.write("setSessionKey", session_key, key=key)

    def set_reserves_frozen(self, frozen: bool, *, key: str | None = None) -> TransactionReceipt:
        """Stop or allow new and larger reservations."""
        return self.write("setReservesFrozen", frozen, key=key)

    def set_spend_policy(
        self, max_locked: int, daily_reserve: int, *, key: str | None = None
    ) -> TransactionReceipt:
        """The most the session key may have locked, and reserve per UTC day; zero is no limit."""
        return self.write("setSpendPolicy", max_locked, daily_reserve, key=key)

    def request_withdraw(self, *, key: str | None = None) -> TransactionReceipt:
        """Authorise what is free now, to be withdrawn after the timelock."""
        return self.write("requestWithdraw", key=key)

    def cancel_withdraw(self, *, key: str | None = None) -> TransactionReceipt:
        return self.write("cancelWithdraw", key=key)

    def withdraw(
        self, amount: int, to: Address | None = None, *, key: str | None = None
    ) -> TransactionReceipt:
        """To the sender, or to somebody else."""
        if to is None:
            return self.write("withdraw(uint256)", amount, key=key)
        return self.write("withdraw(uint256,address)", amount, to, key=key)

    # -- reservations and receipts -------------------------------------------------------------

    def reserve(
        self, reservation: Reservation, signature: bytes, *, key: str | None = None
    ) -> tuple[int, int]:
        """Submit what a session key signed; the pair's expiry and cycle."""
        r = reservation
        arguments = (r.consumer, r.operator, r.amount, r.expiry, r.nonce, signature)
        receipt = self.write("reserve", *arguments, key=key)
        found = self.event(receipt, "Reserved")
        return int(found["expiry"]), int(found["cycle"])

    def redeem(self, signed: SignedReceipt, *, key: str | None = None) -> tuple[int, int]:
        """Pay the operator; what the consumer spent, and the fee in it."""
        r = signed.receipt
        arguments = (r.consumer, r.operator, r.cumulative, signed.signature)
        found = self.event(self.write("redeem", *arguments, key=key), "Redeemed")
        return int(found["paid"]), int(found["fee"])

    def redeem_batch(
        self, operator: Address, receipts: Sequence[SignedReceipt], *, key: str | None = None
    ) -> TransactionReceipt:
        """Up to 64 receipts for one operator in one transfer; one `Redeemed` event per receipt that paid."""
        return self.write("redeemBatch", *self._batch(operator, receipts), key=key)

    def simulate_redeem_batch(
        self, operator: Address, receipts: Sequence[SignedReceipt]
    ) -> tuple[int, tuple[int, ...]]:
        """What `redeem_batch` would pay, and a code per receipt: 0 paid, 1 no key, 2 bad signature, 3 stale,
        4 nothing locked."""
        paid, results = self.simulate("redeemBatch", *self._batch(operator, receipts))
        return int(paid), tuple(results)

    def release_expired(
        self, consumer: Address, operator: Address, *, key: str | None = None
    ) -> TransactionReceipt:
        """Free what is locked, after expiry and grace."""
        return self.write("releaseExpired", consumer, operator, key=key)

    def release_expired_batch(
        self, pairs: Sequence[tuple[Address, Address]], *, key: str | None = None
    ) -> TransactionReceipt:
        """As release_expired for up to 64 (consumer, operator); skips what is not due."""
        consumers, operators = [c for c, _ in pairs], [o for _, o in pairs]
        return self.write("releaseExpiredBatch", consumers, operators, key=key)

    def release_by_operator(
        self, consumer: Address, amount: int, *, key: str | None = None
    ) -> TransactionReceipt:
        """Operator only: give up what is not needed."""
        return self.write("releaseByOperator", consumer, amount, key=key)

    # -- reading -------------------------------------------------------------------------------

    def vault_domain_separator(self) -> bytes:
        return bytes(self.read("vaultDomainSeparator"))

    def withdrawable(self, consumer: Address) -> int:
        """What is not reserved."""
        return int(self.read("withdrawable", consumer))

    def balance(self, consumer: Address) -> int:
        """Free and locked."""
        return int(self.read("balance", consumer))

    def locked_total(self, consumer: Address) -> int:
        return int(self.read("lockedTotal", consumer))

    def total_balance(self) -> int:
        return int(self.read("totalBalance"))

    def session_key(self, consumer: Address) -> Address:
        return str(self.read("sessionKey", consumer))

    def key_epoch(self, consumer: Address) -> int:
        return int(self.read("keyEpoch", consumer))

    def reserve_nonce(self, consumer: Address) -> int:
        """The nonce of the next reservation."""
        return int(self.read("reserveNonce", consumer))

    def ops(self, consumer: Address, operator: Address) -> Pair:
        return Pair(*self.read("ops", consumer, operator))

    def cycle_fee_bps(self, consumer: Address, operator: Address) -> int:
        return int(self.read("cycleFeeBps", consumer, operator))

    def withdraw_requested_at(self, consumer: Address) -> int:
        """Zero while nothing is requested."""
        return int(self.read("withdrawRequestedAt", consumer))

    def withdraw_authorized(self, consumer: Address) -> int:
        return int(self.read("withdrawAuthorized", consumer))

    def reserves_frozen(self, consumer: Address) -> bool:
        return bool(self.read("reservesFrozen", consumer))

    def spend_policy(self, consumer: Address) -> SpendPolicy:
        return SpendPolicy(*self.read("spendPolicy", consumer))

    def redeemable(self, consumer: Address, operator: Address, cumulative: int) -> tuple[int, int]:
        """What a receipt would take now, and the fee in it; zeros when it would revert."""
        pay, fee = self.read("redeemable", consumer, operator, cumulative)
        return int(pay), int(fee)

    def redeem_batch_calldata(self, operator: Address, receipts: Sequence[SignedReceipt]) -> bytes:
        """What `redeem_batch` would send."""
        return self.calldata("redeemBatch", *self._batch(operator, receipts))

    @staticmethod
    def _batch(operator: Address, receipts: Sequence[SignedReceipt]) -> tuple[object, ...]:
        parts = [signed.compact for signed in receipts]
        consumers = [signed.receipt.consumer for signed in receipts]
        cumulatives = [signed.receipt.cumulative for signed in receipts]
        return operator, consumers, cumulatives, [r for r, _ in parts], [vs for _, vs in parts]
