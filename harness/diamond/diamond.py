"""One Diamond with everything it does: a typed client per facet, all at one address."""

from __future__ import annotations

from functools import cached_property

from harness.chain.interface import Chain
from harness.diamond.accounts import Tba, TokenBoundAccount
from harness.diamond.bounty import Bounties
from harness.diamond.client import Sender
from harness.diamond.core import Cut, Loupe, Ownership
from harness.diamond.credits import Credits
from harness.diamond.names import MainIdentity, Names, OwnedTokens
from harness.diamond.registry import Registry
from harness.diamond.reputation import Reputation
from harness.diamond.schedule import Schedule
from harness.diamond.tokens import FwCredits
from harness.diamond.treasury import Treasury
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin
from harness.diamond.x402 import X402
from harness.protocol.addresses import Address, to_address


class Diamond:
    """Reads need a chain and an address, writes also a sender. `by` gives it to another sender."""

    def __init__(self, chain: Chain, address: Address, sender: Sender | None = None) -> None:
        self.chain = chain
        self.address = to_address(address)
        self.sender = sender
        here = (chain, self.address, sender)
        self.loupe = Loupe(*here)
        self.cut = Cut(*here)
        self.ownership = Ownership(*here)
        self.treasury = Treasury(*here)
        self.registry = Registry(*here)
        self.names = Names(*here)
        self.main_identity = MainIdentity(*here)
        self.owned_tokens = OwnedTokens(*here)
        self.tba = Tba(*here)
        self.credits = Credits(*here)
        self.x402 = X402(*here)
        self.bounties = Bounties(*here)
        self.schedule = Schedule(*here)
        self.reputation = Reputation(*here)
        self.vault = Vault(*here)
        self.vault_admin = VaultAdmin(*here)

    def by(self, sender: Sender) -> Diamond:
        """The same Diamond, written to by somebody else."""
        return Diamond(self.chain, self.address, sender)

    @cached_property
    def token(self) -> FwCredits:
        """The $LH token as the Diamond has it configured."""
        return FwCredits(self.chain, self.credits.credits_token(), self.sender)

    def account_of(self, identity: int) -> TokenBoundAccount:
        """The token-bound account of an identity."""
        return TokenBoundAccount(self.chain, self.tba.token_bound_account(identity), self.sender)
