"""The typed messages there are, and nothing else is signed (`test_complete.py` holds this list to the sources).

    x402              PaymentAuthorization, CancelPayment
    tokens, EIP-3009  TransferWithAuthorization, ReceiveWithAuthorization, CancelAuthorization
    FwUSD, EIP-2612   Permit
    vault             Reserve, Receipt; a deposit without gas is a ReceiveWithAuthorization whose nonce commits to the
                      session key, so registering a key that way has no message of its own
    fiat gate         FiatMint
    devices           LinkDevice
    ERC-8004          AgentWalletSet
    codes             InviteClaim, RedeemClaim
    signalling        Announce, Leave

Votes, guilds, bounties, jobs and roles are acts of `msg.sender`: a contract votes by calling. A token-bound account has no
message and no policy of its own; it judges the digests of others (`identity/test_tba.py`).

Who may sign: an account with a key, everywhere. A contract by ERC-1271, wherever the signature travels as `bytes`, but for
Reserve and Receipt: what a session key signs must not change its meaning after the work was done. The forms with v, r and s
of the two EIPs are for keys only. An account whose code is a delegation (EIP-7702) signs with its key everywhere, and where
contracts may sign it signs also by what its delegate answers, because to a caller it is a contract: who delegates to code
that accepts anything has given the account away, here as everywhere else.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.contracts import signing


class Message(NamedTuple):
    """An EIP-712 type in a domain."""

    type: str
    name: str
    version: str

    @property
    def primary(self) -> str:
        return self.type.partition("(")[0]


def _of(name: str, version: str, *types: str) -> list[Message]:
    return [Message(type_, name, version) for type_ in types]


PAYMENT, CANCEL_PAYMENT = _of("localharness-x402", "1", signing.PAYMENT, signing.CANCEL_PAYMENT)
RESERVE, RECEIPT = _of("Halo", "2", signing.RESERVE, signing.RECEIPT)
(FIAT_MINT,) = _of("localharness-mintgate", "1", signing.FIAT_MINT)
(LINK_DEVICE,) = _of("facetworks-device", "1", signing.LINK_DEVICE)
(AGENT_WALLET_SET,) = _of("ERC8004IdentityRegistry", "1", signing.AGENT_WALLET_SET)
INVITE_CLAIM, REDEEM_CLAIM = _of(
    "facetworks-invite", "1", signing.INVITE_CLAIM, signing.REDEEM_CLAIM
)
ANNOUNCE, LEAVE = _of("facetworks-signaling", "1", signing.ANNOUNCE, signing.LEAVE)
TOKEN_TYPES = (signing.TRANSFER, signing.RECEIVE, signing.CANCEL)
CREDITS = _of("Localharness Credits", "1", *TOKEN_TYPES)
USD = _of("USD Coin", "2", *TOKEN_TYPES, signing.PERMIT)

OF_THE_DIAMOND = (
    PAYMENT,
    CANCEL_PAYMENT,
    RESERVE,
    RECEIPT,
    FIAT_MINT,
    LINK_DEVICE,
    AGENT_WALLET_SET,
    INVITE_CLAIM,
    REDEEM_CLAIM,
    ANNOUNCE,
    LEAVE,
)
MESSAGES = (*OF_THE_DIAMOND, *CREDITS, *USD)
