"""`halo setup`: wallet, provider, prices, consumer profile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from harness.cli.halo import output, parameters
from harness.cli.halo.main import EXIT_CODES

SECRET = "SECRET|env:NAME|-"


@click.command(epilog=EXIT_CODES, context_settings=parameters.HELP)
@click.option("--provider", metavar="SLUG", help="Where inference comes from (openclaw).")
@click.option("--add-provider", is_flag=True, help="Add this provider; keep the others.")
@click.option("--base-url", metavar="URL", help="The provider's address; custom needs one.")
@click.option(
    "--api-key", metavar=SECRET, callback=parameters.secret, help="The provider's API key, in full."
)
@click.option("--models", type=parameters.MODELS, metavar="A,B,C", help="Models to advertise.")
@click.option(
    "--margin", type=parameters.PERCENT, metavar="N", help="Percent over the provider's price."
)
@click.option("--flat", type=parameters.USD_PER_1K, metavar="USD", help="USD per 1,000 tokens.")
@click.option(
    "--fallback-cents", type=parameters.CENTS, metavar="N",
    help="Cents (USD) for a request that cannot be counted (1).",
)  # fmt: skip
@click.option("--label", metavar="NAME", help="Name in the League, at most 64 characters.")
@click.option(
    "--no-wallet-passphrase", is_flag=True, help="Unattended: no passphrase, no questions."
)
@click.option("--wallet-mode", type=click.Choice(["generate", "import"]), help="New wallets only.")
@click.option(
    "--key-backup", type=click.Choice(["file", "skip"]), help="Plain copy of a new key (skip)."
)
@click.option(
    "--encrypt-api-key/--no-encrypt-api-key", default=None,
    help="Encrypt the API key with the wallet's passphrase (on where there is one).",
)  # fmt: skip
@click.option("--with-pairing", is_flag=True, help="Also print a dashboard pairing code.")
@click.option("--rotate-wallet", is_flag=True, help="Replace the wallet. Destructive.")
@click.option("--confirm", metavar="ADDRESS", help="The address that --rotate-wallet gives up.")
@click.option(
    "--data-retention", type=click.Choice(["none", "24h", "7d", "unknown"]),
    help="How long you keep prompts, as you declare it (unknown).",
)  # fmt: skip
@click.option("--consume/--no-consume", default=None, help="Store or remove a consumer profile.")
@click.option("--consume-model", metavar="ID", help="Model of requests that name none.")
@click.option(
    "--consume-allow", type=parameters.ALLOWLIST, metavar="A,B,C",
    help='Models that may be paid for ("" or any: all).',
)  # fmt: skip
@click.option(
    "--consume-max-usdc", type=parameters.USD, metavar="USD", help="Most per request (0.10)."
)
@click.option("--consume-port", type=parameters.PORT, help="Local port (8799).")
@click.option("--relay-url", metavar="URL", help="The relay.")
@click.option("--indexer-url", metavar="URL", help="The indexer.")
@click.option("--facilitator-url", metavar="URL", help="The facilitator.")
@click.option("--vault-address", type=parameters.ADDRESS, metavar="ADDRESS", help="The vault.")
@click.option("--chain", metavar="NAME|FILE", help="base, base-sepolia, devnet, or a JSON file.")
@parameters.dry_run_option
def setup(dry_run: bool, with_pairing: bool, **flags: Any) -> int:
    """Set up the wallet, the provider you sell from, its prices, and a consumer profile.

    The wallet is your identity: what is there is kept, and only --rotate-wallet replaces it. A private key
    to import comes from HALO_IMPORT_KEY, standard input or a prompt, never from a flag.

    \b
    Examples:
      halo setup --provider ollama --flat 0.0005 --fallback-cents 1 --no-wallet-passphrase
      halo setup --add-provider --provider near --api-key env:NEAR_KEY --models "a,b" --margin 20
    """
    from harness.cli.halo.terminal import asker
    from harness.errors import ConfigError
    from harness.halo.detection import detect
    from harness.halo.found import survey
    from harness.halo.home import Home
    from harness.halo.mistakes import WrongUsage
    from harness.halo.setup import Setup
    from harness.halo.wishes import Wishes
    from harness.store.files import ProcessLock

    if flags["provider"] is not None:
        from harness.inference.presets import preset

        try:
            preset(flags["provider"])
        except ConfigError as unknown:
            raise WrongUsage(f"--provider: {unknown}") from None
    wishes = Wishes(with_pairing=with_pairing, **_renamed(flags))
    home = Home.find()

    def work() -> Any:
        return Setup(survey(home), wishes, _asker(wishes, asker()), detect, dry=dry_run).run()

    if dry_run:
        outcome = work()
    else:
        from harness.halo.private import private_folder

        private_folder(home.root)
        with ProcessLock(home.root):
            outcome = work()
    output.warnings(outcome.warnings)
    output.notes(outcome.notes)
    if dry_run:
        click.echo("nothing was changed")
        return 0
    click.echo(f"wallet   : {outcome.address}")
    click.echo(f"config   : {home.config}")
    if with_pairing:
        return _pair(home, outcome)
    return 0


def _renamed(flags: dict[str, Any]) -> dict[str, Any]:
    from harness.halo.setup import cents_to_base

    cents, most = flags.pop("fallback_cents"), flags.pop("consume_max_usdc")
    unattended, rotate = flags.pop("no_wallet_passphrase"), flags.pop("rotate_wallet")
    return {
        **flags,
        "unattended": unattended,
        "rotate": rotate,
        "fallback_base": None if cents is None else cents_to_base(cents),
        "consume_max_usdc": None if most is None else Decimal(most).scaleb(-6),
    }


def _asker(wishes: Any, asking: Any) -> Any:
    """Unattended means no questions even on a terminal, except the one that must be typed."""
    from harness.cli.halo.terminal import Silence

    return Silence() if wishes.unattended and not wishes.rotate else asking


def _pair(home: Any, outcome: Any) -> int:
    from harness.cli.halo.link import show
    from harness.cli.halo.terminal import prompt_if_terminal
    from harness.errors import HarnessError
    from harness.halo.config import load
    from harness.halo.pairing import pairing_code
    from harness.halo.passphrases import unlock

    config = load(home.config)
    try:
        wallet = unlock(config, home, prompt_if_terminal())
        show(pairing_code(config, wallet.signer))
    except HarnessError as failure:
        click.echo(
            f"error: setup is complete, only pairing failed: {failure}; try: halo link", err=True
        )
        return 1
    return 0
