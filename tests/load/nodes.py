"""Two relays on NATS and two facilitators on PostgreSQL, under load, one of each killed in the middle.

Sidecars and operators know one address of each kind: a TCP balancer's, as where several are deployed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.theatre import Part, Theatre, theatre
from tests.load.balancer import balanced
from tests.load.cast import SIDECARS, TRADERS, start
from tests.load.clients import IN_PROGRESS, Crowd, Told
from tests.load.ledger import balances
from tests.load.mix import Planned, plan
from tests.load.run import CONCURRENCY, Loaded, collect, settle
from tests.postgresql import empty_database
from tests.postgresql import running as running_postgresql
from tests.services.relay.nats import NatsServer

PRESENCE_SECONDS = (
    3.0  # fifteen in production; after so long a killed relay's operators are forgotten
)
PLENTY = 20_000
VICTIMS = ("relay-1", "facilitator-1")
WHEN = (1 / 3, 2 / 3)  # of the load's time


def cast(bus: str, relay_database: str, facilitator_database: str) -> dict[str, Part]:
    """Relays share the bus and a database, facilitators a key and a database."""
    found = {
        f"facilitator-{n}": Part("facilitator", "facilitator", {"db_url": facilitator_database})
        for n in (1, 2)
    }
    for n in (1, 2):
        changes = {
            "bus_url": bus, "db_url": relay_database, "node_id": f"relay-{n}",
            "presence_ttl_s": PRESENCE_SECONDS,
        }  # fmt: skip
        found[f"relay-{n}"] = Part("relay", changes=changes)
    return {**found, "indexer": Part("indexer"), **TRADERS}


@contextmanager
def nodes(root: Path) -> Iterator[Theatre]:
    """A theatre with real servers below it; nothing of the market is started yet."""
    bus = NatsServer()
    bus.start()
    try:
        with running_postgresql() as server:
            parts = cast(bus.url, empty_database(server), empty_database(server))
            with theatre(root, parts) as stage:
                ports = stage.ports
                with (
                    balanced(ports["relay-1"], ports["relay-2"]) as relays,
                    balanced(ports["facilitator-1"], ports["facilitator-2"]) as facilitators,
                ):
                    stage.addresses |= {"relay": relays.url, "facilitator": facilitators.url}
                    yield stage
    finally:
        bus.kill()


@dataclass
class Survived(Loaded):
    """What the load came to. `kills` are monotonic seconds by victim."""

    kills: dict[str, float] = field(default_factory=dict)

    def first_success(self, victim: str) -> float | None:
        """Seconds from a kill to the end of the first request that began after it and succeeded."""
        at = self.kills[victim]
        ends = [t.ended for t in self.crowd.told if t.began > at and t.outcome == "200"]
        return min(ends) - at if ends else None

    def retried(self) -> tuple[int, int]:
        """Requests that met a failure, and those of them that succeeded when they were sent again."""
        met = [told for told in self.crowd.told if harmed(told)]
        return len(met), sum(told.outcome == "200" for told in met)


def harmed(told: Told) -> bool:
    """Whether a client saw something go wrong."""
    return not told.good or any(code != IN_PROGRESS for code in told.failures)


def survive(stage: Theatre, seconds: float, seed: int) -> Survived:
    """Load for so long, with a kill -9 of a relay and of a facilitator; then the books."""
    since = stage.chain.block().number + 1
    before = balances(stage)
    start(stage)
    crowd = Crowd(stage.url, persistent=True)
    began = time.monotonic()
    requests = until(began + seconds, iter(plan(PLENTY, seed, SIDECARS, keyed=1.0)))
    kills = {}
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(crowd.run, requests, CONCURRENCY)
        for victim, share in zip(VICTIMS, WHEN, strict=True):
            time.sleep(max(0.0, began + seconds * share - time.monotonic()))
            kills[victim] = time.monotonic()
            stage.kill(victim)
        load.result()
    took = time.monotonic() - began
    collect(stage)
    books = settle(stage, before, since, facilitator="facilitator-2")
    return Survived(crowd, books, took, kills)


def until(deadline: float, requests: Iterator[Planned]) -> Iterator[Planned]:
    """The requests that begin before a time."""
    for each in requests:
        if time.monotonic() > deadline:
            return
        yield each
