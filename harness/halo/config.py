"""`~/.halo/config.json`: what setup wrote down and the daemons read.

Members that this version does not know are kept when it writes the file back, so that going to an older
version and returning loses nothing. A file that does not hold together is refused with the member's name.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from harness.errors import ConfigError
from harness.halo.chains import (
    DEFAULT_FACILITATOR,
    DEFAULT_INDEXER,
    DEFAULT_RELAY,
    NETWORKS,
    Network,
)
from harness.halo.private import private_folder, read_private, write_atomically
from harness.halo.secret_box import EncryptedSecret
from harness.protocol.addresses import to_address
from harness.protocol.frames import MAX_LABEL

VERSION = 1
TEE_BASE_URL = "https://cloud-api.near.ai/v1"
Retention = Literal["none", "24h", "7d", "unknown"]
Rail = Literal["exact", "vault"]

# Written as a JSON number: six decimals at most survive the trip through a float unchanged.
Usd = Annotated[Decimal, Field(ge=0), PlainSerializer(float, return_type=float)]
_Address = Annotated[str, AfterValidator(to_address)]


def _url(value: str) -> str:
    if not value.startswith(("http://", "https://", "ws://", "wss://")) or any(
        c.isspace() for c in value
    ):
        raise ValueError("not a URL")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_url)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="allow",
        alias_generator=to_camel,
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,  # a broken file must not put its keys on the terminal
    )


class Usdc(_Part):
    address: _Address
    name: str
    version: str


class Chain(_Part):
    """The default is Base. RPC nodes are tried in order."""

    name: str
    chain_id: int
    rpc_urls: list[Url] = Field(min_length=1)
    usdc: Usdc

    @classmethod
    def of(cls, found: Network) -> Chain:
        usdc = Usdc(address=found.usdc, name=found.usdc_name, version=found.usdc_version)
        return cls(
            name=found.name, chain_id=found.chain_id, rpc_urls=list(found.rpc_urls), usdc=usdc
        )


class Operator(_Part):
    """The wallet, which both roles share, and what an operator says of itself."""

    address: _Address
    keystore_path: str
    label: str | None = Field(default=None, max_length=MAX_LABEL)
    data_retention: Retention = "unknown"
    no_passphrase: bool = False
    max_concurrency: int = Field(default=8, ge=1, le=1_000)


class Pricing(_Part):
    """`fallback_per_request_usdc` in base units (millionths of a dollar)."""

    mode: Literal["margin", "flat"]
    margin_percent: Usd | None = None
    flat_usdc_per_1k_tokens: Annotated[Usd | None, Field(alias="flatUsdcPer1KTokens")] = None
    fallback_per_request_usdc: int = Field(default=10_000, ge=0)

    @model_validator(mode="after")
    def _priced(self) -> Pricing:
        if self.mode == "flat" and self.flat_usdc_per_1k_tokens is None:
            raise ValueError("mode flat needs flatUsdcPer1KTokens")
        return self


class Provider(_Part):
    slug: str
    base_url: str = ""
    api_key: str | EncryptedSecret | None = Field(default=None, union_mode="left_to_right")
    models: list[str] = []
    pricing: Pricing | None = None


class Facilitator(_Part):
    url: Url = DEFAULT_FACILITATOR
    api_key: str | None = None
    failover_urls: list[Url] = []


class E2e(_Part):
    require: bool = True
    min_version: Annotated[int, Field(alias="min_version")] = 1


class Consume(_Part):
    max_usdc: Usd = Decimal("0.10")
    default_model: str | None = None
    allowed_models: list[str] | None = None  # None: any
    port: int = Field(default=8799, ge=1, le=65_535)
    rail: Rail = "exact"
    e2e: E2e = Field(default_factory=E2e, alias="e2e")


class Confidential(_Part):
    tee_base_url: Url = TEE_BASE_URL
    measurements: list[str] = []
    devnet_root: str | None = None  # PEM; takes the place of Intel's, on devnets alone
    on_verify_failure: Annotated[Literal["error", "flag"], Field(alias="on_verify_failure")] = (
        "error"
    )


class HaloConfig(_Part):
    """The whole file. `provider` repeats the first of `providers` for readers of old files."""

    version: Literal[1] = 1
    relay_url: Url | list[Url] = DEFAULT_RELAY
    indexer_url: Url | list[Url] = DEFAULT_INDEXER
    chain: Chain = Field(default_factory=lambda: Chain.of(NETWORKS["base"]))
    operator: Operator
    provider: Provider | None = None
    providers: list[Provider] = []
    pricing: Pricing | None = None
    facilitator: Facilitator = Field(default_factory=Facilitator)
    vault_address: _Address | None = None
    consume: Consume | None = None
    confidential: Confidential = Field(default_factory=Confidential)
    policy_file: str | None = None

    @field_validator("relay_url", "indexer_url")
    @classmethod
    def _named(cls, value: str | list[str]) -> str | list[str]:
        if not value:
            raise ValueError("the list is empty")
        return value

    @model_validator(mode="after")
    def _mirror(self) -> HaloConfig:
        if not self.providers and self.provider is not None:
            self.providers = [self.provider]
        self.provider = self.providers[0] if self.providers else None
        return self

    @property
    def relay(self) -> str:
        """The primary relay."""
        return self.relay_url if isinstance(self.relay_url, str) else self.relay_url[0]

    @property
    def indexer(self) -> str:
        """The primary indexer."""
        return self.indexer_url if isinstance(self.indexer_url, str) else self.indexer_url[0]

    def provider_of(self, slug: str) -> Provider | None:
        return next((p for p in self.providers if p.slug == slug), None)

    def with_provider(self, entry: Provider) -> None:
        """Add it, or put it in the place of the one with its slug."""
        slugs = [p.slug for p in self.providers]
        if entry.slug in slugs:
            self.providers[slugs.index(entry.slug)] = entry
        else:
            self.providers.append(entry)
        self.provider = self.providers[0]

    def to_json(self) -> str:
        document = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(path: Path) -> HaloConfig:
    """ConfigError when the file is missing, readable by others, or not what it should be."""
    if not path.exists() and not path.is_symlink():
        raise ConfigError(f"{path} is missing; run: halo setup")
    text = read_private(path)
    try:
        document: Any = json.loads(text)
    except ValueError as reason:
        raise ConfigError(f"{path} is not JSON ({reason}); restore it or run: halo setup") from None
    if isinstance(document, dict) and isinstance(document.get("version"), int):
        if document["version"] > VERSION:
            raise ConfigError(
                f"{path} has version {document['version']}, this halo knows {VERSION}; use the newer halo"
            )
    try:
        return HaloConfig.model_validate(document)
    except ValidationError as found:
        told = "; ".join(
            f"{'.'.join(str(p) for p in e['loc']) or 'the file'}: {e['msg']}"
            for e in found.errors()
        )
        raise ConfigError(f"{path}: {told}; correct it or run: halo setup") from None


def load_if_present(path: Path) -> HaloConfig | None:
    """None when there is no file; otherwise as `load`."""
    return load(path) if path.exists() or path.is_symlink() else None


def save(path: Path, config: HaloConfig) -> None:
    """Replace the file in one step, mode 0600."""
    private_folder(path.parent)
    write_atomically(path, config.to_json())
