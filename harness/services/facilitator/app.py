"""Settings -> a running facilitator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.chain.errors import ContractError
from harness.chain.interface import Chain
from harness.chain.keys import LocalSigner, load_signer, read_secret, signer_from_hex
from harness.chain.nodes import open_chain
from harness.chain.outbox import Outbox, SendPolicy
from harness.diamond.vault_admin import VaultAdmin
from harness.errors import ConfigError
from harness.http.hosts import HostCheck, allowed_hosts
from harness.http.limits import Buckets
from harness.http.serving import host_and_port
from harness.http.serving import serve as run
from harness.protocol.addresses import ZERO_ADDRESS
from harness.services.facilitator.desk import Desk
from harness.services.facilitator.discovery import Discovery
from harness.services.facilitator.facet import FacetRail
from harness.services.facilitator.lanes import Lanes
from harness.services.facilitator.office import Office
from harness.services.facilitator.permit2 import schemes_on
from harness.services.facilitator.request import Terms
from harness.services.facilitator.routes import build_routes
from harness.services.facilitator.schemes import build_facilitator
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.facilitator.signer import JournaledSigner
from harness.services.facilitator.vault import VaultDesk
from harness.services.facilitator.vault_office import VaultOffice
from harness.services.facilitator.vault_scheme import VaultScheme
from harness.store.audit import AUDIT
from harness.store.database import Database
from harness.store.discovery import DISCOVERY, Resources
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.journal import SqlJournal
from harness.store.schema import TRANSACTIONS
from harness.store.settlements import SettlementLedger
from harness.store.vault_ledger import VaultLedger
from harness.store.vault_tables import VAULT


def build_office(settings: FacilitatorSettings, chain: Chain | None = None) -> Office:
    """Connect everything; ConfigError, StateLocked and NodeError say what is missing.

    `chain` takes the place of the node that the settings name; several threads will use it.
    """
    chain = chain or open_chain(settings.rpc, settings.chain_id)
    database = Database.open(
        settings.db_url or _state(settings, chain) / "facilitator.db",
        TRANSACTIONS,
        AUDIT,
        VAULT,
        DISCOVERY,
    )
    policy = SendPolicy(
        confirmations=settings.confirmations,
        receipt_seconds=settings.receipt_s,
        bump_after_seconds=settings.bump_after_s,
        max_bumps=settings.max_bumps,
    )
    journal = SqlJournal(database)
    lanes = Lanes([Outbox(chain, key, journal, policy) for key in _signers(settings)])
    signer = JournaledSigner(lanes, settings.receipt_s, settings.max_gas)
    terms = Terms(
        chain.chain_id,
        frozenset(settings.assets),
        settings.diamond,
        settings.min_settlement_base,
        permit2=schemes_on(chain),
    )
    rail = _rail(settings, chain)
    buckets = {
        "verify": Buckets(settings.verifies_per_minute),
        "settle": Buckets(settings.settles_per_minute),
        "reserve": Buckets(settings.reserves_per_minute),
        "release": Buckets(settings.releases_per_minute),
    }

    def allow(kind: str, payer: str) -> bool:
        return buckets[kind].take(payer)

    vault = _vault(settings, chain, lanes, database, allow)
    desk = Desk(
        terms,
        build_facilitator(
            terms,
            signer,
            rail,
            settings.eip6492_factories,
            None if vault is None else VaultScheme(vault, terms, allow),
        ),
        signer,
        SettlementLedger(database),
        rail,
        min_float_wei=settings.min_float_wei,
        allow=allow,
    )
    return Office(
        desk,
        workers=settings.workers,
        requests_per_minute=settings.requests_per_minute,
        min_float_wei=settings.min_float_wei,
        vault=None if vault is None else VaultOffice(vault, workers=settings.workers),
        floor=settings.min_client_version,
        discovery=Discovery(Resources(database)),
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


def _signers(settings: FacilitatorSettings) -> list[LocalSigner]:
    """The first key and those beside it; a key named twice is one lane."""
    password_file = settings.password_file
    password = (lambda: read_secret(password_file)) if password_file is not None else None
    more = [load_signer(path, password) for path in settings.more_key_files]
    return list({key.address: key for key in (_signer(settings), *more)}.values())


def _vault(
    settings: FacilitatorSettings,
    chain: Chain,
    lanes: Lanes,
    database: Database,
    allow: Callable[[str, str], bool],
) -> VaultDesk | None:
    """The vault that was named, or the one that the Diamond has, if it has one."""
    address = settings.vault or settings.diamond
    if address is None:
        return None
    try:
        token = VaultAdmin(chain, address).vault_token()
    except ContractError:
        token = ZERO_ADDRESS
    if token == ZERO_ADDRESS:
        if settings.vault is not None:
            raise ConfigError(
                f"{address} has no vault; name the Diamond whose vault is initialised"
            )
        return None
    return VaultDesk(
        chain,
        address,
        lanes,
        VaultLedger(database, address),
        receipt_seconds=settings.receipt_s,
        min_float_wei=settings.min_float_wei,
        native_usd=settings.native_usd,
        allow=allow,
    )


def _rail(settings: FacilitatorSettings, chain: Chain) -> FacetRail | None:
    if settings.diamond is None:
        return None
    if settings.credits is None:
        raise ConfigError("a diamond without its credits token; set credits, or neither")
    return FacetRail(chain, settings.diamond, settings.credits)
