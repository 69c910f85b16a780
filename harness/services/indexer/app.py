"""Settings -> a running indexer."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.chain.interface import Chain
from harness.chain.keys import read_secret
from harness.chain.nodes import open_chain
from harness.errors import ConfigError
from harness.http.cors import Cors
from harness.http.hosts import HostCheck, allowed_hosts
from harness.http.serving import host_and_port
from harness.http.serving import serve as run
from harness.services.indexer.follower import Follower
from harness.services.indexer.link_routes import EXPIRES_HEADER, SIGNATURE_HEADER
from harness.services.indexer.office import Office
from harness.services.indexer.routes import build_routes
from harness.services.indexer.scoring import Scorer
from harness.services.indexer.settings import IndexerSettings
from harness.store.chain_facts import ChainFacts
from harness.store.database import Database
from harness.store.files import ProcessLock, private_directory, state_root, write_atomically
from harness.store.league import LeagueStore
from harness.store.league_tables import LEAGUE
from harness.store.pairing import Pairing
from harness.store.standings import Standings

LEAST_SECRET = 32


def build_office(settings: IndexerSettings, chain: Chain | None = None) -> Office:
    """Connect everything; ConfigError, StateLocked and NodeError say what is missing.

    `chain` takes the place of the node that the settings name; it is used from one thread.
    """
    if settings.season != "quarter":
        raise ConfigError(f"season must be quarter, got {settings.season!r}")
    chain = chain or open_chain(settings.rpc, settings.chain_id)
    state = _state(settings, chain)
    database = Database.open(settings.db_url or state / "indexer.db", LEAGUE)
    facts, league = ChainFacts(database), LeagueStore(database)
    scorer = Scorer(Standings(database), league)
    follower = Follower(
        chain,
        settings.usdc,
        settings.diamond,
        facts,
        scorer,
        start_block=settings.start_block,
        confirmations=settings.confirmations,
        reorg_depth=settings.reorg_depth,
    )
    pairing = Pairing(database, _link_key(settings, state))
    return Office(follower, facts, league, scorer, pairing)


def build_app(settings: IndexerSettings, chain: Chain | None = None) -> ASGIApp:
    """The ASGI application, which starts following the chain with its lifespan."""
    host, _ = host_and_port(settings.listen)
    return wrap(build_office(settings, chain), settings.cors, allowed_hosts(host, settings.hosts))


def wrap(
    office: Office, cors: tuple[str, ...] = (), hosts: tuple[str, ...] | None = None
) -> ASGIApp:
    """The routes over an office, which is started and stopped; `hosts` None for any name."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await office.start()
        try:
            yield
        finally:
            await office.stop()

    app: ASGIApp = Starlette(routes=build_routes(office), lifespan=lifespan)
    app = Cors(app, cors, (EXPIRES_HEADER, SIGNATURE_HEADER))
    return app if hosts is None else HostCheck(app, hosts)


def serve(settings: IndexerSettings) -> None:
    """Run until SIGTERM or SIGINT."""
    run(build_app(settings), settings.listen)


def rebuild(settings: IndexerSettings) -> int:
    """Forget what follows from the chain and read it again; the number of events attached.

    ConfigError while a server runs on the same state.
    """
    office = build_office(settings)
    office.follower.rebuild()
    attached, _ = office.facts.counts()
    return attached


def _state(settings: IndexerSettings, chain: Chain) -> Path:
    """The state directory of this chain, locked for as long as the process lives."""
    root = settings.state or state_root()
    directory = private_directory(root / "indexer" / str(chain.chain_id))
    ProcessLock(directory).acquire()
    return directory


def _link_key(settings: IndexerSettings, state: Path) -> bytes:
    """The secret that pairing codes are hashed under: named, or drawn once and kept in a 0600 file."""
    if settings.link_secret is not None:
        if len(settings.link_secret) < LEAST_SECRET:
            raise ConfigError(f"link_secret must have {LEAST_SECRET} characters or more")
        return settings.link_secret.encode()
    path = state / "link.key"
    if not path.exists():
        write_atomically(path, secrets.token_hex(32))
    return bytes.fromhex(read_secret(path))
