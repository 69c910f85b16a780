"""Doors of the tokens: EIP-3009 in both forms at both of ours, EIP-2612 at FwUSD, and all of it at the Vyper dollar."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Bound
from tests.contracts.counterparts.build import vyper
from tests.contracts.counterparts.dollars import THEIRS
from tests.contracts.economy import Economy
from tests.contracts.signatures.door import BYTES, PARTS, Door, Kind, Signer
from tests.contracts.signatures.messages import CREDITS, USD, Message
from tests.contracts.signing import nonce

FOREVER = 2**40
VALUE = 5
TAILS = {BYTES: "bytes", PARTS: "uint8,bytes32,bytes32"}
TRANSFER_FIELDS = "address,address,uint256,uint256,uint256,bytes32"


def fund(economy: Economy, token: Bound, signer: Signer) -> None:
    """The signer has some of `token` and lets the Diamond move it."""
    owner = economy.owner.address
    token.send("mint", signer.address, 1_000, sender=owner)
    token.send("approve", economy.diamond, 2**256 - 1, sender=signer.address)


def token_of(economy: Economy, which: str) -> Bound:
    if which != THEIRS:
        return economy.credits if which == "FwCredits" else economy.usd
    economy.artifacts[THEIRS] = vyper(THEIRS)
    return economy.bound(THEIRS, economy.create(THEIRS, economy.owner.address))


def _tail(form: str, signature: Any) -> tuple[Any, ...]:
    return signature if form == PARTS else (signature,)


def authorization(
    which: str, message: Message, form: str, economy: Economy, signer: Signer
) -> Door:
    """transferWithAuthorization and receiveWithAuthorization."""
    token, bob = token_of(economy, which), economy.address("bob")
    fund(economy, token, signer)
    values = (signer.address, bob, VALUE, 0, FOREVER, nonce(1))
    name = message.primary[0].lower() + message.primary[1:]
    return Door(
        economy, message, token, f"{name}({TRANSFER_FIELDS},{TAILS[form]})", values,
        lambda signature: (*values, *_tail(form, signature)), bob,
        lambda: (token.call("balanceOf", bob), token.call("authorizationState", signer.address, nonce(1))),
        form,
    )  # fmt: skip


def cancellation(which: str, message: Message, form: str, economy: Economy, signer: Signer) -> Door:
    token, carol = token_of(economy, which), economy.address("carol")
    values = (signer.address, nonce(1))
    return Door(
        economy, message, token, f"cancelAuthorization(address,bytes32,{TAILS[form]})", values,
        lambda signature: (*values, *_tail(form, signature)), carol,
        lambda: token.call("authorizationState", *values), form,
    )  # fmt: skip


def permission(which: str, message: Message, form: str, economy: Economy, signer: Signer) -> Door:
    token, bob = token_of(economy, which), economy.address("bob")
    deadline = economy.now
    name = f"permit(address,address,uint256,uint256,{TAILS[form]})"
    return Door(
        economy, message, token, name, (signer.address, bob, VALUE, 0, deadline),
        lambda signature: (signer.address, bob, VALUE, deadline, *_tail(form, signature)), bob,
        lambda: (token.call("allowance", signer.address, bob), token.call("nonces", signer.address)),
        form,
    )  # fmt: skip


OPENERS = {
    "TransferWithAuthorization": authorization,
    "ReceiveWithAuthorization": authorization,
    "CancelAuthorization": cancellation,
    "Permit": permission,
}


def _kind(which: str, message: Message, form: str) -> Kind:
    opener, theirs = OPENERS[message.primary], which == THEIRS
    return Kind(
        f"{which} {message.primary} {form}",
        message,
        lambda economy, signer: opener(which, message, form, economy, signer),
        form,
        contracts=form == BYTES,
        refusal="Error" if theirs else "BadSignature",
        # A used permit has left its nonce behind; the Vyper dollar has one kind of error.
        replay="Error" if theirs else "BadSignature" if opener is permission else "AuthAlreadyUsed",
        low_v=not theirs,
    )


KINDS = [
    _kind(which, message, form)
    for which, messages, forms in (
        ("FwCredits", CREDITS, (BYTES, PARTS)),
        ("FwUSD", USD, (BYTES, PARTS)),
        (THEIRS, USD, (PARTS,)),
    )
    for message in messages
    for form in forms
]
