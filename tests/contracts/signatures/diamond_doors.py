"""Doors of the Diamond: payments, the vault, the fiat gate, devices, agents, codes, signalling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_utils.crypto import keccak

from tests.contracts.calls import Bound, Receipt
from tests.contracts.community.signer import device_topic
from tests.contracts.counterparts.dollars import OURS, THEIRS
from tests.contracts.economy import DAY, ETHER, Economy
from tests.contracts.signatures import messages
from tests.contracts.signatures.door import (
    ACCEPTED_AGAIN,
    BYTES,
    COMPACT,
    PARTS,
    Door,
    Kind,
    Signer,
)
from tests.contracts.signatures.messages import USD, Message
from tests.contracts.signatures.token_doors import FOREVER, VALUE, fund, token_of
from tests.contracts.signing import Key, nonce

PRICE = keccak(text="localharness.x402_price")
CLAIM_KEY = 2
CODE = keccak(text="a code")

# -- payments ------------------------------------------------------------------------------


def _payment(
    function: str,
    arguments: Callable[[tuple[Any, ...], Any], tuple[Any, ...]],
    verdict: Callable[[Receipt], bool] = lambda receipt: True,
) -> Callable[[Economy, Signer], Door]:
    def open_(economy: Economy, signer: Signer) -> Door:
        x402, payee = economy.x402, economy.address("bob")
        fund(economy, economy.credits, signer)
        if function == "settleForAgent":
            agent = economy.register("bob", "bob")
            economy.registry.send("setMetadata", agent, PRICE, nonce(VALUE), sender=payee)
            payee = economy.account_of(agent)
        values = (signer.address, payee, VALUE, 0, FOREVER, nonce(1))
        return Door(
            economy, messages.PAYMENT, x402, function, values,
            lambda signature: arguments(values, signature), economy.address("carol"),
            lambda: (economy.balance(payee), x402.call("authorizationState", signer.address, nonce(1))),
            verdict=verdict,
        )  # fmt: skip

    return open_


def _cancel_payment(economy: Economy, signer: Signer) -> Door:
    values = (signer.address, nonce(1))
    return Door(
        economy, messages.CANCEL_PAYMENT, economy.x402, "cancelAuthorization", values,
        lambda signature: (*values, signature), economy.address("carol"),
        lambda: economy.x402.call("authorizationState", *values),
    )  # fmt: skip


class _AtToken(Door):
    """A door of the Diamond that hands the signature on to a token, in whose domain it is made."""

    token: Bound

    def digest(self, *args: Any, contract: bytes | None = None, **options: Any) -> bytes:
        return super().digest(*args, contract=contract or self.token.address, **options)


def _settle_3009(which: str) -> Callable[[Economy, Signer], Door]:
    def open_(economy: Economy, signer: Signer) -> Door:
        token, bob = token_of(economy, which), economy.address("bob")
        fund(economy, token, signer)
        economy.x402.send("setPayToken", token.address, True, sender=economy.owner.address)
        values = (signer.address, bob, VALUE, 0, FOREVER, nonce(1))
        door = _AtToken(
            economy, USD[0], economy.x402, "settle3009", values,
            lambda parts: (token.address, *values, *parts), economy.address("carol"),
            lambda: token.call("balanceOf", bob), PARTS,
        )  # fmt: skip
        door.token = token
        return door

    return open_


def _deposit(economy: Economy, signer: Signer) -> Door:
    vault, session = economy.vault, Key.named("session key").address
    fund(economy, economy.usd, signer)
    committed = vault.call("depositNonce", signer.address, session, nonce(3))
    values = (signer.address, economy.diamond, VALUE, 0, FOREVER, committed)
    door = _AtToken(
        economy, USD[1], vault, "depositWithAuthorization", values,
        lambda parts: (signer.address, session, VALUE, 0, FOREVER, nonce(3), *parts),
        economy.address("carol"),
        lambda: (vault.call("withdrawable", signer.address), vault.call("sessionKey", signer.address)),
        PARTS,
    )  # fmt: skip
    door.token = economy.usd
    return door


# -- the vault -----------------------------------------------------------------------------


def _reserve(economy: Economy, signer: Signer) -> Door:
    """The signer is alice's session key."""
    vault, alice, bob = economy.vault, economy.address("alice"), economy.address("bob")
    economy.usd.send("approve", economy.diamond, 100, sender=alice)
    vault.send("deposit", 100, signer.address, sender=alice)
    values = (alice, bob, VALUE, economy.now + DAY, 0, 0)
    return Door(
        economy, messages.RESERVE, vault, "reserve", values,
        lambda signature: (*values[:5], signature), economy.address("carol"),
        lambda: (vault.call("ops", alice, bob), vault.call("reserveNonce", alice)),
    )  # fmt: skip


