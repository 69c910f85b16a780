"""Everything behind the routes of one sidecar, and its life: take up, serve, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx

from harness.chain.interface import Chain
from harness.chain.keys import Signer
from harness.chain.outbox import Outbox
from harness.clients.facilitator import FacilitatorClient
from harness.clients.indexer import IndexerClient
from harness.confidential.attestor import Attestor as EvidenceAttestor
from harness.confidential.policy import AttestationPolicy
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.errors import HarnessError
from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.budget import Budget, Hold
from harness.services.consumer.deposits import Deposits
from harness.services.consumer.directory import Directory
from harness.services.consumer.enclaves import Attestor
from harness.services.consumer.exact import ExactRail
from harness.services.consumer.idempotency import Idempotency
from harness.services.consumer.inquiry import Inquiry
from harness.services.consumer.metrics import Metrics
from harness.services.consumer.pipeline import Pipeline
from harness.services.consumer.policy import Policy
from harness.services.consumer.policy_file import PolicyFile
from harness.services.consumer.purse import Orphan
from harness.services.consumer.receipts import RETRY_SECONDS, ReceiptPusher
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import CLI_VERSION, RelayClient
from harness.services.consumer.reservations import Reservations
from harness.services.consumer.session_key import session_signer
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.tab import Bookkeeper
from harness.services.consumer.vault import FIRST_WAIT, VaultRail
from harness.services.consumer.vault_identity import VaultIdentity
from harness.services.consumer.watcher import Watcher
from harness.services.consumer.workers import Workers
from harness.store.consumer import ConsumerJournal, PaidRequest, RunRow
from harness.store.consumer_funds import FundsJournal
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database, DatabaseFailure, brief
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.journal import SqlJournal
from harness.store.schema import TRANSACTIONS

ORPHAN_SECONDS = 600.0  # operators void what was not receipted by then
DRAIN_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Sidecar:
    """Made without a loop; `start` and `stop` belong to one."""

    def __init__(
        self,
        settings: ConsumerSettings,
        signer: Signer,
        chain: Chain,
        *,
        attestor: Attestor | None = None,
        first_wait: float = FIRST_WAIT,
        push_retry: float = RETRY_SECONDS,
    ) -> None:
        settings.check()
        self.settings = settings
        self.signer = signer
        self.chain = chain
        self.metrics = Metrics()
        self.budget = Budget(settings.budget_base, warn=settings.budget_warn)
        self._given_attestor = attestor
        self._rules = PolicyFile(settings.policy) if settings.policy is not None else None
        self._policy = AttestationPolicy.of(
            settings.chain_id, base_url=settings.tee_base_url, roots=settings.tee_roots
        )
        self._first_wait = first_wait
        self._push_retry = push_retry
        self.directory_path = _state(settings, signer.address)
        self._lock = ProcessLock(self.directory_path)
        self._locked = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._orphans: dict[str, Hold] = {}
        self.stopping = False
        self.ready = False
        self.run: RunRow | None = None

    def policy(self) -> Policy | None:
        """The rules in force, if there is a policy file."""
        return self._rules.current() if self._rules is not None else None

    # -- life ----------------------------------------------------------------------------------

    def acquire(self) -> None:
        """Take the state for this process. Raises StateLocked."""
        if not self._locked:
            self._lock.acquire()
            self._locked = True

    async def start(self) -> None:
        """Open the state, take up what an earlier life left, and only then serve."""
        self.acquire()
        try:
            self._open()
            await self._take_up()
        except BaseException:
            self._let_go()
            raise
        self._spawn(self._watcher.run())
        self._spawn(self._tidy())
        self._spawn(self._warm())
        if self.vault is not None:
            self._spawn(self._pusher.run())
        self.ready = True

    async def stop(self) -> None:
        """A clean stop ends the run; what is signed and not decided is taken up by the next."""
        self.stopping, self.ready = True, False
        if self.vault is not None:
            await self._pusher.drain(DRAIN_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.run is not None:
            await self.workers.journal(self.journal.end_run, self.run.id)
        await self._disconnect()
        self.workers.close()
        self.database.close()
        self._let_go()

    async def _disconnect(self) -> None:
        await self._http.aclose()
        await self.relay.close()
        await self.facilitator.close()
        if self.indexer is not None:
            await self.indexer.close()

    def _let_go(self) -> None:
        self._lock.release()
        self._locked = False

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _open(self) -> None:
        settings, wallet = self.settings, self.signer.address
        self.workers = Workers()
        self._http = httpx.AsyncClient()
        self.database = Database.open(self.directory_path / "consume.db", TRANSACTIONS, CONSUMER)
        self.workers.together(self.database)
        self.journal = ConsumerJournal(self.database)
        self.relay = RelayClient(settings.relay)
        self.facilitator = FacilitatorClient(settings.facilitator, client_version=CLI_VERSION)
        self.indexer = IndexerClient(settings.indexer) if settings.indexer else None
        self.directory = Directory(
            self.relay, wallet, allow_self=settings.allow_self, e2e=settings.e2e
        )
        token = FwUsd(self.chain, settings.usdc)
        self._watcher = Watcher(token, wallet, self.journal, self.workers, self.facilitator)
        exact = ExactRail(
            settings,
            self.signer,
            self.relay,
            self.directory,
            self.journal,
            self.workers,
            self._watcher,
        )
        self.idempotency = Idempotency(self.journal, self.workers)
        self.vault = self._vault_rail() if settings.rail == "vault" else None
        checked = EvidenceAttestor(settings.tee_base_url, self._policy, self._http)
        self.pipeline = Pipeline(
            settings,
            wallet,
            self.budget,
            self.directory,
            exact,
            self.vault,
            self._watcher,
            self._given_attestor or checked,
            lambda: self.run.id if self.run is not None else 0,
        )

    def _vault_rail(self) -> VaultRail:
        settings, wallet = self.settings, self.signer.address
        assert settings.diamond is not None
        session_key = session_signer(self.signer, settings.session_key)
        vault = Vault(self.chain, settings.diamond)
        funds = FundsJournal(self.database)
        self._identity = VaultIdentity(
            vault, settings.usdc, wallet, session_key.address, self.facilitator, self.workers
        )
        outbox = Outbox(self.chain, self.signer, SqlJournal(self.database))
        self._deposits = Deposits(settings, outbox, session_key.address, funds, self.workers)
        self._reservations = Reservations(
            settings,
            wallet,
            session_key,
            vault,
            self.facilitator,
            self._identity,
            self._deposits,
            self.journal,
            funds,
            self.workers,
            self._spawn,
        )
        self._pusher = ReceiptPusher(
            vault,
            wallet,
            self.relay,
            self.facilitator,
            self.journal,
            self.workers,
            self._reservations.purses.get,
            self._push_retry,
        )
        books = Bookkeeper(
            vault.address,
            wallet,
            session_key,
            self._separator,
            self.journal,
            self.workers,
            self._pusher.push,
            lambda request: self._orphans.pop(request, None),
        )
        rail = VaultRail(
            settings,
            wallet,
            session_key,
            self._separator,
            self.relay,
            self.directory,
            self._reservations,
            books,
            self.journal,
            self.workers,
            self._first_wait,
        )
        self._inquiry = Inquiry(
            wallet,
            self._reservations.purses,
            self.relay,
            rail.prove,
            books,
            self.journal,
            self.workers,
        )
        return rail

    def _separator(self) -> bytes:
        terms = self._identity.verified()
        if terms is None:
            raise Refusal("vault_unverified", "The vault has not been checked.")
        return terms.separator

    # -- after a restart -----------------------------------------------------------------------

    async def _take_up(self) -> None:
        """Holds first: what an earlier life may still owe counts before anything new is admitted."""
        self.run = await self.workers.journal(self.journal.open_run, self.settings.budget_base)
        self.budget.move(self.run.ceiling)
        self.budget.restore(self.run.spent).charge(self.run.spent)
        for row in await self.workers.journal(self.journal.unfinished):
            await self._resume(row)
        if self.vault is not None:
            await self._prepare_vault()

    async def _resume(self, row: PaidRequest) -> None:
        here = self.run is not None and row.run == self.run.id
        hold = self.budget.restore(max(row.hold - row.charged, 0) if here else 0)
        if row.rail is Rail.EXACT:
            state = (
                RequestState.ABANDONED if row.state is RequestState.SIGNED else RequestState.UNKNOWN
            )
            if row.state in (RequestState.SIGNED, RequestState.SENT):
                await self.workers.journal(
                    self.journal.advance, row.id, state, "the sidecar was restarted"
                )
            self._watcher.watch(row, hold)
        elif self.vault is not None:
            self._orphans[row.id] = hold
            self._spawn(self._forget_orphan(row))
        else:
            await self._release_orphan(row, hold)

    async def _prepare_vault(self) -> None:
        """Loud when it fails, and the sidecar starts all the same: each request tries again."""
        try:
            await self._identity.check()
            await self._reservations.restore()
            await self._place_orphans()
            self._spawn(self._inquiry.run())
            await self._deposits.start()
        except HarnessError as failure:
            _log.error("the vault is not ready", extra={"reason": str(failure)})
        except Refusal as refusal:
            _log.error(
                "the vault is not ready", extra={"code": refusal.code, "reason": str(refusal)}
            )
        await self._pusher.resume()

    async def _place_orphans(self) -> None:
        for row in await self.workers.journal(self.journal.unfinished):
            purse = self._reservations.purses.get(row.operator)
            if row.rail is Rail.VAULT and purse is not None and purse.cycle == row.cycle:
                purse.orphans[row.id] = Orphan(max(row.hold - row.charged, 0), row.charged)

    async def _forget_orphan(self, row: PaidRequest) -> None:
        """An operator that served it has said so by then, or says nothing."""
        await asyncio.sleep(ORPHAN_SECONDS)
        hold = self._orphans.pop(row.id, None)
        if hold is not None:
            await self._release_orphan(row, hold)

    async def _release_orphan(self, row: PaidRequest, hold: Hold) -> None:
        purse = self._reservations.purses.get(row.operator) if self.vault is not None else None
        if purse is not None:
            purse.orphans.pop(row.id, None)
        state = RequestState.RECEIPTED if row.charged else RequestState.RELEASED
        await self.workers.journal(
            self.journal.advance, row.id, state, "interrupted by a restart", charged=row.charged
        )
        hold.release()

    # -- in the background ---------------------------------------------------------------------

    async def _warm(self) -> None:
        """The first request should find a list of operators."""
        try:
            await self.directory.warm()
        except Refusal as refusal:
            _log.warning("the relay is not reachable", extra={"reason": str(refusal)})

    async def _tidy(self) -> None:
        while True:
            try:
                await self.idempotency.tidy()
            except DatabaseFailure as failure:
                _log.error("kept answers cannot be tidied", extra={"reason": brief(failure)})
            await asyncio.sleep(3_600)

    def measure(self) -> bytes:
        """The metrics, brought up to date."""
        self.metrics.budget(self.budget.view())
        self.metrics.watched.set(len(self._watcher))
        return self.metrics.text()

    async def move_budget(self, limit: int) -> None:
        """Journal the ceiling, then move it."""
        if self.run is not None:
            await self.workers.journal(self.journal.move_ceiling, self.run.id, limit)
        self.budget.move(limit)


def _state(settings: ConsumerSettings, wallet: str) -> Path:
    """One state per chain and wallet: two sidecars never share a journal."""
    root = settings.state or state_root() / "consumer"
    return private_directory(root / str(settings.chain_id) / wallet.lower())
