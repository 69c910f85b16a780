"""Money from the wallet into the vault: approved once, journaled before it is sent, the shortfall only."""

from __future__ import annotations

import logging
from typing import Any

from harness import faults
from harness.chain.errors import ChainError, ContractError, TransactionRejected
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.client import explain
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.protocol.addresses import Address
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.upstream import insufficient_funds
from harness.services.consumer.workers import Workers
from harness.store.consumer_funds import FundsJournal, FundState, KeptDeposit

APPROVED_DEPOSITS = (
    10  # approve once for that many refills; the rest of the wallet stays out of reach
)

_log = logging.getLogger(__name__)


class Deposits:
    """The deposits of one wallet into one vault. `target` is what the vault should hold, base units."""

    def __init__(
        self,
        settings: ConsumerSettings,
        outbox: Outbox,
        session_key: Address,
        journal: FundsJournal,
        workers: Workers,
    ) -> None:
        assert settings.diamond is not None
        self._settings = settings
        self._outbox = outbox
        self._session_key = session_key
        self._journal = journal
        self._workers = workers
        self._vault = Vault(outbox.chain, settings.diamond)
        self._token = FwUsd(outbox.chain, settings.usdc)

    @property
    def target(self) -> int:
        return self._settings.vault_deposit_base

    async def start(self) -> None:
        """Finish what an earlier life began, then bring the vault to its target. Raises Refusal."""
        await self._workers.chain(self._recover)
        if self.target:
            await self.refill(0)

    async def refill(self, need: int) -> None:
        """Deposit what is missing to the target, and at least to `need` unreserved base units.

        One caller at a time. Raises Refusal: insufficient_funds, chain_unavailable.
        """
        await self._workers.chain(self._refill, need)

    # -- in a worker thread --------------------------------------------------------------------

    def _recover(self) -> None:
        self._outbox.recover()
        for kept in self._journal.open_deposits(self._vault.address):
            self._finish(kept)

    def _refill(self, need: int) -> None:
        wallet = self._outbox.address
        free = self._vault.withdrawable(wallet)
        total = free + self._vault.locked_total(wallet)
        missing = max(self.target - total, need - free)
        if missing <= 0:
            return
        purse = self._token.balance_of(wallet)
        if purse < max(need - free, 1):
            raise insufficient_funds(
                wallet, self._settings, f"has {purse} base units of USDC, the vault needs {missing}"
            )
        faults.reach("consumer.depositing")
        self._finish(self._journal.intend_deposit(self._vault.address, min(missing, purse)))

    def _finish(self, kept: KeptDeposit) -> None:
        """Send it, or learn that it was sent: the outbox knows one transaction by the deposit's key."""
        wallet, vault = self._outbox.address, self._vault.address
        try:
            if self._token.allowance(wallet, vault) < kept.amount:
                most = max(self.target * APPROVED_DEPOSITS, kept.amount)
                self._execute(
                    Call(self._token.address, self._token.calldata("approve", vault, most)), None
                )
            data = self._vault.calldata("deposit", kept.amount, self._session_key)
            receipt = self._execute(Call(vault, data), kept.key)
        except (ContractError, TransactionRejected) as failure:
            self._journal.deposit_became(kept, FundState.FAILED)
            raise self._failed(failure) from None
        self._journal.deposit_became(kept, FundState.DONE, receipt.transaction)
        _log.info("deposited", extra={"amount": str(kept.amount), "tx_hash": receipt.transaction})

    def _execute(self, call: Call, key: str | None) -> Any:
        try:
            return self._outbox.execute(call, key=key)
        except ContractError as failure:
            raise explain(failure) from None

    def _failed(self, failure: ChainError) -> Refusal:
        wallet = self._outbox.address
        if isinstance(failure, TransactionRejected):
            return Refusal(
                "insufficient_funds",
                f"{wallet} has too little native coin for the gas of a deposit. Send about 0.50 USD of "
                f"ETH on {self._settings.network_name} to {wallet}.",
                walletAddress=wallet,
                network=self._settings.network,
            )
        return insufficient_funds(wallet, self._settings, f"could not deposit ({failure})")
