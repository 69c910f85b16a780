"""The facts of `halo doctor`: what is installed, stored, running and reachable, and what to do next.

Looking changes nothing and never fails: whatever is wrong is itself a fact.
"""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from harness.errors import ConfigError
from harness.halo.chains import DEFAULT_FACILITATOR, DEFAULT_INDEXER, DEFAULT_RELAY
from harness.halo.chosen import environment
from harness.halo.config import HaloConfig, load_if_present
from harness.halo.daemons import holder, tail
from harness.halo.home import Home
from harness.halo.passphrases import keystore_path
from harness.halo.wallet import Keystore
from harness.http.failures import words
from harness.inference.presets import PRESETS

PYTHON_FLOOR = (3, 11)
LOCAL_SECONDS = 1.5
NETWORK_SECONDS = 3.0
LOG_LINES = 8
MAX_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True)
class Local:
    """A program beside us that may serve models: where it lists them."""

    slug: str
    label: str
    url: str
    listing: str
    member: str


def local_endpoints() -> list[Local]:
    """OpenClaw, Ollama and LM Studio, in the order in which they are to be preferred."""
    found = []
    for slug in ("openclaw", "ollama", "lmstudio"):
        row = PRESETS[slug]
        if slug == "ollama":
            listing, member = row.base_url.removesuffix("/v1") + "/api/tags", "models"
        else:
            listing, member = row.base_url + "/models", "data"
        found.append(Local(slug, row.title, row.base_url, listing, member))
    return found


def examine(
    home: Home,
    environ: Mapping[str, str] | None = None,
    locals_: Sequence[Local] | None = None,
) -> dict[str, Any]:
    """The JSON document of `halo doctor --json`."""
    env = environment(environ)
    config, config_error = _config(home)
    keystore, keystore_error = _keystore(home, config)
    relay = env.get("HALO_RELAY_URL") or (config.relay if config else DEFAULT_RELAY)
    indexer = env.get("HALO_INDEXER_URL") or (config.indexer if config else DEFAULT_INDEXER)
    facilitator = env.get("HALO_FACILITATOR_URL") or (
        config.facilitator.url if config else DEFAULT_FACILITATOR
    )
    endpoints, (relay_up, indexer_up, facilitator_up) = asyncio.run(
        _probe(local_endpoints() if locals_ is None else locals_, (relay, indexer, facilitator))
    )
    primary = config.providers[0] if config and config.providers else None
    facts: dict[str, Any] = {
        "generatedAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "install": {
            "pythonVersion": platform.python_version(),
            "pythonSupported": sys.version_info >= PYTHON_FLOOR,
            "entry": sys.argv[0],
            "version": _version(),
        },
        "configDir": {
            "path": str(home.root),
            "exists": home.root.is_dir(),
            "keystorePresent": keystore is not None or keystore_error is not None,
            "configPresent": home.config.exists(),
            "orphanedKeystore": keystore is not None and not home.config.exists(),
            "problems": [p for p in (config_error, keystore_error) if p],
        },
        "wallet": {
            "address": keystore.address if keystore else None,
            "source": str(keystore.path) if keystore else None,
            "noPassphrase": config.operator.no_passphrase if config else None,
        },
        "provider": {
            "slug": primary.slug if primary else None,
            "baseUrl": primary.base_url if primary else None,
            "modelCount": len(primary.models) if primary else 0,
        },
        "providers": [
            {
                "slug": p.slug,
                "baseUrl": p.base_url,
                "modelCount": len(p.models),
                "keyed": bool(p.api_key),
            }
            for p in (config.providers if config else [])
        ],
        "serve": _daemon(home, "serve"),
        "consume": {
            **_daemon(home, "consume"),
            "configured": bool(config and config.consume),
        },
        "endpoints": endpoints,
        "network": {
            "relayUrl": relay,
            "relayReachable": relay_up,
            "indexerUrl": indexer,
            "indexerReachable": indexer_up,
            "facilitatorUrl": facilitator,
            "facilitatorReachable": facilitator_up,
        },
    }
    facts["hint"] = hint(facts)
    return facts