def _redeem(form: str) -> Callable[[Economy, Signer], Door]:
    def open_(economy: Economy, signer: Signer) -> Door:
        reserve = _reserve(economy, signer)
        alice, bob = reserve.values[:2]
        if signer.key:  # a contract cannot even reserve
            reserve.send(signer.key.sign(reserve.digest()))
        name = "redeem" if form == BYTES else "redeemBatch"

        def arguments(signature: Any) -> tuple[Any, ...]:
            if form == BYTES:
                return alice, bob, VALUE, signature
            return bob, [alice], [VALUE], [signature[0]], [signature[1]]

        cycle = economy.vault.call("ops", alice, bob)[4]
        return Door(
            economy, messages.RECEIPT, economy.vault, name, (alice, bob, VALUE, 0, cycle), arguments,
            economy.address("carol"), lambda: economy.vault.call("ops", alice, bob), form,
        )  # fmt: skip

    return open_


# -- credits -------------------------------------------------------------------------------


def _fiat(economy: Economy, signer: Signer) -> Door:
    gate, alice = economy.mint_gate, economy.address("alice")
    gate.send("setFiatIssuerSigner", signer.address, sender=economy.owner.address)
    values = (alice, ETHER, CODE, FOREVER)
    return Door(
        economy, messages.FIAT_MINT, gate, "mintFromFiat", values,
        lambda signature: (*values, signature), economy.address("carol"),
        lambda: (economy.credit_meter.call("creditOf", alice), gate.call("receiptInfo", CODE)),
    )  # fmt: skip


def _invite(economy: Economy, signer: Signer) -> Door:
    invite, alice = economy.invite, economy.address("alice")
    terms = (CODE, ETHER, DAY, CLAIM_KEY, signer.address)
    invite.send("createInviteEx", *terms, sender=economy.address("bob"))
    values = (CODE, alice, economy.now)
    return Door(
        economy, messages.INVITE_CLAIM, invite, "acceptInviteFor", values,
        lambda signature: (*values, signature), economy.address("carol"),
        lambda: (economy.balance(alice), invite.call("getInvite", CODE)),
    )  # fmt: skip


def _redeem_code(economy: Economy, signer: Signer) -> Door:
    redeem, alice, owner = economy.redeem, economy.address("alice"), economy.owner.address
    redeem.send("addGuardedRedeemCodes", [CODE], [signer.address], ETHER, sender=owner)
    values = (CODE, alice, economy.now)
    return Door(
        economy, messages.REDEEM_CLAIM, redeem, "redeemFor", values,
        lambda signature: (*values, signature), economy.address("carol"),
        lambda: (economy.balance(alice), redeem.call("isRedeemed", CODE)),
    )  # fmt: skip


# -- identities ----------------------------------------------------------------------------


def _device(economy: Economy, signer: Signer) -> Door:
    devices, alice, deadline = economy.devices, economy.address("alice"), economy.now
    return Door(
        economy, messages.LINK_DEVICE, devices, "linkDeviceSigned",
        (alice, signer.address, deadline),
        lambda signature: (signer.address, deadline, signature), alice,
        lambda: devices.call("isDeviceConfirmed", alice, signer.address),
    )  # fmt: skip


def _agent_wallet(economy: Economy, signer: Signer) -> Door:
    agents, alice, deadline = economy.agents, economy.address("alice"), economy.now + 60
    agent = agents.send("register()", sender=alice).value
    return Door(
        economy, messages.AGENT_WALLET_SET, agents, "setAgentWallet",
        (agent, signer.address, alice, deadline),
        lambda signature: (agent, signer.address, deadline, signature), alice,
        lambda: agents.call("getAgentWallet", agent),
    )  # fmt: skip


