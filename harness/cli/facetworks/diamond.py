"""`facetworks diamond`: look at a deployed Diamond, compare it with the build, change it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from harness.cli.exits import EXIT_CODES
from harness.cli.lazy import LazyGroup

_HELP = {"help_option_names": ["-h", "--help"]}

diamond = LazyGroup(
    name="diamond",
    help="Look at a deployed Diamond, compare it with the build, change it.",
    epilog=EXIT_CODES,
    context_settings=_HELP,
    table={
        "loupe": (__name__, "loupe", "Who answers which selector."),
        "abi": (__name__, "abi", "One ABI, or Solidity interface, of all facets."),
        "diff": (__name__, "diff", "How the Diamond and the build differ, storage included."),
        "plan": (__name__, "plan", "What the build would change. Changes nothing."),
        "apply": (__name__, "apply", "Deploy new facets and cut them in."),
        "verify": (__name__, "verify", "Whether deployed code and routes are those of the build."),
    },
)

_OPTIONS = [
    click.option(
        "--rpc",
        metavar="URL",
        required=True,
        help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
    ),
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        default=Path(),
        help="The project with contracts/ and deployments/ (here).",
    ),
    click.option("--diamond", "address", metavar="ADDRESS", help="Another one than the book's."),
    click.option("--builder", help="facetworks or solc ($FACETWORKS_BUILDER, else facetworks)."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
]


def _options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_options
def loupe(rpc: str, root: Path, address: str | None, builder: str | None, as_json: bool) -> None:
    """Print facets, selectors and signatures as the Diamond itself tells them.

    Example: facetworks diamond loupe --rpc http://127.0.0.1:8545
    """
    from harness.diamond.build import build_contracts
    from harness.diamond.upgrade import loupe_lines, routes_of

    found, _ = _connect(rpc, root, address)
    if as_json:
        routes = {f"0x{s.hex()}": facet for s, facet in routes_of(found).items()}
        click.echo(json.dumps({"diamond": found.address, "routes": routes}, indent=2))
        return
    click.echo("\n".join(loupe_lines(found, build_contracts(root, builder))))


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@click.option("--root", type=click.Path(path_type=Path, file_okay=False, exists=True),
              default=Path(), help="The project with contracts/ (here).")  # fmt: skip
@click.option("--builder", help="facetworks or solc ($FACETWORKS_BUILDER, else facetworks).")
@click.option("--format", "form", type=click.Choice(["json", "ts", "sol"]), default="json",
              help="JSON, a TypeScript constant for viem, or a Solidity interface.")  # fmt: skip
@click.option("--name", default="IFacetworks", show_default=True, help="What ts and sol call it.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there."
)
def abi(root: Path, builder: str | None, form: str, name: str, output: Path | None) -> None:
    """Merge the ABIs of all facets, for tools that know one contract at an address.

    Example: facetworks diamond abi --format sol -o IFacetworks.sol
    """
    from harness.diamond.build import build_contracts
    from harness.diamond.merged import diamond_abi, solidity

    entries = diamond_abi(build_contracts(root, builder))
    text = solidity(name, entries) if form == "sol" else json.dumps(entries, indent=1) + "\n"
    if form == "ts":
        text = f"export const {name} = {text.rstrip()} as const;\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise click.FileError(str(output), problem.strerror) from None
    click.echo(f"wrote {len(entries)} entries to {output}")


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_options
@click.option("--layout", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="The storage layout of what is deployed (.storage-layout.json of its commit).")  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Exit 8 when something differs.")
def diff(
    rpc: str, root: Path, address: str | None, builder: str | None, as_json: bool,
    layout: Path | None, exit_code: bool,
) -> int:  # fmt: skip
    """Show facet by facet what an upgrade to this build would bring, and what it would do to storage.

    Example: facetworks diamond diff --rpc http://127.0.0.1:8545 --layout deployed-layout.json
    """
    from harness.diamond.build import build_contracts
    from harness.diamond.difference import facet_changes, storage_changes

    found, _ = _connect(rpc, root, address)
    facets = facet_changes(found, build_contracts(root, builder))
    storage = storage_changes(layout, root) if layout is not None else []
    if as_json:
        document = {
            "diamond": found.address,
            "facets": [change.to_json() for change in facets],
            "storage": [{**change._asdict(), "safe": change.safe} for change in storage],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        lines = [line for change in facets for line in change.lines()]
        lines += [
            f"storage  {'' if change.safe else 'UNSAFE '}{change.kind} {change.root} {change.path} ({change.detail})"
            for change in storage
        ]
        click.echo("\n".join(lines) or f"{found.address} is what the build makes")
    return 8 if exit_code and (facets or storage) else 0


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_options
@click.option("--keep", is_flag=True, help="Leave selectors that no facet declares.")
def plan(
    rpc: str, root: Path, address: str | None, builder: str | None, as_json: bool, keep: bool
) -> None:
    """Show the smallest cut from what is routed to what the build declares, and any clashes.

    Example: facetworks diamond plan --rpc http://127.0.0.1:8545
    """
    from harness.diamond.build import build_contracts
    from harness.diamond.upgrade import plan_upgrade

    found, book = _connect(rpc, root, address)
    upgrade = plan_upgrade(found, build_contracts(root, builder), book, prune=not keep)
    if as_json:
        click.echo(json.dumps({"diamond": found.address, "changes": upgrade.lines()}, indent=2))
    else:
        click.echo("\n".join(upgrade.lines()) or "nothing to change")


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_options
@click.option("--keep", is_flag=True, help="Leave selectors that no facet declares.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The owner's key, readable by its owner only.",
)
@click.option("--dry-run", is_flag=True, help="Stop after the plan.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def apply(
    rpc: str,
    root: Path,
    address: str | None,
    builder: str | None,
    as_json: bool,
    keep: bool,
    key_file: Path,
    dry_run: bool,
    yes: bool,
) -> None:
    """Deploy what is new, try the cut as a call, send it, and check the routes afterwards.

    Example: facetworks diamond apply --rpc http://127.0.0.1:8545 --key-file owner.key
    """
    from harness.chain.journal import MemoryJournal
    from harness.chain.keys import load_signer
    from harness.chain.outbox import Outbox
    from harness.diamond.build import build_contracts, builder_name
    from harness.diamond.upgrade import apply_upgrade, plan_upgrade

    found, book = _connect(rpc, root, address)
    artifacts = build_contracts(root, builder)
    upgrade = plan_upgrade(found, artifacts, book, prune=not keep)
    lines = upgrade.lines()
    if not as_json:
        click.echo("\n".join(lines) or "nothing to change")
    if dry_run or not upgrade:
        if as_json:
            click.echo(json.dumps({"diamond": found.address, "changes": lines, "applied": False}))
        return
    if not yes:
        click.confirm("Apply this to the Diamond?", abort=True, err=True)
    sender = Outbox(found.chain, load_signer(key_file), MemoryJournal())
    receipt = apply_upgrade(
        found, sender, artifacts, book, prune=not keep, builder=builder_name(builder)
    )
    transaction = "0x" + receipt.transaction.hex() if receipt else None
    if as_json:
        click.echo(
            json.dumps(
                {
                    "diamond": found.address,
                    "changes": lines,
                    "applied": True,
                    "transaction": transaction,
                }
            )
        )
    else:
        click.echo(f"applied  {transaction or 'no cut was needed'}")


@click.command(context_settings=_HELP, epilog=EXIT_CODES)
@_options
def verify(rpc: str, root: Path, address: str | None, builder: str | None, as_json: bool) -> int:
    """Compare code and routes on chain with the build and the address book; exit 8 on a difference.

    Example: facetworks diamond verify --rpc http://127.0.0.1:8545
    """
    from harness.diamond.build import build_contracts
    from harness.diamond.upgrade import verify as compare

    found, book = _connect(rpc, root, address)
    findings = compare(found, build_contracts(root, builder), book)
    if as_json:
        click.echo(json.dumps({"diamond": found.address, "findings": findings}, indent=2))
    else:
        click.echo("\n".join(findings) or f"{found.address} is as built")
    return 8 if findings else 0


def _connect(rpc: str, root: Path, address: str | None) -> Any:
    """The Diamond to look at, and the book of its chain."""
    from harness.chain.nodes import open_chain
    from harness.diamond.book import FOLDER, AddressBook
    from harness.diamond.diamond import Diamond
    from harness.protocol.addresses import to_address

    chain = open_chain(rpc)
    book = AddressBook.of(chain, root / FOLDER)
    try:
        where = to_address(address) if address is not None else book.address("Diamond")
    except ValueError as bad:
        raise click.BadParameter(str(bad), param_hint="--diamond") from None
    return Diamond(chain, where), book
