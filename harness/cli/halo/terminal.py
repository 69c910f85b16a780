"""Questions on a terminal, and their place where there is none: an error that names the flag."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NoReturn

import click

from harness.cli.halo import parameters
from harness.errors import HarnessError
from harness.halo.passphrases import VARIABLE
from harness.halo.setup import MAX_FALLBACK_BASE, cents_to_base
from harness.halo.wallet import parse_key, weakness
from harness.halo.wishes import Asker, NeedsTerminal
from harness.inference.presets import PRESETS, Preset

KEY_VARIABLE = "HALO_IMPORT_KEY"


def asker() -> Asker:
    """Ask where standard input and output are a terminal."""
    return Questions() if sys.stdin.isatty() and sys.stdout.isatty() else Silence()


def passphrase_prompt() -> str:
    """The wallet's passphrase, not shown."""
    return str(click.prompt("Wallet passphrase", hide_input=True, err=True))


def prompt_if_terminal() -> Any:
    """`passphrase_prompt`, or None where nobody can answer."""
    return passphrase_prompt if sys.stdin.isatty() else None


class Questions:
    """Prompts. Ctrl-C and end of input end the command with 130."""

    interactive = True

    def provider(self, default: str) -> str:
        rows = list(PRESETS.values())
        for number, row in enumerate(rows, 1):
            click.echo(f"  {number:>2}  {row.slug:<12} {row.title}")
        return str(click.prompt("Inference provider", default=default, value_proc=_slug))

    def base_url(self) -> str:
        return str(click.prompt("Base URL (OpenAI-compatible, with /v1)"))

    def api_key(self, row: Preset) -> str:
        return str(click.prompt(f"{row.title} API key", hide_input=True))

    def models(self, found: Sequence[str]) -> list[str]:
        if not found:
            return list(click.prompt("Models to advertise, by comma", type=parameters.MODELS))
        for number, model in enumerate(found, 1):
            click.echo(f"  {number:>2}  {model}")
        chosen = click.prompt("Models to advertise: numbers or ids by comma, or all", default="all")
        if chosen.strip() == "all":
            return list(found)
        return [_picked(part.strip(), found) for part in chosen.split(",") if part.strip()]

    def pricing(self, row: Preset) -> tuple[Decimal | None, Decimal | None]:
        click.echo(
            "  margin  a percentage over what the provider charges, for providers that publish prices"
        )
        click.echo("  flat    dollars per 1,000 tokens, for everything else")
        mode = click.prompt(
            "Pricing",
            type=click.Choice(["margin", "flat"]),
            default="margin" if row.priced else "flat",
        )
        if mode == "margin":
            return click.prompt(
                "Margin in percent", default=f"{row.margin}", type=parameters.PERCENT
            ), None
        return None, click.prompt(
            "USD per 1,000 tokens", default=f"{row.flat}", type=parameters.USD_PER_1K
        )

    def fallback(self) -> int:
        while True:
            cents = click.prompt(
                "Price of a request that cannot be counted, in cents",
                default="1",
                type=parameters.CENTS,
            )
            amount = cents_to_base(cents)
            if amount <= MAX_FALLBACK_BASE:
                return amount
            click.echo("  that is more than $10 a request; the unit is cents")

    def wallet_mode(self) -> Literal["generate", "import"]:
        chosen: Literal["generate", "import"] = click.prompt(
            "Wallet", type=click.Choice(["generate", "import"]), default="generate"
        )
        return chosen

    def private_key(self) -> bytes:
        given = os.environ.get(KEY_VARIABLE)
        if given is not None:
            return _key(given, KEY_VARIABLE)
        return _key(click.prompt("Private key (64 hex digits)", hide_input=True), "the answer")

    def new_passphrase(self) -> str:
        while True:
            first = click.prompt("New wallet passphrase", hide_input=True)
            if (weak := weakness(first)) is not None:
                click.echo(f"  {weak}")
                continue
            if click.prompt("Once more", hide_input=True) == first:
                return str(first)
            click.echo("  the two differ")

    def passphrase(self) -> str:
        return passphrase_prompt()

    def key_backup(self) -> Literal["file", "skip"]:
        chosen: Literal["file", "skip"] = click.prompt(
            "Back up the private key to a file (plain text)",
            type=click.Choice(["file", "skip"]),
            default="skip",
        )
        return chosen

    def rotation(self, address: str) -> bool:
        click.echo(
            f"This replaces the wallet {address} with a new one. Without its keystore the old one"
        )
        click.echo("is unrecoverable; League points and pairings stay with it.")
        typed = click.prompt("Type the last 4 digits of the old address to go on")
        return str(typed).strip().lower() == address[-4:].lower()

    def consume(self, present: bool) -> bool:
        return click.confirm("Also use this wallet to consume (halo consume)?", default=present)

    def consumer(self, models: Sequence[str]) -> tuple[str | None, tuple[str, ...], Decimal, int]:
        model = click.prompt("Default model (- for none)", default=models[0] if models else "-")
        allow = click.prompt(
            "Models you will pay for, by comma, or any",
            default=",".join(models) or "any",
            type=parameters.ALLOWLIST,
        )
        most = click.prompt("Most to pay for one request, USD", default="0.10", type=parameters.USD)
        port = click.prompt("Local port", default=8799, type=parameters.PORT)
        return (None if model == "-" else model), allow, Decimal(most).scaleb(-6), port


