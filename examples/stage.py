"""What every script here stands on: an economy on a chain in this process, people in it, and a table of balances."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.chain.embedded import EmbeddedChain
from harness.demo.cast import Member, enter
from harness.diamond.artifacts import ContractArtifact
from harness.diamond.book import AddressBook
from harness.diamond.build import build_contracts
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Economy, Options, deploy
from harness.protocol.addresses import Address

LH = 10**18  # wei
DAY = 86_400  # seconds
ROOT = Path(__file__).resolve().parents[1]
Artifacts = Mapping[str, ContractArtifact]
Balances = dict[str, int]


class Stage:
    """A deployed economy. `founder` owns it and mints; `scheduler` may fire jobs."""

    def __init__(self, artifacts: Artifacts | None = None) -> None:
        self.chain = EmbeddedChain()
        self.founder, self.scheduler = enter(self.chain, "founder"), enter(self.chain, "scheduler")
        options = Options(issuers=(self.founder.address,), scheduler=self.scheduler.address)
        with tempfile.TemporaryDirectory() as folder:
            book = AddressBook.of(self.chain, Path(folder))
            built = artifacts if artifacts is not None else build_contracts(ROOT)
            self.economy: Economy = deploy(self.chain, self.founder.outbox, built, book, options)

    @property
    def diamond(self) -> Diamond:
        """For reading; `member.at(stage.diamond)` writes."""
        return self.economy.diamond

    def enter(self, name: str, purse: int = 0) -> Member:
        """Somebody with gas money, `purse` wei of $LH, and an approval for the Diamond."""
        member = enter(self.chain, name)
        if purse:
            self.economy.credits.mint(member.address, purse)
            member.holding(self.economy.credits).approve(self.diamond.address, purse)
        return member

    def balance(self, who: Member | Address) -> int:
        """Wei of $LH."""
        address = who.address if isinstance(who, Member) else who
        return self.economy.credits.balance_of(address)

    def bucket(self, number: int) -> int:
        """What the Diamond holds of $LH for one purpose, in wei."""
        return self.diamond.treasury.bucket_of(self.economy.credits.address, number)


def table(moments: Sequence[tuple[str, Balances]], unit: int = LH) -> str:
    """A column per moment, a row per holder, and their sum."""
    names = list(moments[0][1])
    width = max(map(len, [*names, "sum"])) + 2
    lines = ["".ljust(width) + "".join(f"{title:>16}" for title, _ in moments)]
    for name in names:
        lines.append(name.ljust(width) + "".join(f"{b[name] / unit:>16g}" for _, b in moments))
    totals = "".join(f"{sum(b.values()) / unit:>16g}" for _, b in moments)
    return "\n".join([*lines, "sum".ljust(width) + totals])
