"""`facetworks devnet`: a whole market on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from harness.cli.exits import EXIT_CODES
from harness.cli.lazy import LazyGroup

_HELP = {"help_option_names": ["-h", "--help"]}

devnet = LazyGroup(
    name="devnet",
    help="A whole market on this machine: chain, contracts, facilitator, relay, indexer, operator, sidecar.",
    epilog=EXIT_CODES,
    context_settings=_HELP,
    table={
        "up": (__name__, "up", "Start everything; Ctrl-C stops it."),
        "status": (__name__, "status", "Where the running devnet is, and how its parts are."),
        "faucet": (__name__, "faucet", "Dollars, $LH and gas money for an address."),
        "snapshot": (__name__, "snapshot", "Remember the chain's state."),
        "restore": (__name__, "restore", "Take the chain back to a snapshot."),
        "down": (__name__, "down", "Stop a devnet that runs elsewhere."),
        "reset": (__name__, "reset", "Forget what --persist kept."),
    },
)


def _state(command: Any) -> Any:
    return click.option(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        help="The devnet's folder (~/.facetworks/devnet, or devnet in $FACETWORKS_STATE).",
    )(command)


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_state
@click.option(
    "--persist", is_flag=True, help="Keep chain and journals, and go on from them next time."
)
@click.option("--anvil", is_flag=True, help="An anvil instead of the chain in this process.")
@click.option("--rpc", metavar="URL", help="A local anvil that is running already.")
@click.option("--rail", type=click.Choice(["vault", "exact"]), default="vault", show_default=True,
              help="How the sidecar pays.")  # fmt: skip
@click.option(
    "--budget-usdc",
    default="0",
    show_default=True,
    help="The sidecar's cumulative cap; 0 for none.",
)
@click.option("--free-ports", is_flag=True, help="Take free ports instead of the usual ones.")
@click.option("--verbose", is_flag=True, help="Show the services' logs.")
def up(
    state: Path | None, persist: bool, anvil: bool, rpc: str | None, rail: str, budget_usdc: str,
    free_ports: bool, verbose: bool,
) -> int:  # fmt: skip
    """Start a chain with the contracts on it, a market around it, and a sidecar with money.

    Every key is public: use it for trying, never for value.

    Example: facetworks devnet up --persist
    """
    import asyncio

    from harness.devnet.options import DevnetOptions, Ports
    from harness.devnet.up import run
    from harness.logs import configure
    from harness.protocol.amounts import DOLLARS

    if anvil and rpc:
        raise click.UsageError("--anvil starts a node, --rpc joins one; give one of them")
    if persist and (anvil or rpc):
        raise click.UsageError(
            "--persist keeps the chain in this process; anvil keeps its own with --state"
        )
    try:
        budget = DOLLARS.parse(budget_usdc)
    except ValueError as bad:
        raise click.BadParameter(str(bad), param_hint="--budget-usdc") from None
    configure("info" if verbose else "error")
    chosen: dict[str, Any] = {"state": state} if state else {}
    options = DevnetOptions(
        ports=Ports.free() if free_ports else Ports(),
        persist=persist,
        anvil=anvil,
        rpc=rpc,
        rail=rail,
        budget=budget,
        say=lambda line: click.echo(f"  {line}", err=True),
        **chosen,
    )
    return asyncio.run(run(options, click.echo))


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_state
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(state: Path | None, as_json: bool) -> int:
    """Say where the devnet of this folder is and whether its parts are well; exit 1 when it is not up.

    Example: facetworks devnet status --json
    """
    from harness.devnet.joined import Joined

    report = Joined.find(state).health()
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for name, part in report["parts"].items():
            click.echo(f"{name:<12} {'ok ' if part['ok'] else 'BAD'}  {part['url']}")
    return 0 if all(part["ok"] for part in report["parts"].values()) else 1


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@click.argument("address")
@_state
@click.option("--usdc", default="100", show_default=True, help="Dollars to mint.")
@click.option("--lh", default="0", show_default=True, help="$LH to mint.")
@click.option("--eth", default="1", show_default=True, help="Gas money, added to what is there.")
def faucet(address: str, state: Path | None, usdc: str, lh: str, eth: str) -> None:
    """Give an address money that is worth nothing.

    Example: facetworks devnet faucet 0x00000000000000000000000000000000000000A1 --usdc 5
    """
    from harness.devnet.joined import Joined
    from harness.protocol.addresses import to_address
    from harness.protocol.amounts import CREDITS, DOLLARS, ETHER

    try:
        receiver = to_address(address)
        amounts = DOLLARS.parse(usdc), CREDITS.parse(lh), ETHER.parse(eth)
    except ValueError as bad:
        raise click.UsageError(str(bad)) from None
    if max(amounts) >= 1 << 128:
        raise click.UsageError("that is more than there can be")
    Joined.find(state).give(receiver, *amounts)
    click.echo(
        f"{receiver} got {DOLLARS.show(amounts[0])}, {CREDITS.show(amounts[1])}, {ETHER.show(amounts[2])}"
    )


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_state
def snapshot(state: Path | None) -> None:
    """Remember the chain's state, until the devnet stops; prints the snapshot's name.

    Example: facetworks devnet snapshot
    """
    from harness.devnet.joined import Joined

    click.echo(Joined.find(state).chain.transport.request("evm_snapshot"))


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@click.argument("name")
@_state
def restore(name: str, state: Path | None) -> None:
    """Take the chain back to a snapshot. The services keep their journals, as in a reorganisation.

    Example: facetworks devnet restore 0x1
    """
    from harness.devnet.joined import Joined
    from harness.errors import HarnessError

    if not Joined.find(state).chain.transport.request("evm_revert", [name]):
        raise HarnessError(f"there is no snapshot {name}; facetworks devnet snapshot makes one")
    click.echo(f"back at {name}")


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_state
def down(state: Path | None) -> None:
    """Stop the devnet of this folder, as Ctrl-C in its terminal does.

    Example: facetworks devnet down
    """
    from harness.devnet.joined import Joined

    click.echo(f"stopped process {Joined.find(state).stop()}")


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_state
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(state: Path | None, yes: bool) -> None:
    """Forget chain, journals and homes of a devnet that is not running.

    Example: facetworks devnet reset --yes
    """
    from harness.devnet.folder import Folder
    from harness.devnet.options import DevnetOptions

    root = state or DevnetOptions().state
    if not root.exists():
        click.echo(f"{root} is not there; nothing to forget")
        return
    folder = Folder(root)
    folder.open(keep=True)
    if not yes:
        click.confirm(f"forget everything in {root}?", abort=True)
    folder.empty()
    folder.close()
    click.echo(f"{root} is empty")