def _signal(message: Message, *, owner_signs: bool) -> Callable[[Economy, Signer], Door]:
    """Under the topic of somebody's devices the owner signs, under any other the peer itself."""

    def open_(economy: Economy, signer: Signer) -> Door:
        signaling, now, pubkey = economy.signaling, economy.now, b"public key"
        owner, peer = economy.address("alice"), signer.address
        topic = keccak(text="a topic")
        if owner_signs:
            owner, peer = signer.address, Key.named("a peer").address
            topic = device_topic(owner)
        who = (topic, owner, peer)
        said = (*who, pubkey) if message is messages.ANNOUNCE else who
        return Door(
            economy, message, signaling, message.primary.lower(), (*said, now),
            lambda signature: (*said, now.to_bytes(8, "big") + signature), economy.address("carol"),
            lambda: (signaling.call("lastSignedTime", topic, peer), signaling.call("peersOf", topic)),
        )  # fmt: skip

    return open_


def upto(values: tuple[Any, ...], signature: Any) -> tuple[Any, ...]:
    return (*values[:3], values[2], *values[3:], signature)


_X402 = {
    "settle": _payment("settle", lambda v, s: (*v, s)),
    "settleUpto": _payment("settleUpto", upto),
    "settleForAgent": _payment("settleForAgent", lambda v, s: (1, *v, s)),
    "settleBatch strict": _payment("settleBatch", lambda v, s: ([v], [s], True)),
    "settleUptoBatch strict": _payment("settleUptoBatch", lambda v, s: ([v], [v[2]], [s], True)),
}
_LAX = {
    "settleBatch": lambda v, s: ([v], [s], False),
    "settleUptoBatch": lambda v, s: ([v], [v[2]], [s], False),
}
BAD_SIGNATURE = 4


def _not_bad(receipt: Receipt) -> bool:
    return receipt.value != (BAD_SIGNATURE,)


KINDS = [
    *(
        Kind(
            name, messages.PAYMENT, open_,
            names_chain="BadPayee" if name == "settleForAgent" else "",  # the agent's account
        )
        for name, open_ in _X402.items()
    ),
    *(
        Kind(name, messages.PAYMENT, _payment(name, call, _not_bad), replay=ACCEPTED_AGAIN)
        for name, call in _LAX.items()
    ),
    Kind("cancel a payment", messages.CANCEL_PAYMENT, _cancel_payment, empty=False),
    *(
        Kind(
            f"settle3009 {which}", USD[0], _settle_3009(which), PARTS, contracts=False,
            refusal="TokenCallFailed", replay=ACCEPTED_AGAIN, low_v=which == OURS,
        )
        for which in (OURS, THEIRS)
    ),
    Kind(
        "deposit without gas", USD[1], _deposit, PARTS, contracts=False,
        refusal="TokenCallFailed", replay="TokenCallFailed", names_chain="TokenCallFailed",
    ),
    Kind("reserve", messages.RESERVE, _reserve, contracts=False, replay="BadNonce"),
    Kind("redeem", messages.RECEIPT, _redeem(BYTES), contracts=False, replay="StaleReceipt"),
    Kind(
        "redeemBatch", messages.RECEIPT, _redeem(COMPACT), COMPACT, contracts=False,
        refusal="NothingRedeemed", replay="NothingRedeemed",
    ),
    Kind("mint from fiat", messages.FIAT_MINT, _fiat, replay="ReceiptUsed"),
    Kind("accept an invite", messages.INVITE_CLAIM, _invite, replay="NotOpen"),
    Kind("redeem a code", messages.REDEEM_CLAIM, _redeem_code, replay="CodeAlreadyUsed"),
    Kind("link a device", messages.LINK_DEVICE, _device, replay=ACCEPTED_AGAIN),
    Kind("set an agent's wallet", messages.AGENT_WALLET_SET, _agent_wallet, replay=ACCEPTED_AGAIN),
    *(
        Kind(
            f"{message.primary.lower()} as {role}", message, _signal(message, owner_signs=owns),
            refusal="Unauthorized", replay="BadTime",
        )
        for message in (messages.ANNOUNCE, messages.LEAVE)
        for role, owns in (("owner", True), ("peer", False))
    ),
]  # fmt: skip
