"""A chain with an economy whose jobs a keeper can fire; for tests of the keeper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.chain.anvil import Anvil, AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwCredits
from harness.protocol.addresses import Address
from harness.services.keeper.app import open_keeper
from harness.services.keeper.runner import Result, Work
from harness.services.keeper.settings import KeeperSettings
from harness.services.keeper.tick import Keeper

LH = 10**18
FIRE = 10**16  # the price of one fire
INTERVAL = 60
SCHEDULER = LocalSigner.from_phrase("keeper tests: scheduler")
OTHER_SCHEDULER = LocalSigner.from_phrase("keeper tests: other scheduler")


@dataclass
class Notebook:
    """A runner that writes down what it was asked, and answers what it was told to."""

    answer: Callable[[Work], Result] = lambda work: Result(True, "done")
    seen: list[Work] = field(default_factory=list)

    def run(self, work: Work, seconds: float) -> Result:
        self.seen.append(work)
        return self.answer(work)


@dataclass
class World:
    """One economy on anvil. Accounts are made on demand; journals live as long as a test."""

    anvil: Anvil
    economy: Economy
    state: Path

    @property
    def chain(self) -> AnvilChain:
        return self.anvil.chain

    def someone(self, name: str) -> Diamond:
        """The Diamond as written to by somebody with gas, $LH and an approval."""
        key = LocalSigner.from_phrase(f"keeper tests: {name}")
        self.chain.set_balance(key.address, 100 * LH)
        outbox = Outbox(self.chain, key, MemoryJournal())
        self.economy.credits.mint(key.address, 100 * LH)
        FwCredits(self.chain, self.economy.credits.address, outbox).approve(
            self.economy.diamond.address, 2**256 - 1
        )
        return self.economy.diamond.by(outbox)

    def job(
        self,
        owner: Diamond,
        budget: int = 5 * FIRE,
        task: bytes = b"say hello",
        runs: int = 100,
        interval: int = INTERVAL,
    ) -> int:
        """A job of this owner's, at an identity of its own."""
        assert owner.sender is not None
        target = owner.main_identity.main_of(owner.sender.address)
        if target == 0:
            target = owner.registry.register(f"agent-{owner.sender.address[2:14].lower()}")
        return owner.schedule.schedule_job(target, task, interval, budget, runs)

    def later(self, seconds: int = INTERVAL + 5) -> None:
        self.chain.advance(seconds)

    def settings(self, **changes: Any) -> KeeperSettings:
        return KeeperSettings(
            **{
                "rpc": self.anvil.url,
                "diamond": self.economy.diamond.address,
                "key": "0x" + SCHEDULER._secret.hex(),
                "state": self.state,
                "runner": f"{__name__}:Notebook",
                **changes,
            }
        )

    @contextmanager
    def keeper(
        self, runner: Any = None, signer: LocalSigner = SCHEDULER, **changes: Any
    ) -> Iterator[tuple[Keeper, Notebook]]:
        """A keeper in this process, with a notebook for a runner unless another one is given."""
        notebook = runner or Notebook()
        with open_keeper(self.settings(**changes), signer=signer) as keeper:
            keeper._runner = notebook
            yield keeper, notebook

    def held(self) -> int:
        """What the schedule's bucket holds."""
        return self.economy.diamond.treasury.bucket_of(self.economy.credits.address, 3)

    def balance(self, account: Address) -> int:
        return self.economy.credits.balance_of(account)
