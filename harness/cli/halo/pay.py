"""`halo pay`: one paid request, to test an installation from end to end."""

from __future__ import annotations

from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES

MODEL, PROMPT = "gpt-4o-mini", "Hello"


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--model", metavar="M", help=f"Model ({MODEL}).")
@click.option("--prompt", metavar="P", help=f"What to ask ({PROMPT}).")
@click.option(
    "--max-tokens",
    type=click.IntRange(1, 1_000_000),
    default=200,
    show_default=True,
    help="Most tokens of the answer.",
)
@click.option(
    "--max-usdc", type=parameters.USD, default="1", metavar="USD", help="Most to pay (1)."
)
@click.option("--vault", is_flag=True, help="Pay from the vault instead of the wallet.")
@click.option("--relay-url", "relay", metavar="URL", help="The relay.")
@click.option("--facilitator-url", "facilitator", metavar="URL", help="The facilitator.")
@click.option(
    "--rpc-url",
    "rpc",
    metavar="URL",
    help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
)
@parameters.dry_run_option
@parameters.json_option
def pay(
    model: str | None, prompt: str | None, max_tokens: int, vault: bool, dry_run: bool, as_json: bool,
    **flags: Any,
) -> int:  # fmt: skip
    """Send one chat request through the relay and pay for it; show settlement and answer.

    Example: halo pay --model gpt-4o-mini --prompt "Say hello"
    """
    import json
    import sys

    from harness.halo.home import Home
    from harness.halo.passphrases import load_for_use
    from harness.halo.settings import consumer_choices, consumer_settings
    from harness.protocol.amounts import DOLLARS

    asking = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    if model is None:
        model = click.prompt("Model", default=MODEL) if asking else MODEL
    if prompt is None:
        prompt = click.prompt("Prompt", default=PROMPT) if asking else PROMPT
    home = Home.find()
    config = load_for_use(home)
    flags["rail"] = "vault" if vault else "exact"
    chosen = consumer_choices(config, home, flags)
    settings = consumer_settings(chosen)
    if dry_run:
        most, wallet = settings.max_usdc_base, config.operator.address
        if as_json:
            document = {
                "dryRun": True,
                "relayUrl": settings.relay,
                "model": model,
                "maxBase": most,
                "address": wallet,
                "rail": settings.rail,
            }
            click.echo(json.dumps(document))
            return 0
        click.echo(
            f"would ask {settings.relay} for {model} and pay at most {DOLLARS.show(most)} "
            f"from {wallet} ({settings.rail})"
        )
        return 0
    answered = _paid(home, config, settings, model, prompt, max_tokens)
    if as_json:
        click.echo(json.dumps(answered.to_json()))
    else:
        _show(answered)
    return 0 if answered.ok else 1


def _paid(home: Any, config: Any, settings: Any, model: str, prompt: str, max_tokens: int) -> Any:
    from contextlib import nullcontext
    from dataclasses import replace

    from harness.chain.nodes import open_chain
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo import console
    from harness.halo.daemons import holder, running_as
    from harness.halo.journals import consumer_folder
    from harness.halo.passphrases import unlock
    from harness.halo.pay import pay as send
    from harness.services.consumer.app import build_app
    from harness.store.files import lock_holder

    # Each exact payment has a nonce of its own, so a journal beside the running sidecar's does no harm.
    # Vault receipts count upwards: there can be one journal only.
    # A sidecar that another program holds, as a devnet does, is known by the lock of its journal alone.
    journal = consumer_folder(home.state("consume"), config)
    runs = holder(home, "consume") is not None or lock_holder(journal / "lock") is not None
    aside = settings.rail == "exact" and runs
    if aside:
        settings = replace(settings, state=home.beside)
    with nullcontext() if aside else running_as(home, "consume"):
        wallet = unlock(config, home, prompt_if_terminal())
        console.configure(home.log("consume"), "warning")
        chain = open_chain(settings.rpc, settings.chain_id)
        return send(
            lambda own: build_app(own, wallet.signer, chain), settings, model, prompt, max_tokens
        )


def _show(answered: Any) -> None:
    from harness.protocol.amounts import DOLLARS

    click.echo(f"status     : {answered.status}")
    if answered.operator:
        click.echo(f"operator   : {answered.operator}")
    if answered.paid and answered.charged_base is not None:
        click.echo(f"paid       : {DOLLARS.show(answered.charged_base)} ({answered.rail})")
    elif answered.ok:
        click.echo("paid       : nothing, the operator serves it free")
    if answered.settlement:
        transaction = answered.settlement.get("transaction") or "by receipt, redeemed later"
        click.echo(f"settlement : {transaction}")
    if answered.ok:
        click.echo("")
        # Model output is a stranger's text: it must not move the cursor.
        click.echo("".join(c for c in answered.text if c.isprintable() or c in "\n\t"))
    else:
        output.warnings([f"{answered.error or 'no reason given'} ({answered.code or 'no code'})"])
