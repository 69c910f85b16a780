"""`facetworks policy check`: is this file what was meant?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.exits import EXIT_CODES

if TYPE_CHECKING:
    from harness.services.consumer.policy import Policy


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
def policy() -> None:
    """Spending rules of a sidecar (`halo consume --policy FILE`)."""


@policy.command(epilog=EXIT_CODES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", help="Try a request for this model.")
@click.option("--tool", "tools", multiple=True, help="A tool it offers; may be given again.")
@click.option("--operator", help="The operator's address it would go to.")
@click.option("--at", metavar="TIME", help="When, as 2026-01-31T23:30+01:00 (now).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(
    file: Path,
    model: str | None,
    tools: tuple[str, ...],
    operator: str | None,
    at: str | None,
    as_json: bool,
) -> int:
    """Read FILE, say what it holds, and with --model what it decides.

    Exits 0 when the file is right and the request allowed, 3 when it is denied or a person is asked, 78 when
    the file is wrong.

    Example: facetworks policy check policy.toml --model gpt-4o --tool send_mail
    """
    from harness.services.consumer.policy_file import read_policy

    found = read_policy(file)
    told: dict[str, Any] = {
        "file": str(file),
        "rules": len(found.rules),
        "quietHours": len(found.quiet),
        "maxBase": found.max_base,
        "budgetBase": found.budget_base,
    }
    if model is not None:
        told["decision"] = _decided(found, model, tools, operator, at)
    if as_json:
        click.echo(json.dumps(told))
    else:
        _tell(told)
    decision = told.get("decision")
    return 0 if decision is None or decision["action"] == "allow" else 3


def _decided(
    policy: Policy, model: str, tools: tuple[str, ...], operator: str | None, at: str | None
) -> dict[str, Any]:
    from harness.protocol.addresses import to_address
    from harness.services.consumer.policy import Facts

    try:
        who = None if operator is None else to_address(operator)
    except ValueError as bad:
        raise click.BadParameter(str(bad), param_hint="--operator") from None
    try:
        when = datetime.now(UTC) if at is None else datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter("write it as 2026-01-31T23:30+01:00", param_hint="--at") from None
    if when.tzinfo is None:
        raise click.BadParameter("say the offset too, as +00:00", param_hint="--at")
    decision = policy.decide(Facts(model, tools, when, who))
    return {
        "action": decision.action.name.lower(),
        "rule": decision.rule.name if decision.rule is not None else None,
        "capBase": decision.cap,
        "confidential": decision.confidential,
    }


def _tell(told: dict[str, Any]) -> None:
    from decimal import Decimal

    def dollars(base: int | None) -> str:
        return "no limit" if base is None else f"${Decimal(base) / 1_000_000:f}"

    click.echo(
        f"{told['file']}: {told['rules']} rules, {told['quietHours']} quiet hours; "
        f"per request {dollars(told['maxBase'])}, per run {dollars(told['budgetBase'])}"
    )
    decision = told.get("decision")
    if decision is None:
        return
    why = decision["rule"] or "no rule matches"
    click.echo(f"{decision['action']}: {why}")
    click.echo(f"  at most {dollars(decision['capBase'])}")
    if decision["confidential"]:
        click.echo("  only from a verified enclave")
