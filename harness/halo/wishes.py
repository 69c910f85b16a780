"""What a user asks `halo setup` for, and whom setup asks back.

None stands for "not said". Amounts: percent, USD per 1,000 tokens, base units where the name says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from harness.errors import HarnessError
from harness.halo.config import Retention
from harness.halo.mistakes import WrongUsage
from harness.inference.presets import Preset
from harness.protocol.addresses import Address


@dataclass(frozen=True)
class Wishes:
    """The flags of setup."""

    provider: str | None = None
    add_provider: bool = False
    base_url: str | None = None
    api_key: str | None = None
    models: tuple[str, ...] | None = None
    margin: Decimal | None = None
    flat: Decimal | None = None
    fallback_base: int | None = None
    label: str | None = None
    unattended: bool = False
    wallet_mode: Literal["generate", "import"] | None = None
    key_backup: Literal["file", "skip"] | None = None
    encrypt_api_key: bool | None = None
    with_pairing: bool = False
    rotate: bool = False
    confirm: str | None = None
    data_retention: Retention | None = None
    consume: bool | None = None
    consume_model: str | None = None
    consume_allow: tuple[str, ...] | None = None  # empty: any
    consume_max_usdc: Decimal | None = None
    consume_port: int | None = None
    facilitator_url: str | None = None
    relay_url: str | None = None
    indexer_url: str | None = None
    vault_address: Address | None = None
    chain: str | None = None

    def __repr__(self) -> str:
        return "Wishes(…)"  # the API key is in here

    @property
    def names_consumer(self) -> bool:
        """Whether a field of the consumer profile was given."""
        return any(
            value is not None
            for value in (
                self.consume_model, self.consume_allow, self.consume_max_usdc, self.consume_port,
            )
        )  # fmt: skip

    @property
    def touches_provider(self) -> bool:
        return any(
            value is not None for value in (self.provider, self.base_url, self.api_key, self.models)
        )

    @property
    def driven(self) -> bool:
        """Whether flags lead: then only secrets are asked for."""
        return self.touches_provider or self.margin is not None or self.flat is not None

    def check(self, profile: bool) -> None:
        """WrongUsage for flags that contradict each other; `profile`: a consumer profile is stored."""
        if self.margin is not None and self.flat is not None:
            raise WrongUsage("--margin and --flat exclude each other; give one of them")
        if self.add_provider and self.provider is None:
            raise WrongUsage("--add-provider needs --provider <slug>")
        if self.add_provider and self.rotate:
            raise WrongUsage(
                "--add-provider keeps the wallet, --rotate-wallet replaces it; give one"
            )
        if self.confirm is not None and not self.rotate:
            raise WrongUsage("--confirm belongs to --rotate-wallet")
        if self.consume is False and self.names_consumer:
            raise WrongUsage("--no-consume removes the profile that the --consume-… flags describe")
        if self.consume is None and self.names_consumer and not profile:
            raise WrongUsage("the --consume-… flags describe a consumer profile; add --consume")


class NeedsTerminal(HarnessError):
    """Something has to be asked and there is no terminal; the message names the flag."""


class Asker(Protocol):
    """Whom setup asks. `interactive` is False where every question raises NeedsTerminal."""

    interactive: bool

    def provider(self, default: str) -> str: ...

    def base_url(self) -> str: ...

    def api_key(self, row: Preset) -> str: ...

    def models(self, found: Sequence[str]) -> list[str]: ...

    def pricing(self, row: Preset) -> tuple[Decimal | None, Decimal | None]:
        """(margin percent, flat USD per 1,000 tokens); one of them None."""
        ...

    def fallback(self) -> int:
        """Base units."""
        ...

    def wallet_mode(self) -> Literal["generate", "import"]: ...

    def private_key(self) -> bytes: ...

    def new_passphrase(self) -> str: ...

    def passphrase(self) -> str: ...

    def key_backup(self) -> Literal["file", "skip"]: ...

    def rotation(self, address: Address) -> bool:
        """Whether the user typed the end of the address that is given up."""
        ...

    def consume(self, present: bool) -> bool: ...

    def consumer(self, models: Sequence[str]) -> tuple[str | None, tuple[str, ...], Decimal, int]:
        """(default model, allowlist, USD per request, port)."""
        ...
