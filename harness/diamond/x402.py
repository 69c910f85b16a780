"""X402Facet: payments from signed authorisations, exact or up to a maximum, in $LH."""

from __future__ import annotations

from collections.abc import Sequence

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address
from harness.protocol.authorization import SignedAuthorization

INTERFACE = Interface.of(
    """
function authorizationState(address from, bytes32 nonce) view returns (bool used)
function cancelAuthorization(address from, bytes32 nonce, bytes signature)
function facilitatorCount(address payee) view returns (uint256)
function isFacilitator(address payee, address facilitator) view returns (bool)
function isPayToken(address token) view returns (bool)
function setFacilitator(address facilitator, bool allowed)
function setFacilitatorFor(uint256 tokenId, address facilitator, bool allowed)
function setPayToken(address token, bool allowed)
function setSigDeployer(address deployer)
function settle(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)
function settle3009(address token, address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) returns (bool settled)
function settleBatch((address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce)[] auths, bytes[] signatures, bool strict) returns (uint8[] results)
function settleForAgent(uint256 tokenId, address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)
function settleUpto(address from, address to, uint256 maxValue, uint256 actualValue, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)
function settleUptoBatch((address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce)[] auths, uint256[] actuals, bytes[] signatures, bool strict) returns (uint8[] results)
function sigDeployer() view returns (address)
function x402DomainSeparator() view returns (bytes32)
event FacilitatorSet(address indexed payee, address indexed facilitator, bool allowed)
event PayTokenSet(address indexed token, bool allowed)
event PaymentCancelled(address indexed from, bytes32 indexed nonce)
event PaymentSettled(address indexed from, address indexed to, uint256 value, bytes32 indexed nonce)
event PaymentSettled3009(address indexed token, address indexed from, address indexed to, uint256 value, bytes32 nonce)
event SigDeployerSet(address indexed deployer)
error AmountExceedsMax()
error BadPayee()
error NotFacilitator()
error PriceChanged(uint256 price)
error TokenNotAllowed()
"""
)


class X402(ContractClient):
    """Amounts in wei of $LH, times in seconds."""

    INTERFACE = INTERFACE

    def x402_domain_separator(self) -> bytes:
        return bytes(self.read("x402DomainSeparator"))

    def authorization_state(self, payer: Address, nonce: bytes) -> bool:
        """Whether a nonce is used or cancelled."""
        return bool(self.read("authorizationState", payer, nonce))

    def settle(self, signed: SignedAuthorization, *, key: str | None = None) -> Receipt:
        """Move exactly the authorised value."""
        return self.write("settle", *signed.authorization.values, signed.signature, key=key)

    def settle_upto(
        self, signed: SignedAuthorization, actual: int, *, key: str | None = None
    ) -> Receipt:
        """Move `actual`, at most the authorised value; the nonce is burned either way."""
        payer, payee, maximum, *window = signed.authorization.values
        return self.write(
            "settleUpto", payer, payee, maximum, actual, *window, signed.signature, key=key
        )

    def settle_batch(
        self, payments: Sequence[SignedAuthorization], strict: bool = False
    ) -> tuple[int, ...]:
        """Settle up to 64 at once; result codes in order (0 is settled) as foretold right before."""
        arguments = (
            [p.authorization.values for p in payments], [p.signature for p in payments], strict,
        )  # fmt: skip
        results = tuple(self.simulate("settleBatch", *arguments))
        self.write("settleBatch", *arguments)
        return results

    def cancel_authorization(
        self, payer: Address, nonce: bytes, signature: bytes = b"", *, key: str | None = None
    ) -> Receipt:
        """Burn an unused nonce; without a signature only the payer may."""
        return self.write("cancelAuthorization", payer, nonce, signature, key=key)

    def set_facilitator(
        self, facilitator: Address, allowed: bool, *, key: str | None = None
    ) -> Receipt:
        """List who may settle `upto` payments to the sender."""
        return self.write("setFacilitator", facilitator, allowed, key=key)

    def settle_upto_batch(
        self, payments: Sequence[SignedAuthorization], actuals: Sequence[int], strict: bool = False
    ) -> tuple[int, ...]:
        """As settle_batch, moving `actuals` of what was authorised."""
        arguments = (
            [p.authorization.values for p in payments], list(actuals),
            [p.signature for p in payments], strict,
        )  # fmt: skip
        results = tuple(self.simulate("settleUptoBatch", *arguments))
        self.write("settleUptoBatch", *arguments)
        return results

    def settle_for_agent(
        self, identity: int, signed: SignedAuthorization, *, key: str | None = None
    ) -> Receipt:
        """As settle, to the account of an identity and only at its advertised price."""
        values = signed.authorization.values
        return self.write("settleForAgent", identity, *values, signed.signature, key=key)

    def settle_3009(
        self, token: Address, signed: SignedAuthorization, *, key: str | None = None
    ) -> Receipt:
        """Carry an EIP-3009 authorisation to a listed token."""
        r, s, v = signed.signature[:32], signed.signature[32:64], signed.signature[64]
        return self.write("settle3009", token, *signed.authorization.values, v, r, s, key=key)

    def set_facilitator_for(
        self, identity: int, facilitator: Address, allowed: bool, *, key: str | None = None
    ) -> Receipt:
        """As set_facilitator, for the account of an identity, by its holder."""
        return self.write("setFacilitatorFor", identity, facilitator, allowed, key=key)

    def is_facilitator(self, payee: Address, facilitator: Address) -> bool:
        return bool(self.read("isFacilitator", payee, facilitator))

    def facilitator_count(self, payee: Address) -> int:
        return int(self.read("facilitatorCount", payee))

    def set_pay_token(self, token: Address, allowed: bool, *, key: str | None = None) -> Receipt:
        """Diamond owner only: list a token for settle_3009."""
        return self.write("setPayToken", token, allowed, key=key)

    def is_pay_token(self, token: Address) -> bool:
        return bool(self.read("isPayToken", token))

    def set_sig_deployer(self, deployer: Address, *, key: str | None = None) -> Receipt:
        """Diamond owner only, once."""
        return self.write("setSigDeployer", deployer, key=key)

    def sig_deployer(self) -> Address:
        return str(self.read("sigDeployer"))
