"""Settings, a wallet and providers -> a running operator."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

import httpx

from harness.chain.interface import Chain
from harness.chain.nodes import open_chain
from harness.clients.errors import ServiceError
from harness.clients.facilitator import FacilitatorClient
from harness.clients.indexer import IndexerClient
from harness.diamond.vault import Vault
from harness.errors import ConfigError, HarnessError
from harness.http import loops
from harness.http.embedded import running
from harness.http.hosts import allowed_hosts
from harness.http.serving import host_and_port
from harness.inference.blame import RESET_KEY
from harness.inference.presets import PRESETS
from harness.inference.provider import FaultKind, ProviderError
from harness.inference.router import GuardedProvider, Router
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.frames import (
    WAY_LOST,
    Announcement,
    InferenceRequest,
    ReceiptAck,
    ReceiptFrame,
)
from harness.protocol.sealed import OperatorKey
from harness.services.operator.announcement import Announcer, Offer
from harness.services.operator.bells import Bells
from harness.services.operator.connection import Connection, Link, Timing
from harness.services.operator.credit import Tabs
from harness.services.operator.envelope import Envelopes
from harness.services.operator.events import EventOutbox
from harness.services.operator.exact import ExactRail
from harness.services.operator.gate import Gate
from harness.services.operator.identity import RETRY_SECONDS, vault_problem
from harness.services.operator.job import Job
from harness.services.operator.keepsake import Keepsakes
from harness.services.operator.metrics import Metrics
from harness.services.operator.office import Office
from harness.services.operator.payment import Terms
from harness.services.operator.pipeline import Pipeline
from harness.services.operator.prices import Tariff, terms_of
from harness.services.operator.proof import ProofDesk
from harness.services.operator.receipts import (
    WRONG_OPERATOR,
    BadReceipt,
    OfferedReceipt,
    ReceiptDesk,
)
from harness.services.operator.recovery import Recovery
from harness.services.operator.redeem import Redeemer
from harness.services.operator.releases import Releases
from harness.services.operator.reserve import Reserver
from harness.services.operator.settings import OperatorSettings
from harness.services.operator.status import build_status
from harness.services.operator.upstream import Upstream
from harness.services.operator.vault import VaultRail
from harness.services.operator.wording import short
from harness.store.database import Database, DatabaseFailure, brief
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.operator import OPERATOR, OperatorJournal

HEARTBEAT_SECONDS = 30.0
TIDY_SECONDS = 60.0
INFLIGHT_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Operator:
    """One wallet serving one relay. `run` until stopped; `stop` drains first. On one event loop.

    `providers` is a router over the upstream accounts; `chain` is asked about reservations. A client
    that is handed in is not closed.
    """

    def __init__(
        self,
        settings: OperatorSettings,
        signer: DigestSigner,
        providers: Router,
        chain: Chain,
        timing: Timing | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        if chain.chain_id != settings.chain_id:
            raise ConfigError(
                f"the node serves chain {chain.chain_id}, configured is {settings.chain_id}; "
                "correct the RPC address"
            )
        self.settings = settings
        self.address: Address = signer.address
        self.metrics = Metrics()
        self.timing = timing or Timing()
        self.working: dict[str, Job] = {}
        self._http = http
        self._signer = signer
        self._router = providers
        self._chain = chain
        self._tariff = Tariff(
            terms_of(settings), providers, self.timing.monotonic, settings.provider_pricing
        )
        self._offer = Offer()
        self._opened = False
        self.vault: VaultRail | None = None
        self._context: dict[str, int] = {}
        key = OperatorKey.generate()
        self._announcer = Announcer(settings, signer, key)
        self._envelopes = Envelopes(key, signer.address)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self.ready = asyncio.Event()
        self.connection = Connection(
            settings.relay, self._announcement, self, settings.max_reconnect_attempts, self.timing
        )

    # -- life ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until stopped. Raises RelayLost, RelayRefused, StateLocked, ConfigError."""
        lock = ProcessLock(self._directory()).acquire()
        self._office = Office()
        self._facilitator = FacilitatorClient(
            self.settings.facilitator, self._http, client_version=self.settings.cli_version
        )
        self._indexer = IndexerClient(self.settings.indexer, self._http)
        try:
            await self._open()
            await self._serve()
        finally:
            await self._close()
            await self._router.aclose()
            await self._facilitator.close()
            await self._indexer.close()
            lock.release()
            self._stopped.set()

    def ask_to_stop(self) -> None:
        """As `stop`, without waiting; for signal handlers."""
        self._stopping.set()

    async def stop(self) -> None:
        """Drain and end `run`: no new work, what is under way is finished, receipts and events go out."""
        self._stopping.set()
        await self._stopped.wait()

    async def _open(self) -> None:
        """Everything that must be right before the relay is told."""
        settings = self.settings
        vault = settings.diamond if settings.vault_payments else None
        path = self._directory() / f"operator-{settings.chain_id}-{self.address.lower()}.db"
        database = await self._office.in_thread(Database.open, path, OPERATOR)
        self._office.journal.together(database)
        self.journal = OperatorJournal(database, vault, self.timing.wall)
        keepsakes = Keepsakes(self._signer)
        upstream = Upstream(self._router, debug=settings.debug_upstream_errors)
        self.outbox = EventOutbox(
            self.journal, self._indexer, self._office, settings.outbox,
            sleep=self.timing.sleep, chance=self.timing.chance, clock=self.timing.wall,
        )  # fmt: skip
        await self.outbox.open()
        self.tabs = Tabs()
        self.recovery = Recovery(
            self.journal, self._office, self.tabs, self.outbox, keepsakes, self._facilitator,
            self._signer, settings.network, self.working,
        )  # fmt: skip
        await self.recovery.start()
        terms = Terms(settings, self.address)
        releases = Releases(self.journal, self._office)
        exact = ExactRail(
            terms, self._facilitator, upstream, self.journal, self._office, self.outbox, keepsakes,
            self._signer, self.working, releases, self.timing, self.timing.wall,
        )  # fmt: skip
        reserver = None
        if vault is not None:
            reserver = self._open_vault(vault, upstream, keepsakes, releases)
        self.pipeline = Pipeline(
            self.address, self._envelopes, upstream, self._tariff, terms, exact, self.vault, reserver,
            self.journal, self._office, self.metrics, self.working, self.timing,
            settings.max_concurrency, settings.x402_v1,
        )  # fmt: skip
        await self._probe_keys()
        await self._refresh_offer()
        self._opened = True

    async def _probe_keys(self) -> None:
        """A key that the upstream refuses is found before anybody pays; silence blocks nothing."""
        keyed = [p for p in self._router.providers if p.slug in PRESETS and PRESETS[p.slug].probed]

        async def probe(provider: GuardedProvider) -> None:
            try:
                await provider.probe()
            except ProviderError as error:
                if error.kind is FaultKind.AUTH:
                    _log.error(
                        "✖ %s: upstream REJECTED the stored key; %s", provider.slug, RESET_KEY
                    )
                else:
                    _log.warning("probe of %s: %s", provider.slug, error.message)

        await asyncio.gather(*map(probe, keyed))

    def _open_vault(
        self, vault: Address, upstream: Upstream, keepsakes: Keepsakes, releases: Releases
    ) -> Reserver:
        settings, timing = self.settings, self.timing
        bells = Bells()
        self._vault_client = Vault(self._chain, vault)
        gate = Gate(
            self._vault_client, self.address, self._office,
            sleep=timing.sleep, monotonic=timing.monotonic, wall=timing.wall,
        )  # fmt: skip

        def changed(consumer: Address) -> None:
            bells.ring(consumer)
            self.redeemer.consider(consumer)

        self.desk = ReceiptDesk(
            settings.chain_id, vault, self.address, self.tabs, gate, self.journal, self._office,
            changed,
        )  # fmt: skip
        self.redeemer = Redeemer(
            self.tabs, gate, self.desk, self._facilitator, self.journal, self._office,
            sleep=timing.sleep,
        )  # fmt: skip
        proofs = ProofDesk(settings.chain_id, vault, self.address, gate, timing.wall)
        self.vault = VaultRail(
            settings, vault, self.tabs, gate, proofs, self.desk, bells, upstream, self.journal,
            self._office, self.outbox, keepsakes, releases, self._signer, timing, timing.wall,
        )  # fmt: skip
        return Reserver(self._facilitator)

    async def _serve(self) -> None:
        self._router.on_change = lambda: self._spawn(self._refresh_offer())
        self._every(HEARTBEAT_SECONDS, self._heartbeat)
        self._every(TIDY_SECONDS, self.recovery.tidy)
        self._spawn(self.outbox.run())
        self._spawn(self._router.watch())
        self._spawn(self._learn_models())
        if self.vault is not None:
            await self._verify_vault()
            self._every(RETRY_SECONDS, self._verify_vault)
            self._spawn(self.redeemer.run())
        connected = asyncio.create_task(self.connection.run())
        asked = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((connected, asked), return_when=asyncio.FIRST_COMPLETED)
            await self._drain()
            if connected.done():
                connected.result()
        finally:
            asked.cancel()
            await self.connection.stop()
            connected.cancel()
            await asyncio.wait((connected,))

    async def _drain(self) -> None:
        """No new work; what is under way; receipts; events."""
        self.pipeline.draining = True
        await self.connection.drain()
        waited = self.timing.monotonic() + INFLIGHT_SECONDS
        while self.working and self.timing.monotonic() < waited and self.connection.link_open:
            await asyncio.sleep(0.05)
        if self.vault is not None:
            await self.redeemer.flush()
        await self.outbox.drain()

    async def _close(self) -> None:
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=5)
        if self.vault is not None:
            self.redeemer.stop()
        await asyncio.to_thread(self._office.close)
        if hasattr(self, "journal"):
            self.journal.close()

    # -- what the relay says: Listener ---------------------------------------------------------

    def announced(self) -> None:
        self.metrics.connected.set(1)
        self.ready.set()
        _log.info("✓ connected; announcing as %s", short(self.address))

    def requested(self, request: InferenceRequest, link: Link) -> None:
        self._spawn(self.pipeline.handle(request, link))
        if self._envelopes.worn:
            self._spawn(self._renew_key())

    def receipted(self, receipt: ReceiptFrame, link: Link) -> None:
        self._spawn(self._take(receipt, link))

    def aborted(self, request_id: str, reason: str) -> None:
        job = self.working.get(request_id)
        if job is not None:
            job.abort(way_lost=reason in WAY_LOST)

    def completed(self, request_id: str) -> None:
        job = self.working.get(request_id)
        if job is not None:
            job.completed.set()

    def flow(self, request_id: str, flowing: bool) -> None:
        job = self.working.get(request_id)
        if job is not None:
            (job.flowing.set if flowing else job.flowing.clear)()

    def disconnected(self, link: Link) -> None:
        self.metrics.connected.set(0)
        for job in self.working.values():
            if job.link is link:
                job.abort(way_lost=True)

    async def _take(self, frame: ReceiptFrame, link: Link) -> None:
        """Acknowledge a receipt once it is on disk."""
        reason, provisional = None, False
        try:
            if self.vault is None or frame.operator.lower() != self.address.lower():
                raise BadReceipt(WRONG_OPERATOR)
            offered = OfferedReceipt.read(
                frame.consumer, frame.cumulative, frame.signature, frame.cycle
            )
            provisional = await self.desk.take(offered)
        except BadReceipt as bad:
            reason = bad.reason
        except DatabaseFailure as failure:
            _log.error("a receipt could not be written", extra={"reason": brief(failure)})
            reason = "storage_unavailable"
        except Exception:
            _log.exception("a receipt could not be taken")
            reason = "operator_error"
        await link.send(
            ReceiptAck(
                receipt_id=frame.receipt_id,
                accepted=reason is None,
                reason=reason,
                provisional=provisional,
            )
        )

    # -- what goes on beside requests ------------------------------------------------------------

    async def _heartbeat(self) -> None:
        if self.connection.link_open:
            await self._indexer.heartbeat(self._signer, self._offer.models)

    async def _verify_vault(self) -> None:
        assert self.vault is not None
        problem = await vault_problem(
            self.settings, self._vault_client, self._facilitator, self._office
        )
        if problem is not None:
            _log.error("vault payments are off: %s", problem)
        if self.vault.verified != (problem is None):
            self.vault.verified = problem is None
            await self.connection.announce_again()

    async def _refresh_offer(self) -> None:
        """What is sold now; announced again when it has changed."""
        models = self._router.announced()
        slugs = tuple(p.slug for p in self._router.providers if not p.shut)
        offer = Offer(
            providers=slugs,
            private=bool(slugs) and all(s in PRESETS and PRESETS[s].private for s in slugs),
            models=models,
            tee_models=self._router.confidential_models(),
            pricing=await self._tariff.announced(models),
            context_length={m: n for m, n in self._context.items() if m in models},
        )
        if offer != self._offer:
            self._offer = offer
            await self.connection.announce_again()

    async def _learn_models(self) -> None:
        """What providers tell about their models, and what their prices do to a margin."""
        for provider in self._router.providers:
            try:
                listed = await provider.list_models()
            except ProviderError as error:
                _log.info("no model list", extra={"provider": provider.slug, "reason": str(error)})
                continue
            self._context |= {m.id: m.context_length for m in listed if m.context_length}
        for warning in await self._tariff.warnings():
            _log.warning("%s", warning)
        await self._refresh_offer()

    async def _renew_key(self) -> None:
        if self._envelopes.worn:
            key = OperatorKey.generate()
            self._envelopes.renew(key)
            self._announcer.renew(key)
            await self.connection.announce_again()

    def _announcement(self, peer_id: str) -> Announcement:
        vault = self.vault is not None and self.vault.verified
        return self._announcer.announce(peer_id, self._offer, vault=vault)

    def health(self) -> dict[str, Any]:
        """Liveness with what it depends on."""
        if not self._opened:
            return {"status": "starting"}
        announced = self.connection.announced
        return {
            "status": "ok" if announced else "connecting",
            "relay": self.connection.state.value,
            "inflight": len(self.working),
            "vault": self.vault is not None and self.vault.verified,
            "events": self.outbox.report(),
        }

    def measure(self) -> None:
        """Bring the gauges up to date."""
        if not self._opened:
            return
        tabs = [tab for _, tab in self.tabs.all()]
        self.metrics.inflight.set(len(self.working))
        self.metrics.events.set(self.outbox.report()["waiting"])
        self.metrics.outstanding.set(sum(tab.outstanding for tab in tabs))
        self.metrics.collectible.set(sum(tab.collectible_now for tab in tabs))

    # -- tasks ---------------------------------------------------------------------------------

    def _directory(self) -> Any:
        root = self.settings.state or state_root() / "operator"
        return private_directory(root)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a task failed", exc_info=task.exception())

    def _every(self, seconds: float, work: Any) -> None:
        """Do something now and then; what fails is tried again the next time."""

        async def repeat() -> None:
            while True:
                await self.timing.sleep(seconds)
                try:
                    await work()
                except (HarnessError, ServiceError, TimeoutError, OSError) as failure:
                    _log.warning("not done", extra={"what": work.__name__, "reason": str(failure)})
                except Exception:
                    _log.exception("not done")

        self._spawn(repeat())


def serve(settings: OperatorSettings, signer: DigestSigner, providers: Router) -> None:
    """Run until SIGTERM or SIGINT, then drain. Raises RelayLost, RelayRefused and ConfigError."""
    chain = open_chain(settings.rpc, settings.chain_id)

    async def main() -> None:
        operator = Operator(settings, signer, providers, chain)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, operator.ask_to_stop)
        if settings.status_listen is None:
            await operator.run()
            return
        host, _ = host_and_port(settings.status_listen)
        status = build_status(operator, allowed_hosts(host, settings.status_hosts))
        async with running(status, settings.status_listen):
            await operator.run()

    loops.run(main())
