"""Settings -> a keeper, ticking once or until it is told to stop."""

from __future__ import annotations

import hashlib
import shlex
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.chain.interface import Chain
from harness.chain.keys import Signer, load_signer, read_secret, signer_from_hex
from harness.chain.nodes import open_chain
from harness.chain.outbox import Outbox, SendPolicy
from harness.diamond.schedule import Schedule
from harness.errors import ConfigError, StateLocked
from harness.services.keeper.endpoint import HttpRunner
from harness.services.keeper.runner import Runner, load_runner
from harness.services.keeper.settings import KeeperSettings
from harness.services.keeper.shell import ShellRunner
from harness.services.keeper.tick import Keeper, Outcome, Report
from harness.store.database import Database
from harness.store.files import ProcessLock, private_directory, state_root
from harness.store.journal import SqlJournal
from harness.store.leases import SqlLeases
from harness.store.runs import SqlRunLedger


@contextmanager
def open_keeper(
    settings: KeeperSettings, chain: Chain | None = None, signer: Signer | None = None
) -> Iterator[Keeper]:
    """A keeper over its locked state; another chain or signer than the settings' may be given.

    Raises StateLocked when another keeper uses the state, ConfigError, NodeError.
    """
    runner = build_runner(settings)
    chain = chain or open_chain(settings.rpc, settings.chain_id)
    signer = signer or _signer(settings)
    root = settings.state or state_root()
    directory = private_directory(root / "keeper" / str(chain.chain_id))
    with ProcessLock(directory):
        database = Database.open(settings.db_url or directory / "keeper.db")
        policy = SendPolicy(
            confirmations=settings.confirmations, receipt_seconds=settings.receipt_s
        )
        outbox = Outbox(chain, signer, SqlJournal(database), policy)
        try:
            yield Keeper(
                Schedule(chain, settings.diamond, outbox),
                outbox,
                runner,
                SqlRunLedger(database, chain.chain_id, settings.diamond),
                SqlLeases(database),
                settings,
                # The file lock lets one process in, so a tick that died here frees its lease.
                f"{socket.gethostname()}:{hashlib.sha256(bytes(directory)).hexdigest()[:16]}",
            )
        finally:
            database.close()


def run_once(
    settings: KeeperSettings, chain: Chain | None = None, signer: Signer | None = None
) -> Report:
    """One tick; a tick that is under way elsewhere makes this one BUSY."""
    try:
        with open_keeper(settings, chain, signer) as keeper:
            return keeper.tick()
    except StateLocked:
        return Report(Outcome.BUSY)


def run_forever(settings: KeeperSettings, interval: float, tell: Callable[[Report], None]) -> None:
    """Tick every `interval` seconds until SIGTERM or SIGINT; the tick under way is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_keeper(settings) as keeper:
        while not stop.is_set():
            tell(keeper.tick())
            stop.wait(interval)


def build_runner(settings: KeeperSettings) -> Runner:
    """The one runner that is configured."""
    chosen = [
        name for name in ("command", "endpoint", "runner") if getattr(settings, name) is not None
    ]
    if len(chosen) != 1:
        raise ConfigError(
            "name one runner: command, endpoint or runner; "
            + (f"{' and '.join(chosen)} are set" if chosen else "none is set")
        )
    if settings.command is not None:
        try:
            return ShellRunner(shlex.split(settings.command), settings.pass_environment)
        except ValueError as bad:
            raise ConfigError(f"command: {bad}") from None
    if settings.endpoint is not None:
        file = settings.endpoint_token_file
        return HttpRunner(settings.endpoint, read_secret(file) if file is not None else None)
    assert settings.runner is not None
    return load_runner(settings.runner)


def _signer(settings: KeeperSettings) -> Signer:
    if settings.key_file is not None:
        password_file = settings.password_file
        password = (lambda: read_secret(password_file)) if password_file is not None else None
        return load_signer(settings.key_file, password)
    if settings.key is not None:
        return signer_from_hex(settings.key, "FACETWORKS_KEEPER_KEY")
    raise ConfigError("no signing key; set key_file or FACETWORKS_KEEPER_KEY")
