"""`halo doctor`: look at everything, change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from harness.cli.halo import parameters
from harness.cli.halo.main import EXIT_CODES


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@parameters.json_option
def doctor(as_json: bool) -> None:
    """Show what is installed, stored, running and reachable, and one thing to do next.

    Exits 0 also when things are down: that they are is the answer.

    Example: halo doctor --json
    """
    from harness.halo.doctor import examine
    from harness.halo.home import Home

    facts = examine(Home.find())
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(facts)))


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    install, folder, wallet, network = (
        facts[name] for name in ("install", "configDir", "wallet", "network")
    )
    yield f"halo      : {install['version']} on Python {install['pythonVersion']} (3.11 or newer)"
    yield f"folder    : {folder['path']}{'' if folder['exists'] else ' (none yet)'}"
    state = "orphaned, setup will keep it" if folder["orphanedKeystore"] else wallet["source"]
    yield f"wallet    : {wallet['address'] or 'none'}{f' ({state})' if wallet['address'] else ''}"
    for problem in folder["problems"]:
        yield f"  ✖ {problem}"
    for entry in facts["providers"]:
        yield f"provider  : {entry['slug']} {entry['baseUrl']} ({entry['modelCount']} models)"
    for entry in facts["endpoints"]:
        what = f"{entry['modelCount']} models" if entry["reachable"] else f"no ({entry['error']})"
        yield f"{entry['slug']:<10}: {entry['url']} {what}"
    for name in ("relay", "indexer", "facilitator"):
        up = "ok" if network[f"{name}Reachable"] else "does not answer"
        yield f"{name:<10}: {network[f'{name}Url']} {up}"
    for role in ("serve", "consume"):
        daemon = facts[role]
        yield f"{role:<10}: {'running, process ' + str(daemon['pid']) if daemon['running'] else 'not running'}"
        yield from (f"  | {line}" for line in daemon["log"])
    yield ""
    yield f"→ {facts['hint']}"
