"""The economy on two tokens that can turn against it, with a trap among its actors."""

from __future__ import annotations

import functools
import re
from typing import Any

from harness.chain.evm import Evm
from tests.contracts.build import SOURCES
from tests.contracts.calls import Bound, Interface, decode, type_of
from tests.contracts.calls import encode as encode_values
from tests.contracts.economy import BUCKETS, Economy
from tests.contracts.signing import nonce
from tests.invariants.chain import EVM

BLANK_TYPES = {"bool": False, "string": "x", "bytes": b"", "address": b"\x11" * 20}
GUARDED = re.compile(r"function (\w+)\([^)]*\)[^{;]*\bnonReentrant\b")
# What stands before the lock: the caller's role, and nothing else.
ROLES = ("NotScheduler", "NotMeter")
COUNTERS = {
    "bounty": "bountyCount",
    "schedule": "jobCount",
    "party": "partyCount",
    "validation": "validationCount",
    "guild": "guildCount",
    "voting": "proposalCount",
}


class HostileEconomy(Economy):
    """`credits` and `usd` are HostileTokens; `trap` holds an allowance and money like everybody else."""

    def _initialise(self) -> None:
        owner = self.owner.address
        self.credits = self.bound("HostileToken", self.create("HostileToken"))
        self.usd = self.bound("HostileToken", self.create("HostileToken"))
        self.tokens = (self.credits, self.usd)
        self.trap = self.bound("HostileTrap", self.create("HostileTrap"))
        self.lens = self.bound("Lens", self.create("Lens"))
        self.tba.send("setTbaConfig", self.registry6551.address, self.account_impl, sender=owner)
        self.credits_facet.send("setCreditsToken", self.credits.address, sender=owner)
        self.schedule.send("setScheduler", self.scheduler.address, sender=owner)
        # The trap is a scheduler, so that the lock and not the role refuses it.
        self.schedule.send("addScheduler", self.trap.address, True, sender=owner)
        self.x402.send("setPayToken", self.usd.address, True, sender=owner)
        self.init_vault(fee_bps=250)
        self.credit_meter.send("setMeter", self.meter_key.address, sender=owner)
        self.mint_gate.send("setFiatIssuerSigner", self.fiat_issuer.address, sender=owner)
        self.mint_gate.send("setClawbacker", self.clawbacker.address, sender=owner)
        self.mint_gate.send("setPerReceiptMaxWei", 10**6, sender=owner)
        self.mint_gate.send("setFiatMintWindow", 10**8, 86_400, sender=owner)

    def _fund(self) -> None:
        owner = self.owner.address
        for token in self.tokens:
            for key in self.keys.values():
                token.send("mint", key.address, 10**15, sender=owner)
                token.send("approve", self.diamond, 2**255, sender=key.address)
            token.send("mint", self.trap.address, 10**15, sender=owner)
            approve = token.data("approve", self.diamond, 2**255)
            self.trap.send("act", token.address, approve, sender=owner)
            token.send("setReentry", self.trap.address, b"", sender=owner)
            token.send("setFee", 100, sender=owner)
        self.trap.send("setTarget", self.diamond, sender=owner)
        self.doors = doors(self)
        names = list(self.doors)
        for start in range(0, len(names), 20):
            calls = [self.doors[name] for name in names[start : start + 20]]
            self.trap.send("addDoors", calls, sender=owner)
        self.names = [self.register(f, f"ground-{f}") for f in ("alice", "bob", "carol")]

    def read(self, target: bytes, calls: list[bytes]) -> list[int]:
        """The first words of many views."""
        return list(self.lens.call("words", target, calls))


@functools.cache
def ground(kind: type[Evm] = EVM) -> HostileEconomy:
    return HostileEconomy(kind())


def facets(economy: Economy) -> dict[str, Bound]:
    """Every facet behind the diamond, by its contract's name."""
    return {name: economy.bound(name, economy.diamond) for name in economy.code}


@functools.cache
def guarded_names() -> dict[str, frozenset[str]]:
    """By facet, the functions that take the shared lock, read from the sources."""
    found = {}
    for file in sorted((SOURCES / "facets").rglob("*.sol")):
        names = GUARDED.findall(file.read_text())
        found[file.stem] = frozenset(name for name in names if not name.startswith("_"))
    return found


def doors(economy: Economy) -> dict[str, bytes]:
    """Calldata for every guarded function, overloads apart; the lock answers before arguments matter."""
    calls = {}
    guarded = guarded_names()
    for name, facet in facets(economy).items():
        for entry in facet.interface.abi:
            if entry["type"] != "function" or entry["name"] not in guarded.get(name, ()):
                continue
            if entry["stateMutability"] == "view":
                continue
            types = [type_of(item) for item in entry["inputs"]]
            blanks = [_blank(item) for item in entry["inputs"]]
            signature = f"{entry['name']}({','.join(types)})"
            selector = facet.interface.encode(signature, tuple(blanks))[:4]
            calls[f"{name}.{signature}"] = selector + encode_values(types, blanks)
    return calls


def leaks(economy: HostileEconomy) -> list[str]:
    """Doors that did not answer `Reentrancy`, roles aside."""
    _, found = economy.trap.call("report")
    names, roles = list(economy.doors), {_selector(name) for name in ROLES}
    return [
        f"{names[leak >> 32]} answered {leak & 0xFFFFFFFF:08x}"
        for leak in found
        if leak & 0xFFFFFFFF not in roles
    ]


def readings(economy: HostileEconomy) -> list[bytes]:
    """Calldata of every number the machine watches: both tokens' buckets, then the counters."""
    calls = [
        economy.treasury.data("bucketOf", token.address, bucket)
        for token in economy.tokens
        for bucket in BUCKETS
    ]
    return calls + [getattr(economy, facet).data(name) for facet, name in COUNTERS.items()]


def _blank(parameter: dict[str, Any]) -> Any:
    kind = type_of(parameter)
    if kind.endswith("[]"):
        return []
    if kind.startswith("("):
        return tuple(_blank(component) for component in parameter["components"])
    if kind.startswith("bytes") and kind != "bytes":
        return nonce(1)[: int(kind[5:])]
    return BLANK_TYPES.get(kind, 1)


def _selector(error: str) -> int:
    from eth_utils.crypto import keccak

    return int.from_bytes(keccak(text=f"{error}()")[:4], "big")


__all__ = ["HostileEconomy", "Interface", "decode", "ground", "leaks", "readings"]
