"""What the chain says: balances at a moment, and what its logs say has moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.chain.records import LogFilter, LogRecord
from harness.devnet.world import dev_key
from harness.diamond.tokens import DOLLAR_INTERFACE
from harness.diamond.vault import INTERFACE as VAULT
from harness.protocol.addresses import Address
from tests.crash.theatre import Theatre
from tests.load.cast import CONSUMERS, OPERATORS
from tests.load.journals import Pair


def names() -> dict[Address, str]:
    """The accounts that take part, by address."""
    return {dev_key(name).address: name for name in (*CONSUMERS, *OPERATORS, "facilitator")}


def balances(stage: Theatre) -> dict[str, int]:
    """Base units in every wallet and every pot, by a name to print."""
    dollar, vault = stage.dollar, stage.vault
    found = {f"{name}, wallet": dollar.balance_of(who) for who, name in names().items()}
    for name in CONSUMERS:
        who = dev_key(name).address
        found[f"{name}, vault"] = vault.balance(who)
        found[f"{name}, vault, locked"] = vault.locked_total(who)
        for operator in OPERATORS:
            pair = vault.ops(who, dev_key(operator).address)
            found[f"{name} for {operator}, locked"] = pair.locked
            found[f"{name} for {operator}, redeemed"] = pair.redeemed
    found["vault, wallet"] = dollar.balance_of(vault.address)
    found["vault, all accounts"] = vault.total_balance()
    found["all dollars"] = dollar.total_supply()
    return found


@dataclass(frozen=True)
class Moved:
    """Base units, by consumer and operator unless named otherwise."""

    exact: Counter[Pair]
    redeemed: Counter[Pair]
    fees: Counter[Pair]
    reserved: Counter[Pair]
    deposited: Counter[Address]
    used: Counter[tuple[Address, bytes]]  # authorisations, by who gave them


def moved(stage: Theatre, since: int) -> Moved:
    """Everything that the logs from block `since` on say."""
    vault = stage.vault.address
    found = Moved(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())
    for log in _logs(stage, stage.dollar.address, since):
        _dollar(log, vault, found)
    for log in _logs(stage, vault, since):
        _vault(log, found)
    return found


def _logs(stage: Theatre, emitter: Address, since: int) -> list[LogRecord]:
    wanted = LogFilter(since, stage.chain.block().number, (emitter,))
    return list(stage.chain.logs(wanted))


def _dollar(log: LogRecord, vault: Address, found: Moved) -> None:
    event = DOLLAR_INTERFACE.event
    if event("Transfer").matches(log):
        told = event("Transfer").decode(log)
        giver, taker, amount = str(told["from"]), str(told["to"]), int(told["value"])
        if vault not in (giver, taker) and giver in names() and taker in names():
            found.exact[giver, taker] += amount
    elif event("AuthorizationUsed").matches(log):
        told = event("AuthorizationUsed").decode(log)
        found.used[str(told["authorizer"]), bytes(told["nonce"])] += 1


def _vault(log: LogRecord, found: Moved) -> None:
    if VAULT.event("Redeemed").matches(log):
        told = VAULT.event("Redeemed").decode(log)
        pair = str(told["consumer"]), str(told["operator"])
        found.redeemed[pair] += int(told["paid"])
        found.fees[pair] += int(told["fee"])
    elif VAULT.event("Reserved").matches(log):
        told = VAULT.event("Reserved").decode(log)
        found.reserved[str(told["consumer"]), str(told["operator"])] += int(told["amount"])
    elif VAULT.event("Deposited").matches(log):
        told = VAULT.event("Deposited").decode(log)
        found.deposited[str(told["consumer"])] += int(told["amount"])
