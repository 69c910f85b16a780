"""One call that could be made now, chosen by looking at the chain: no model says what it will do."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from tests.contracts.economy import (
    BOUNTY,
    GUILD,
    INVITE,
    METER,
    OWED,
    PARTY,
    SCHEDULE,
    TREASURY,
    VALIDATION,
    VAULT,
    VAULT_FEES,
)
from tests.contracts.payments.tab import Tab
from tests.invariants.hostile.ground import HostileEconomy

# What a call of a domain may change, beside TREASURY and OWED.
OWN_BUCKETS = {
    "bounty": {BOUNTY},
    "schedule": {SCHEDULE},
    "party": {PARTY},
    "validation": {VALIDATION},
    "invite": {INVITE},
    "meter": {METER},
    "vault": {VAULT, VAULT_FEES},
    "guild": {GUILD},
    "session": set[int](),
    "x402": set[int](),
    "social": set[int](),
    "redeem": set[int](),
    "treasury": set[int](),
}
SHARED_BUCKETS = {TREASURY, OWED}
AMOUNTS = (1, 99, 1_000, 10_000, 123_456)


class Move(NamedTuple):
    """A call. `once` names what it may do at most one time in the life of the diamond."""

    domain: str
    facet: str
    name: str
    args: tuple[Any, ...]
    sender: bytes
    once: tuple[Any, ...] | None = None


class Scene:
    """The economy, who acts in it, and what the machine remembers because no view lists it."""

    def __init__(self, economy: HostileEconomy) -> None:
        self.economy = economy
        self.people = [key.address for key in economy.keys.values()]
        self.actors = [*self.people, economy.trap.address]
        self.codes: list[str] = []
        self.redeemable: list[str] = []
        self.receipts: list[bytes] = []
        self.pairs: set[tuple[bytes, bytes]] = set()
        self.consumers: set[bytes] = set()
        self.guilds: list[int] = []
        self.serial = 0
        self.tab = Tab(economy)

    @property
    def now(self) -> int:
        return self.economy.now

    def number(self) -> int:
        """Never the same twice."""
        self.serial += 1
        return self.serial

    def ask(self, facet: str, name: str, *args: Any) -> Any:
        return getattr(self.economy, facet).call(name, *args)

    def pick(
        self, dice: Random, facet: str, counter: str, live: Callable[[int], bool]
    ) -> int | None:
        """An id below the counter, a live one when a few tries find it."""
        count = self.ask(facet, counter)
        for _ in range(5):
            if count and live(id_ := dice.randint(max(1, count - 12), count)):
                return id_
        return None

    def owner_of(self, id_: int) -> bytes:
        return bytes(self.ask("erc721", "ownerOf", id_))


Chooser = Callable[[Scene, Random], "Move | None"]
