"""`halo consume`: a local OpenAI-compatible endpoint that pays for each request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES

SECRET = "SECRET|env:NAME|-"
_FILE = click.Path(path_type=Path, dir_okay=False, resolve_path=False)


# Flags that are no settings of the sidecar.
_OWN = ("vault", "detach", "keystore", "print_config", "as_json", "force", "no_attestation_verify")


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--port", type=parameters.PORT, help="Where to listen (8799).")
@click.option(
    "--host", metavar="ADDRESS", help="Address to bind (127.0.0.1); others need --api-key."
)
@click.option(
    "--api-key", metavar=SECRET, callback=parameters.secret, help="Ask callers for this bearer."
)
@click.option("--max-usdc", type=parameters.USD, metavar="USD", help="Most for one request (0.10).")
@click.option(
    "--budget-usdc", type=parameters.USD, metavar="USD", help="Most for the whole run (0: no cap)."
)
@click.option(
    "--budget-warn-pct", type=parameters.SHARE, metavar="0-1", help="Warn at this share (0.8)."
)
@click.option(
    "--budget-token", metavar=SECRET, callback=parameters.secret,
    help="What POST /v1/budget must also carry.",
)  # fmt: skip
@click.option(
    "--vault", "vault", is_flag=True, help="Bill used tokens from a deposit. Recommended."
)
@click.option(
    "--vault-deposit", type=parameters.USD, metavar="USD", help="Keep this much in the vault."
)
@click.option(
    "--vault-reserve-multiple", type=click.IntRange(1, 100), help="Requests per reservation (5)."
)
@click.option(
    "--session-key", type=click.Choice(["wallet", "browser"]), help="Who signs receipts (wallet)."
)
@click.option("--keystore", type=_FILE, metavar="PATH", help="Pay from another wallet.")
@click.option("--confidential", is_flag=True, help="Only verified enclaves, or an error.")
@click.option("--tee-base-url", metavar="URL", help="Where enclaves prove themselves.")
@click.option("--no-e2e", is_flag=True, help="Let the relay read prompts.")
@click.option(
    "--no-attestation-verify", is_flag=True, help="No effect: enclaves are always verified."
)
@click.option("--allow-self", is_flag=True, help="May buy from this same wallet.")
@click.option("--policy", type=_FILE, metavar="FILE", help="A TOML file with spending rules.")
@click.option("--detach", is_flag=True, help="Start in the background, once; then return.")
@click.option("--force", is_flag=True, help="For old scripts; no check is skipped.")
@click.option("--relay-url", "relay", metavar="URL", help="The relay.")
@click.option("--facilitator-url", "facilitator", metavar="URL", help="The facilitator.")
@click.option("--indexer-url", "indexer", metavar="URL", help="The indexer.")
@click.option(
    "--rpc-url",
    "rpc",
    metavar="URL",
    help="The chain's JSON-RPC node; several in the order to ask them, commas between.",
)
@click.option("--vault-address", type=parameters.ADDRESS, metavar="ADDRESS", help="The vault.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="(info)"
)
@click.option("--print-config", is_flag=True, help="Show each setting and where it came from.")
@parameters.json_option
@click.pass_context
def consume(ctx: click.Context, /, **flags: Any) -> None:
    """Serve /v1/chat/completions and /v1/models on this machine, paying from the wallet.

    Whoever reaches the endpoint spends the wallet: cap it with --max-usdc and --budget-usdc.

    \b
    Examples:
      halo consume --vault --vault-deposit 5
      halo consume --detach --port 8799 --vault --vault-deposit 5 --budget-usdc 5
    """
    import json

    from harness.halo.home import Home
    from harness.halo.mistakes import WrongUsage
    from harness.halo.passphrases import load_for_use
    from harness.halo.settings import consumer_choices, consumer_settings

    vault, detach, keystore, print_config, as_json, force, unverified = map(flags.pop, _OWN)
    if unverified:
        if flags["confidential"]:
            raise WrongUsage(
                "--confidential promises verified enclaves; leave out --no-attestation-verify"
            )
        output.warnings(["--no-attestation-verify has no effect: enclaves are always verified"])
    if force:
        output.warnings(
            ["--force has no effect: the vault's and the wallet's identity are always checked"]
        )
    home = Home.find()
    config = load_for_use(home)
    chosen = consumer_choices(config, home, {**flags, "rail": "vault" if vault else None})
    settings = consumer_settings(chosen)
    if print_config:
        click.echo(json.dumps(chosen.to_json()) if as_json else "\n".join(chosen.lines()))
        return
    if detach:
        _detach(ctx, home, config, settings, keystore)
        return
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.halo import console
    from harness.halo.daemons import running_as
    from harness.halo.detach import check_free
    from harness.halo.enclaves import attestor
    from harness.halo.passphrases import unlock
    from harness.services.consumer.app import serve

    with running_as(home, "consume"):
        check_free(settings.host, settings.port)
        wallet = unlock(config, home, prompt_if_terminal(), keystore=keystore)
        output.unattended(wallet.unattended)
        console.configure(home.log("consume"), settings.log_level)
        _banner(settings, wallet.signer.address, chosen["budget_token"])
        serve(settings, wallet.signer, attestor=attestor(config, settings))


def _banner(settings: Any, address: str, token: Any) -> None:
    from harness.halo.detach import endpoint, reachable_host
    from harness.protocol.amounts import DOLLARS

    rail = {
        "vault": "vault (deposit-backed, settles ACTUAL tokens)",
        "exact": "exact (one signed payment per request, at the quoted price)",
    }[settings.rail]
    click.echo(f"  endpoint : {endpoint(reachable_host(settings.host), settings.port)}/v1")
    click.echo(f"  wallet   : {address}  ({settings.network_name})")
    click.echo(f"  rail     : {rail}")
    click.echo(f"  per call : at most {DOLLARS.show(settings.max_usdc_base)}")
    budget = (
        DOLLARS.show(settings.budget_base) if settings.budget_base else "no cap (--budget-usdc)"
    )
    click.echo(f"  budget   : {budget}")
    if settings.confidential:
        click.echo("  privacy  : confidential, verified enclaves only")
    elif not settings.e2e:
        output.warnings(["--no-e2e: the relay can read prompts and answers"])
    if token.origin.startswith("made"):
        # Made anew at each start and kept nowhere: this is the only time it can be read.
        click.echo(
            f"  budget token (raises the budget, approves requests; shown once): {token.value}"
        )


def _detach(
    ctx: click.Context, home: Any, config: Any, settings: Any, keystore: Path | None
) -> None:
    import os

    from harness.errors import HarnessError
    from harness.halo import detach
    from harness.halo.passphrases import VARIABLE, keystore_path
    from harness.halo.private import private_folder
    from harness.halo.wallet import Keystore

    private_folder(home.root)
    wallet = Keystore.read(keystore_path(config, home, keystore))
    silent = config.operator.no_passphrase if keystore is None else wallet.opens_without_passphrase
    if not silent and VARIABLE not in os.environ:
        raise HarnessError(
            f"a detached process cannot be asked for the passphrase; set {VARIABLE}, or use an unattended "
            "wallet (halo setup --no-wallet-passphrase)"
        )
    words, secrets = child_words(ctx, settings)
    url = detach.endpoint(detach.reachable_host(settings.host), settings.port)
    try:
        found = detach.start(words, url, wallet.address, home.errors("consume"), secrets)
    except HarnessError as failure:
        raise HarnessError(f"halo consume did not start: {failure}") from None
    if found.pid is None:
        click.echo(f"already serving: {found.url}/v1")
    else:
        click.echo(f"serving: {found.url}/v1 (process {found.pid}; log {home.log('consume')})")
        if settings.budget_token and "budget_token" not in _given(ctx):
            click.echo(
                f"budget token (raises the budget, approves requests; shown once): {settings.budget_token}"
            )


def child_words(ctx: click.Context, settings: Any) -> tuple[list[str], dict[str, str]]:
    """The command line of the detached process, and the secrets for its environment."""
    from harness.protocol.amounts import DOLLARS

    secrets: dict[str, str] = {}
    words = ["consume"]
    for param in ctx.command.params:
        assert isinstance(param, click.Option)
        name, value = str(param.name), ctx.params.get(str(param.name))
        if name in ("detach", "print_config", "as_json", "api_key", "budget_token") or value in (
            None,
            False,
        ):
            continue
        flag = param.opts[0]
        if param.is_flag:
            words.append(flag)
        elif param.type is parameters.USD:
            words += [flag, DOLLARS.show(value).split()[0]]
        else:
            words += [flag, str(value.absolute() if isinstance(value, Path) else value)]
    for name, flag in (("api_key", "--api-key"), ("budget_token", "--budget-token")):
        if (value := getattr(settings, name)) is not None:
            variable = f"HALO_CONSUME_{name.upper()}"
            secrets[variable] = value
            words += [flag, f"env:{variable}"]
    return words, secrets


def _given(ctx: click.Context) -> set[str]:
    return {str(p.name) for p in ctx.command.params if ctx.params.get(str(p.name)) is not None}
