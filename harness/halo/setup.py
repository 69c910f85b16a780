"""`halo setup`: from wishes and answers to a wallet and a configuration.

Everything that can be refused is decided before anything is written. The wallet is written first: should
the process end before the configuration follows, the next setup finds the wallet and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from harness import faults
from harness.errors import HarnessError
from harness.halo import upstreams
from harness.halo.chains import network
from harness.halo.chosen import environment
from harness.halo.config import Chain, Consume, HaloConfig, Operator, Provider, save
from harness.halo.found import Found
from harness.halo.identity import Identity, WalletWork
from harness.halo.mistakes import WrongUsage
from harness.halo.secret_box import EncryptedSecret, seal, unseal
from harness.halo.wishes import Asker, Wishes
from harness.inference.presets import DEFAULT_SLUG, Preset
from harness.protocol.frames import MAX_LABEL

Detect = Callable[[Preset, str, str | None], Sequence[str]]
MAX_FALLBACK_BASE = 10_000_000  # $10: a prompt takes no more, against confused units


@dataclass
class Outcome:
    """What setup did, or would do; `notes` and `warnings` are lines for the user."""

    address: str = ""
    identity: Identity | None = None
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Setup:
    """One run. `detect` lists a provider's models and may fail; `dry` decides everything, writes nothing."""

    def __init__(
        self,
        found: Found,
        wishes: Wishes,
        ask: Asker,
        detect: Detect,
        *,
        environ: Mapping[str, str] | None = None,
        dry: bool = False,
    ) -> None:
        self._found = found
        self._wishes = wishes
        self._ask = ask
        self._detect = detect
        self._environ = environment(environ)
        self._dry = dry
        self._out = Outcome()
        self._new_keys: set[str] = set()  # slugs whose API key came with this run

    def run(self) -> Outcome:
        wishes, found = self._wishes, self._found
        present = found.config
        wishes.check(profile=present is not None and present.consume is not None)
        if wishes.add_provider and present is None:
            raise HarnessError("--add-provider adds to an existing setup; run halo setup first")
        work = WalletWork(found, wishes, self._ask, self._environ)
        config = self._base()
        self._services(config)
        self._provider(config)
        self._consumer(config)
        if wishes.label is not None:
            config.operator.label = _label(wishes.label)
        if wishes.data_retention is not None:
            config.operator.data_retention = wishes.data_retention
        if self._dry:
            self._out.notes.append(work.intention())
            self._out.address = found.keystore.address if found.keystore else "a new address"
            return self._out
        identity = work.do(needs_passphrase=self._wants_encryption(config))
        faults.reach("setup.wallet")
        self._out.identity, self._out.address = identity, identity.address
        self._out.notes[:0] = identity.notes
        config.operator.address = identity.address
        config.operator.keystore_path = str(found.path)
        config.operator.no_passphrase = identity.unattended
        self._protect_keys(config, identity)
        save(found.home.config, config)
        faults.reach("setup.saved")
        return self._out

    # -- parts of the configuration --------------------------------------------------------------

    def _base(self) -> HaloConfig:
        """A copy to change; a new one names no wallet yet."""
        if self._found.config is not None:
            return self._found.config.model_copy(deep=True)
        nobody = Operator(address="0x" + "00" * 20, keystore_path=str(self._found.path))
        config = HaloConfig(operator=nobody)
        self._network(config, self._wishes.chain or self._environ.get("FACETWORKS_CHAIN") or "base")
        return config

    def _network(self, config: HaloConfig, named: str) -> None:
        chosen = network(named)
        config.chain = Chain.of(chosen)
        config.vault_address = chosen.vault
        for url, name in ((chosen.relay, "relay_url"), (chosen.indexer, "indexer_url")):
            if url:
                setattr(config, name, url)
        if chosen.facilitator:
            config.facilitator.url = chosen.facilitator
        if chosen.tee_base_url:
            config.confidential.tee_base_url = chosen.tee_base_url
        config.confidential.devnet_root = chosen.tee_root

    def _services(self, config: HaloConfig) -> None:
        """Flag over what is configured over the environment over the default; never asked for."""
        wishes, env = self._wishes, self._environ
        if self._found.config is not None and wishes.chain is not None:
            self._network(config, wishes.chain)
        fresh = self._found.config is None
        for name, flag, variable in (
            ("relay_url", wishes.relay_url, "HALO_RELAY_URL"),
            ("indexer_url", wishes.indexer_url, "HALO_INDEXER_URL"),
        ):
            if chosen := flag or (env.get(variable) if fresh else None):
                setattr(config, name, _url(chosen, name))
        facilitator = wishes.facilitator_url or (env.get("HALO_FACILITATOR_URL") if fresh else None)
        if facilitator:
            config.facilitator.url = _url(facilitator, "facilitator_url")
        if wishes.vault_address is not None:
            config.vault_address = wishes.vault_address

    def _provider(self, config: HaloConfig) -> None:
        wishes, ask = self._wishes, self._ask
        if config.providers and not wishes.touches_provider:
            if not ask.interactive or wishes.rotate or wishes.driven:
                self._reprice(config)
                return
        slug = wishes.provider or self._ask_slug(config)
        row = upstreams.row_of(slug)
        entry = config.provider_of(slug)
        url = self._url(row, entry)
        key = self._key(row, entry)
        models = self._models(row, url, key, entry)
        priced = self._price(config, row, entry)
        fresh = entry or Provider(slug=slug)
        new = fresh.model_copy(update={"base_url": url, "api_key": key, "models": models})
        if wishes.add_provider:
            # The price of an added provider is its own; the others keep theirs.
            new.pricing = priced.pricing
            config.with_provider(new)
            self._out.notes.append(f"{slug} is one of {len(config.providers)} providers")
        else:
            dropped = [p.slug for p in config.providers if p.slug != slug]
            if dropped:
                self._out.warnings.append(
                    f"{slug} replaces {', '.join(dropped)}; to have them all, use --add-provider"
                )
            new.pricing = None
            config.providers, config.provider = [new], new
            config.pricing = priced.pricing
        if priced.warning:
            self._out.warnings.append(priced.warning)

    def _reprice(self, config: HaloConfig) -> None:
        wishes = self._wishes
        if wishes.margin is None and wishes.flat is None and wishes.fallback_base is None:
            return
        row = upstreams.row_of(config.providers[0].slug)
        priced = upstreams.price(
            row, wishes.margin, wishes.flat, wishes.fallback_base, config.pricing
        )
        config.pricing = priced.pricing
        if priced.warning:
            self._out.warnings.append(priced.warning)

    def _ask_slug(self, config: HaloConfig) -> str:
        if self._wishes.touches_provider and config.providers:
            return config.providers[0].slug
        return self._ask.provider(config.providers[0].slug if config.providers else DEFAULT_SLUG)

    def _url(self, row: Preset, entry: Provider | None) -> str:
        if row.dialect == "mock":
            return ""
        typed = self._wishes.base_url
        if typed is None and entry is not None and entry.base_url:
            return entry.base_url
        if typed is None and row.base_url:
            return row.base_url
        if typed is None and not self._ask.interactive:
            raise WrongUsage(f"--provider {row.slug} needs --base-url <url>")
        return upstreams.stored_url(typed if typed is not None else self._ask.base_url())

    def _key(self, row: Preset, entry: Provider | None) -> str | EncryptedSecret | None:
        wishes = self._wishes
        if wishes.api_key is not None:
            self._new_keys.add(row.slug)
            return upstreams.stored_key(wishes.api_key, row) or None
        if entry is not None and entry.api_key:
            self._out.notes.append(f"the stored API key of {row.slug} is kept")
            return entry.api_key
        if not row.keyed:
            return None
        if wishes.consume:
            # A pure consumer names a provider it never calls.
            self._out.warnings.append(
                f"no API key for {row.slug}: fine to consume, but halo serve needs one (--api-key)"
            )
            return None
        self._new_keys.add(row.slug)
        return upstreams.stored_key(self._ask.api_key(row), row)

    def _models(
        self, row: Preset, url: str, key: str | EncryptedSecret | None, entry: Provider | None
    ) -> list[str]:
        if self._wishes.models is not None:
            return list(self._wishes.models)
        if entry is not None and entry.models and not self._ask.interactive:
            return entry.models
        usable = key if isinstance(key, str) else None
        found = self._detect(row, url, usable) if usable or not row.keyed else ()
        if self._ask.interactive:
            return self._ask.models(found[: upstreams.MAX_PROPOSED])
        models, warning = upstreams.unchosen(row, found)
        if warning:
            self._out.warnings.append(warning)
        return models

    def _price(self, config: HaloConfig, row: Preset, entry: Provider | None) -> upstreams.Priced:
        wishes = self._wishes
        margin, flat, fallback = wishes.margin, wishes.flat, wishes.fallback_base
        same = config.providers and config.providers[0].slug == row.slug
        existing = (entry.pricing if entry else None) or (config.pricing if same else None)
        if margin is None and flat is None and self._ask.interactive and not wishes.driven:
            margin, flat = self._ask.pricing(row)
            fallback = fallback if fallback is not None else self._ask.fallback()
        return upstreams.price(row, margin, flat, fallback, existing)

    def _consumer(self, config: HaloConfig) -> None:
        wishes = self._wishes
        if wishes.consume is False:
            config.consume = None
            return
        if wishes.consume is None and not wishes.names_consumer:
            if not self._ask.interactive or wishes.driven or wishes.rotate:
                return
            if not self._ask.consume(config.consume is not None):
                config.consume = None
                return
            served = config.providers[0].models if config.providers else []
            model, allow, most, port = self._ask.consumer(served)
            config.consume = (config.consume or Consume()).model_copy(
                update={
                    "default_model": model,
                    "allowed_models": list(allow) or None,
                    "max_usdc": most,
                    "port": port,
                }
            )
            return
        profile = config.consume or Consume()
        if wishes.consume_model is not None:
            profile.default_model = wishes.consume_model or None
        if wishes.consume_allow is not None:
            profile.allowed_models = list(wishes.consume_allow) or None
        if wishes.consume_max_usdc is not None:
            profile.max_usdc = wishes.consume_max_usdc
        if wishes.consume_port is not None:
            profile.port = wishes.consume_port
        allowed = profile.allowed_models
        if allowed and profile.default_model and profile.default_model not in allowed:
            raise WrongUsage(
                f"--consume-model {profile.default_model} is not in the allowlist; add it to --consume-allow"
            )
        config.consume = profile

    # -- API keys at rest ------------------------------------------------------------------------

    def _to_encrypt(self, entry: Provider) -> bool:
        """Keys that came with this run, unless told otherwise; all of them when told so."""
        wanted = self._wishes.encrypt_api_key
        return wanted is True or (wanted is None and entry.slug in self._new_keys)

    def _wants_encryption(self, config: HaloConfig) -> bool:
        """Whether the wallet's passphrase will be needed to encrypt a key."""
        return any(
            isinstance(p.api_key, str) and p.api_key and self._to_encrypt(p)
            for p in config.providers
        )

    def _protect_keys(self, config: HaloConfig, identity: Identity) -> None:
        if identity.unattended and self._wishes.encrypt_api_key:
            self._out.warnings.append(
                "an unattended wallet has no passphrase to encrypt with: --encrypt-api-key is ignored, "
                "API keys are protected by the file's mode alone"
            )
        for entry in config.providers:
            key, encrypt = entry.api_key, self._to_encrypt(entry)
            if isinstance(key, EncryptedSecret) and identity.former_passphrase is not None:
                key, encrypt = unseal(key, identity.former_passphrase), True
            if isinstance(key, str) and key and encrypt and identity.passphrase:
                key = seal(key, identity.passphrase)
            entry.api_key = key
        config.provider = config.providers[0] if config.providers else None


def _url(text: str, name: str) -> str:
    if not text.startswith(("http://", "https://", "ws://", "wss://")):
        raise WrongUsage(f"--{name.replace('_', '-')}: not a URL: {text[:100]!r}")
    return text.rstrip("/")


def _label(text: str) -> str | None:
    if len(text) > MAX_LABEL or not text.isprintable():
        raise WrongUsage(f"--label: one line of at most {MAX_LABEL} characters")
    return text or None


def cents_to_base(cents: Decimal) -> int:
    """Cents of a dollar -> base units; WrongUsage beyond four decimals."""
    amount = cents * 10_000
    if amount != int(amount) or amount < 0:
        raise WrongUsage("--fallback-cents: at most four decimals, zero or more")
    return int(amount)
