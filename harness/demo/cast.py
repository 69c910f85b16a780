"""Who takes part: accounts with names, made from public phrases, on a chain that ends with the process."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.embedded import EmbeddedChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwCredits
from harness.protocol.addresses import Address

GAS_MONEY = 10 * 10**18


@dataclass(frozen=True)
class Member:
    """An account: its key, and an outbox that sends for it."""

    name: str
    signer: LocalSigner
    outbox: Outbox

    @property
    def address(self) -> Address:
        return self.signer.address

    def at(self, diamond: Diamond) -> Diamond:
        """The Diamond as this member writes to it."""
        return diamond.by(self.outbox)

    def holding(self, token: FwCredits) -> FwCredits:
        """The token as this member writes to it."""
        return FwCredits(token.chain, token.address, self.outbox)


def enter(chain: EmbeddedChain, name: str) -> Member:
    """Somebody comes in, with money for gas and nothing else."""
    signer = LocalSigner.from_phrase(f"facetworks demonstration: {name}")
    chain.set_balance(signer.address, GAS_MONEY)
    return Member(name, signer, Outbox(chain, signer, MemoryJournal()))


def names_of(
    economy: Economy, members: list[Member], more: dict[Address, str]
) -> dict[Address, str]:
    """Names for addresses, to print instead of forty digits."""
    known = {address: name for name, address in economy.addresses.items()}
    return known | {member.address: member.name for member in members} | more
