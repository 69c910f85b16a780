"""`halo vault`: the wallet's money in the vault."""

from __future__ import annotations

import json
from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES
from harness.cli.lazy import LazyGroup

vault = LazyGroup(
    name="vault",
    help="What the wallet has in the vault; put in, take out.",
    epilog=EXIT_CODES,
    context_settings=parameters.HELP,
    table={
        "status": (__name__, "status", "Balances, session key, withdrawal."),
        "deposit": (__name__, "deposit", "Put USDC in."),
        "withdraw": (__name__, "withdraw", "Take USDC out, in two steps."),
    },
)

_OPTIONS = [
    click.option(
        "--session-key", type=click.Choice(["wallet", "browser"]), default="wallet", show_default=True,
        help="Who signs reservations and receipts.",
    ),
    click.option("--rpc-url", "rpc", metavar="URL", envvar="BASE_RPC_URL", help="The chain's JSON-RPC node; several in the order to ask them, commas between."),
    click.option("--force", is_flag=True, help="For old scripts; no check is skipped."),
]  # fmt: skip


def _options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _desk(session_key: str, rpc: str | None, force: bool, write: bool) -> Any:
    """(home, config, desk); the wallet is opened only where something is signed."""
    from harness.chain.nodes import open_chain
    from harness.chain.outbox import Outbox
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo.home import Home
    from harness.halo.passphrases import load_for_use, unlock
    from harness.halo.vault_desk import VaultDesk
    from harness.services.consumer.session_key import session_signer
    from harness.store.database import Database
    from harness.store.journal import SqlJournal

    if force:
        output.warnings(["--force has no effect: the vault's identity is always checked"])
    home = Home.find()
    config = load_for_use(home)
    chain = open_chain(rpc or ",".join(config.chain.rpc_urls), config.chain.chain_id)
    address = config.operator.address
    if not write and session_key == "wallet":
        return home, VaultDesk(config, chain, address, address)
    wallet = unlock(config, home, prompt_if_terminal())
    key = session_signer(wallet.signer, session_key).address
    if not write:
        return home, VaultDesk(config, chain, address, key)
    journal = SqlJournal(Database.open(home.root / "vault" / "transactions.db"))
    outbox = Outbox(chain, wallet.signer, journal)
    outbox.recover()
    return home, VaultDesk(config, chain, address, key, outbox)


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@_options
@parameters.json_option
def status(session_key: str, rpc: str | None, force: bool, as_json: bool) -> int:
    """Show balances, whether the vault and the session key are the right ones, and receipts that failed.

    Exits 1 when the vault or the key is not the right one.

    Example: halo vault status
    """
    from harness.halo.journals import dead_receipts
    from harness.halo.passphrases import load_for_use
    from harness.protocol.amounts import DOLLARS, ETHER

    home, desk = _desk(session_key, rpc, force, write=False)
    found = desk.standing()
    dead = dead_receipts(home, load_for_use(home), found.vault)
    good = found.problem is None and found.key_matches
    if as_json:
        click.echo(json.dumps({**found.to_json(), "deadReceipts": dead}, indent=2))
        return 0 if good else 1
    click.echo(f"vault        : {found.vault}")
    click.echo(f"wallet       : {found.address}")
    click.echo(f"  in it      : {DOLLARS.show(found.wallet_usdc)}, {ETHER.show(found.wallet_wei)}")
    click.echo(f"in the vault : {DOLLARS.show(found.balance)}")
    click.echo(f"  reserved   : {DOLLARS.show(found.locked)}")
    click.echo(f"  free       : {DOLLARS.show(found.withdrawable)}")
    key = found.session_key or "none yet; the first deposit registers it"
    click.echo(f"session key  : {key}")
    if found.requested_at:
        wait = max(0, found.executable_at - found.now)
        click.echo(
            f"withdrawal   : {DOLLARS.show(found.authorized)} asked for, possible in {wait} s"
        )
    if found.problem:
        output.warnings([f"not the configured vault: {found.problem}"])
    if not found.key_matches:
        output.warnings([f"the registered session key is not {found.expected_key}"])
    output.warnings(f"a receipt can never be collected: {line}" for line in dead)
    return 0 if good else 1


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.argument("usd", type=parameters.USD)
@_options
@parameters.dry_run_option
def deposit(usd: int, session_key: str, rpc: str | None, force: bool, dry_run: bool) -> None:
    """Put USD into the vault: approve where needed, then deposit. Needs a little ETH for gas.

    Example: halo vault deposit 5
    """
    from harness.halo.daemons import running_as
    from harness.halo.home import Home
    from harness.protocol.amounts import DOLLARS

    if usd == 0:
        raise click.BadParameter("must be more than zero", param_hint="USD")
    if dry_run:
        _, desk = _desk(session_key, rpc, force, write=False)
        found = desk.check()
        click.echo(f"would deposit {DOLLARS.show(usd)} from {found.address} into {found.vault}")
        return
    with running_as(Home.find(), "consume"):  # the sidecar sends from the same account
        _, desk = _desk(session_key, rpc, force, write=True)
        transaction = desk.deposit(usd)
    click.echo(f"deposited {DOLLARS.show(usd)}: 0x{transaction.hex()}")


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--request", is_flag=True, help="First: ask for all that is free.")
@click.option(
    "--execute",
    "usd",
    type=parameters.USD,
    metavar="USD",
    help="Then, after the timelock: take it.",
)
@_options
@parameters.dry_run_option
def withdraw(
    request: bool, usd: int | None, session_key: str, rpc: str | None, force: bool, dry_run: bool
) -> None:
    """Take USDC back in two steps: --request, wait for the timelock, --execute USD.

    Without either flag it says where you are.

    \b
    Examples:
      halo vault withdraw --request
      halo vault withdraw --execute 4.5
    """
    from harness.halo.daemons import running_as
    from harness.halo.home import Home
    from harness.halo.mistakes import WrongUsage
    from harness.protocol.amounts import DOLLARS

    if request and usd is not None:
        raise WrongUsage("--request comes first, --execute after the timelock; give one of them")
    if dry_run or (not request and usd is None):
        _, desk = _desk(session_key, rpc, force, write=False)
        click.echo(_guidance(desk.check(), usd))
        return
    with running_as(Home.find(), "consume"):
        _, desk = _desk(session_key, rpc, force, write=True)
        if request:
            click.echo(_guidance(desk.request(), None))
            return
        assert usd is not None
        transaction = desk.execute(usd)
    click.echo(f"withdrew {DOLLARS.show(usd)}: 0x{transaction.hex()}")


def _guidance(found: Any, usd: int | None) -> str:
    from harness.protocol.amounts import DOLLARS

    if not found.requested_at:
        return f"{DOLLARS.show(found.withdrawable)} is free; next: halo vault withdraw --request"
    wait = found.executable_at - found.now
    amount = DOLLARS.show(found.authorized if usd is None else usd)
    number = amount.split()[0]
    if wait > 0:
        return f"{amount} can be taken in {wait} s; then: halo vault withdraw --execute {number}"
    return f"{amount} can be taken now: halo vault withdraw --execute {number}"
