"""Settings -> a running facilitator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.chain.interface import Chain
from harness.chain.json_rpc import HttpTransport
from harness.chain.keys import LocalSigner, load_signer, read_secret, signer_from_hex
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox, SendPolicy
from harness.errors import ConfigError
from harness.http.hosts import HostCheck, allowed_hosts
from harness.http.limits import Buckets
from harness.http.serving import host_and_port
from harness.http.serving import serve as run
from harness.services.facilitator.desk import Desk
from harness.services.facilitator.facet import FacetRail
from harness.services.facilitator.office import Office
from harness.services.facilitator.request import Terms
from harness.services.facilitator.routes import build_routes
from harness.services.facilitator.schemes import build_facilitator
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.facilitator.signer import JournaledSigner
from harness.store.database import Database
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.journal import SqlJournal
from harness.store.settlements import SettlementLedger


def build_office(settings: FacilitatorSettings) -> Office:
    """Connect everything; ConfigError, StateLocked and NodeError say what is missing."""
    chain = NodeChain(HttpTransport(settings.rpc), settings.chain_id)
    database = Database.open(settings.db_url or _state(settings, chain) / "facilitator.db")
    policy = SendPolicy(
        confirmations=settings.confirmations,
        receipt_seconds=settings.receipt_s,
        bump_after_seconds=settings.bump_after_s,
        max_bumps=settings.max_bumps,
    )
    outbox = Outbox(chain, _signer(settings), SqlJournal(database), policy)
    signer = JournaledSigner(outbox, settings.receipt_s, settings.max_gas)
    terms = Terms(
        chain.chain_id, frozenset(settings.assets), settings.diamond, settings.min_settlement_base
    )
    rail = _rail(settings, chain)
    verifies = Buckets(settings.verifies_per_minute)
    settles = Buckets(settings.settles_per_minute)
    desk = Desk(
        terms,
        build_facilitator(terms, signer, rail, settings.eip6492_factories),
        signer,
        SettlementLedger(database),
        rail,
        min_float_wei=settings.min_float_wei,
        allow=lambda kind, payer: (verifies if kind == "verify" else settles).take(payer),
    )
    return Office(
        desk,
        workers=settings.workers,
        requests_per_minute=settings.requests_per_minute,
        min_float_wei=settings.min_float_wei,
    )


def build_app(office: Office, hosts: tuple[str, ...] | None = None) -> ASGIApp:
    """The ASGI application over an office, which it starts and stops.

    `hosts` are the names it may be asked by; None for any.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await office.start()
        try:
            yield
        finally:
            await office.stop()

    app: ASGIApp = Starlette(routes=build_routes(office), lifespan=lifespan)
    return app if hosts is None else HostCheck(app, hosts)


def serve(settings: FacilitatorSettings) -> None:
    """Run until SIGTERM or SIGINT; running settles are given 30 seconds to end."""
    host, _ = host_and_port(settings.listen)
    hosts = allowed_hosts(host, settings.hosts)
    run(build_app(build_office(settings), hosts), settings.listen)


def _state(settings: FacilitatorSettings, chain: Chain) -> Path:
    """The state directory of this chain, locked for as long as the process lives."""
    root = settings.state or state_root()
    directory = private_directory(root / "facilitator" / str(chain.chain_id))
    ProcessLock(directory).acquire()
    return directory


def _signer(settings: FacilitatorSettings) -> LocalSigner:
    if settings.key_file is not None:
        password_file = settings.password_file
        password = (lambda: read_secret(password_file)) if password_file is not None else None
        return load_signer(settings.key_file, password)
    if settings.key is not None:
        return signer_from_hex(settings.key, "FACETWORKS_FACILITATOR_KEY")
    raise ConfigError("no signing key; give --key-file or set FACETWORKS_FACILITATOR_KEY")


def _rail(settings: FacilitatorSettings, chain: Chain) -> FacetRail | None:
    if settings.diamond is None:
        return None
    if settings.credits is None:
        raise ConfigError("a diamond without its credits token; set credits, or neither")
    return FacetRail(chain, settings.diamond, settings.credits)