class Silence:
    """Nobody can answer. Secrets come from the environment or from what is piped in."""

    interactive = False

    def _needs(self, what: str) -> NoReturn:
        raise NeedsTerminal(f"there is no terminal to ask on; {what}")

    def provider(self, default: str) -> str:
        self._needs(
            "give at least --provider <slug> and --no-wallet-passphrase, for instance: halo setup "
            f"--provider {default} --flat 0.0005 --fallback-cents 1 --no-wallet-passphrase "
            "(further flags: --api-key, --models, --margin, --label, --consume)"
        )

    def base_url(self) -> str:
        self._needs("give --base-url <url>")

    def api_key(self, row: Preset) -> str:
        self._needs(f"{row.slug} needs an API key: give --api-key env:NAME")

    def models(self, found: Sequence[str]) -> list[str]:
        self._needs('give --models "a,b"')

    def pricing(self, row: Preset) -> tuple[Decimal | None, Decimal | None]:
        self._needs("give --margin <n> or --flat <usd-per-1k>")

    def fallback(self) -> int:
        self._needs("give --fallback-cents <n>")

    def wallet_mode(self) -> Literal["generate", "import"]:
        self._needs("give --wallet-mode generate")

    def private_key(self) -> bytes:
        given = os.environ.get(KEY_VARIABLE)
        if given is not None:
            return _key(given, KEY_VARIABLE)
        line = "" if sys.stdin.isatty() else sys.stdin.readline()
        if not line.strip():
            self._needs(f"give the private key in {KEY_VARIABLE} or on standard input")
        return _key(line, "standard input")

    def new_passphrase(self) -> str:
        self._needs(f"give --no-wallet-passphrase, or a passphrase in {VARIABLE}")

    def passphrase(self) -> str:
        self._needs(f"the wallet has a passphrase: give it in {VARIABLE}")

    def key_backup(self) -> Literal["file", "skip"]:
        self._needs("give --key-backup skip")

    def rotation(self, address: str) -> bool:
        self._needs(f"give --confirm {address}")

    def consume(self, present: bool) -> bool:
        self._needs("give --consume or --no-consume")

    def consumer(self, models: Sequence[str]) -> tuple[str | None, tuple[str, ...], Decimal, int]:
        self._needs("give the --consume-… flags")


def _slug(text: str) -> str:
    slugs = list(PRESETS)
    word = text.strip()
    if word.isdigit() and 1 <= int(word) <= len(slugs):
        return slugs[int(word) - 1]
    if word not in PRESETS:
        raise click.UsageError(f"{word!r} is none of the providers")
    return word


def _picked(word: str, found: Sequence[str]) -> str:
    return found[int(word) - 1] if word.isdigit() and 1 <= int(word) <= len(found) else word


def _key(text: str, source: str) -> bytes:
    try:
        return parse_key(text)
    except ValueError as bad:
        raise HarnessError(f"{source}: {bad}") from None