def hint(facts: Mapping[str, Any]) -> str:
    """The one thing to do next."""
    folder, network = facts["configDir"], facts["network"]
    if not facts["install"]["pythonSupported"]:
        return "install Python 3.11 or newer and run install.sh again"
    if folder["problems"]:
        return str(folder["problems"][0])
    if folder["orphanedKeystore"]:
        return "an earlier setup did not finish; run halo setup again, it keeps the wallet"
    if not folder["configPresent"]:
        near = next((e for e in facts["endpoints"] if e["reachable"]), None)
        if near:
            return (
                f"{near['label']} is running: halo setup --provider {near['slug']} --flat 0.0005 "
                "--fallback-cents 1 --no-wallet-passphrase --with-pairing"
            )
        return "run halo setup; no local models were found, so have a provider's API key at hand"
    if not network["relayReachable"]:
        return f"the relay does not answer: look at {network['relayUrl']}/health, or set HALO_RELAY_URL"
    if facts["serve"]["running"] or facts["consume"]["running"]:
        return "all is well; halo status shows the League standing"
    if facts["consume"]["configured"]:
        return f"fund {facts['wallet']['address']} with USDC, then: halo consume --vault --vault-deposit 5"
    if facts["provider"]["modelCount"] == 0:
        return (
            f'name what to serve: halo setup --provider {facts["provider"]["slug"]} --models "a,b"'
        )
    return "run halo serve, or halo service install serve"


def _config(home: Home) -> tuple[HaloConfig | None, str | None]:
    try:
        return load_if_present(home.config), None
    except ConfigError as problem:
        return None, str(problem)


def _keystore(home: Home, config: HaloConfig | None) -> tuple[Keystore | None, str | None]:
    path = keystore_path(config, home) if config else home.keystore
    if not path.exists() and not path.is_symlink():
        return None, f"keystore not found: {path}" if config else None
    try:
        found = Keystore.read(path)
    except ConfigError as problem:
        return None, str(problem)
    if config and config.operator.address != found.address:
        return found, f"{path} holds {found.address}, config.json says {config.operator.address}"
    return found, None


def _daemon(home: Home, role: Any) -> dict[str, Any]:
    pid = holder(home, role)
    return {"running": pid is not None, "pid": pid, "log": tail(home.log(role), LOG_LINES)}


def _version() -> str:
    from compiler import __version__

    return __version__


async def _probe(
    locals_: Sequence[Local], services: Sequence[str]
) -> tuple[list[dict[str, Any]], list[bool]]:
    async with httpx.AsyncClient(follow_redirects=False) as http:
        found = await asyncio.gather(*(_local(http, each) for each in locals_))
        up = await asyncio.gather(*(_healthy(http, url) for url in services))
    return list(found), list(up)


async def _local(http: httpx.AsyncClient, entry: Local) -> dict[str, Any]:
    known = {"slug": entry.slug, "label": entry.label, "url": entry.url}
    try:
        answer = await _get(http, entry.listing, LOCAL_SECONDS)
        models = answer.json()[entry.member] if answer.status_code == 200 else None
        if not isinstance(models, list):
            return {
                **known,
                "reachable": False,
                "modelCount": 0,
                "error": f"status {answer.status_code}",
            }
        return {**known, "reachable": True, "modelCount": len(models), "error": None}
    except httpx.HTTPError as failure:
        return {**known, "reachable": False, "modelCount": 0, "error": words(failure)}
    except (ValueError, KeyError, TypeError):
        return {**known, "reachable": False, "modelCount": 0, "error": "not a list of models"}


async def _healthy(http: httpx.AsyncClient, url: str) -> bool:
    base = url.replace("wss://", "https://").replace("ws://", "http://").rstrip("/")
    try:
        return (await _get(http, base + "/health", NETWORK_SECONDS)).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False


async def _get(http: httpx.AsyncClient, url: str, seconds: float) -> httpx.Response:
    """At most so many seconds in all, and so many bytes."""

    async def read() -> httpx.Response:
        async with http.stream("GET", url) as answer:
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_ANSWER:
                    raise ValueError("too long")
            return httpx.Response(answer.status_code, content=bytes(body))

    try:
        return await asyncio.wait_for(read(), seconds)
    except TimeoutError:
        raise httpx.ReadTimeout("no answer in time") from None
