"""HostileSigner by the names of its answers."""

from __future__ import annotations

from tests.contracts.calls import Bound
from tests.contracts.economy import Economy

ACCEPT, REFUSE, REVERT, SHORT, BURN_GAS, BOMB, DIRTY, EMPTY, LONG = range(9)
LIES = {
    "a wrong magic value": REFUSE,
    "a revert": REVERT,
    "31 bytes": SHORT,
    "all its gas": BURN_GAS,
    "a megabyte": BOMB,
    "something behind the magic value": DIRTY,
    "nothing": EMPTY,
}
DESIGNATOR = b"\xef\x01\x00"  # EIP-7702


def hostile(economy: Economy, mode: int = ACCEPT) -> Bound:
    """A contract that answers in this way."""
    signer = economy.bound("HostileSigner", economy.create("HostileSigner"))
    answer(economy, signer.address, mode)
    return signer


def answer(economy: Economy, at: bytes, mode: int) -> None:
    """Change what the code at this address, its own or a delegate's, answers."""
    economy.bound("HostileSigner", at).send("setMode", mode, sender=economy.address("frank"))


def delegate(economy: Economy, account: bytes, to: bytes) -> None:
    """What a type-4 transaction of the account leaves behind (`tests/harness/diamond/test_delegation.py` sends one)."""
    economy.evm.set_code(account, DESIGNATOR + to)
