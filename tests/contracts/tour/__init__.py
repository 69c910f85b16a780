"""One successful call of every state-changing function of every facet, in an order that works.

The list of functions is the tour's own proof of completeness: `visited` holds their signatures.
"""

from __future__ import annotations

from tests.contracts.tour.agents import Agents
from tests.contracts.tour.community import Community
from tests.contracts.tour.core import Core
from tests.contracts.tour.credits import Credits
from tests.contracts.tour.guild import Guilds
from tests.contracts.tour.identity import Identity
from tests.contracts.tour.market import Market
from tests.contracts.tour.payments import Payments


class Tour(Core, Identity, Payments, Market, Guilds, Credits, Community, Agents):
    """Everything that an economy can do."""

    def run(self) -> None:
        """Everything, once."""
        self.core()
        self.identities()
        self.payments()
        self.bounties()
        self.jobs()
        self.attestations()
        self.parties()
        self.verdicts()
        self.guilds()
        self.votes()
        self.sessions()
        self.metering()
        self.fiat()
        self.codes()
        self.devices()
        self.talk()
        self.rooms()
        self.signals()
        self.releases()
        self.tabs()
        self.vault_roles()
        self.agents()
        self.money()
