"""`halo status`: the wallet, what is configured, and the standing in the League."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from harness.cli.halo import parameters
from harness.cli.halo.main import EXIT_CODES


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--indexer-url", metavar="URL", envvar="HALO_INDEXER_URL", help="The indexer.")
@parameters.json_option
def status(indexer_url: str | None, as_json: bool) -> None:
    """Show wallet, providers, network, what was paid, League points and tier, requests, USDC, uptime.

    Works while the indexer is down; then the League part says so. What was paid is in the wallet's own books at once;
    the League counts it when it has moved on chain.

    Example: halo status
    """
    from harness.halo.home import Home
    from harness.halo.passphrases import load_for_use
    from harness.halo.status import collect

    home = Home.find()
    found = collect(load_for_use(home), home, indexer_url)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    network = found["network"]
    label = f" ({found['label']})" if found["label"] else ""
    yield f"wallet   : {found['address']}{label}"
    yield f"network  : {network['name']} ({network['chainId']}), relay {found['relayUrl']}"
    for entry in found["providers"]:
        models = ", ".join(entry["models"]) or "no models"
        yield f"provider : {entry['slug']}, {entry['pricing'] or 'no price'}: {models}"
    for role in ("serve", "consume"):
        pid = found[role]["pid"]
        yield f"{role:<9}: {f'running, process {pid}' if pid else 'not running'}"
    today, total = (found["consume"][name] for name in ("today", "total"))
    if total["requests"]:
        yield f"paid     : {_paid(today)} today, {_paid(total)} in all"
    waiting = found["serve"]["outbox"]
    if waiting is not None:
        yield f"events   : {waiting['pending']} to be told, {waiting['dead']} refused for good"
    league = found["league"]
    if league is None:
        yield f"league   : not known; {found['leagueProblem']}"
        return
    yield f"season   : {league['season']}"
    earned, spent = (_usd(league[name]) for name in ("usdcEarnedBase", "usdcSpentBase"))
    hours = league["uptimeSeconds"] / 3600
    yield (
        f"serving  : {league['servePoints']} points, {league['serveTier']}; {league['requestsServed']} "
        f"requests, {earned} earned, {hours:.1f} h online"
    )
    yield (
        f"consuming: {league['consumePoints']} points, {league['consumeTier']}; "
        f"{league['requestsConsumed']} requests, {spent} spent, {league['consumeStreakDays']} days in a row"
    )


def _paid(spent: dict[str, Any]) -> str:
    requests = spent["requests"]
    return f"{_usd(spent['usdcBase'])} for {requests} request{'' if requests == 1 else 's'}"


def _usd(base: str) -> str:
    from harness.protocol.amounts import DOLLARS

    return DOLLARS.show(int(base))
