"""One Diamond with everything it does: a typed client per facet, all at one address."""

from __future__ import annotations

from functools import cached_property

from harness.chain.interface import Chain
from harness.diamond.accounts import Tba, TokenBoundAccount
from harness.diamond.agent_reputation import AgentReputation
from harness.diamond.agent_validation import AgentValidation
from harness.diamond.agents import Agents
from harness.diamond.bounty import Bounties
from harness.diamond.client import Sender
from harness.diamond.core import Cut, Loupe, Ownership
from harness.diamond.credit_meter import CreditMeter
from harness.diamond.credits import Credits
from harness.diamond.devices import Devices
from harness.diamond.feedback import Feedback
from harness.diamond.guild import Guilds
from harness.diamond.invite import Invites
from harness.diamond.messages import Messages
from harness.diamond.mint_gate import MintGate
from harness.diamond.names import MainIdentity, Names, OwnedTokens
from harness.diamond.party import Parties
from harness.diamond.profile import Profiles
from harness.diamond.push import Push
from harness.diamond.redeem import Redeem
from harness.diamond.registry import Registry
from harness.diamond.release import Release
from harness.diamond.reputation import Reputation
from harness.diamond.rooms import Rooms
from harness.diamond.schedule import Schedule
from harness.diamond.session import Sessions
from harness.diamond.signaling import Signaling
from harness.diamond.subscriptions import Subscriptions
from harness.diamond.tithe import Tithes
from harness.diamond.tokens import FwCredits
from harness.diamond.treasury import Treasury
from harness.diamond.validation import Validations
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin
from harness.diamond.voting import Voting
from harness.diamond.weighted_voting import WeightedVoting
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
        self.guilds = Guilds(*here)
        self.voting = Voting(*here)
        self.tithes = Tithes(*here)
        self.weighted_voting = WeightedVoting(*here)
        self.sessions = Sessions(*here)
        self.devices = Devices(*here)
        self.subscriptions = Subscriptions(*here)
        self.push = Push(*here)
        self.feedback = Feedback(*here)
        self.messages = Messages(*here)
        self.rooms = Rooms(*here)
        self.signaling = Signaling(*here)
        self.release = Release(*here)
        self.invites = Invites(*here)
        self.redeem = Redeem(*here)
        self.credit_meter = CreditMeter(*here)
        self.mint_gate = MintGate(*here)
        self.vault = Vault(*here)
        self.vault_admin = VaultAdmin(*here)
        self.parties = Parties(*here)
        self.validations = Validations(*here)
        self.agents = Agents(*here)
        self.agent_reputation = AgentReputation(*here)
        self.agent_validation = AgentValidation(*here)
        self.profiles = Profiles(self.registry)

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
