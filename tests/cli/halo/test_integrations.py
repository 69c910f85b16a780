"""The files for Hermes and OpenClaw, read as those programs read them."""

from __future__ import annotations

import json
import re
import runpy
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.harness.contracts import ROOT

FOLDER = ROOT / "integrations"
ENDPOINT = "http://127.0.0.1:8799/v1"
# Fields of Hermes' ProviderProfile, and of OpenClaw's provider and model definitions (both strict).
HERMES = {
    "name", "api_mode", "aliases", "display_name", "description", "signup_url", "env_vars", "base_url",
    "models_url", "auth_type", "supports_health_check", "fallback_models", "hostname", "default_headers",
    "fixed_temperature", "default_max_tokens", "default_aux_model",
}  # fmt: skip
PROVIDER = {
    "baseUrl",
    "apiKey",
    "auth",
    "api",
    "injectNumCtxForOpenAICompat",
    "headers",
    "authHeader",
    "models",
}
MODEL = {
    "id",
    "name",
    "api",
    "reasoning",
    "input",
    "cost",
    "contextWindow",
    "maxTokens",
    "headers",
    "compat",
}
APIS = {
    "openai-completions",
    "openai-responses",
    "anthropic-messages",
    "google-generative-ai",
    "ollama",
}


def json5(text: str) -> Any:
    """The part of JSON5 that the file uses: comments, bare names, trailing commas."""
    quiet = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda m: m.group(1) or "", text)
    named = re.sub(
        r'("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)(?=\s*:)',
        lambda m: m.group(1) or f'"{m.group(2)}"',
        quiet,
    )
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", named))


def test_hermes_registers_a_named_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[dict[str, Any]] = []
    providers, base = ModuleType("providers"), ModuleType("providers.base")
    providers.register_provider = registered.append  # type: ignore[attr-defined]
    base.ProviderProfile = lambda **fields: fields  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "providers", providers)
    monkeypatch.setitem(sys.modules, "providers.base", base)
    runpy.run_path(str(FOLDER / "hermes/halo/__init__.py"))
    (profile,) = registered
    assert profile["name"] == "halo" and profile["base_url"] == ENDPOINT
    assert set(profile) <= HERMES and profile["auth_type"] == "api_key"
    assert profile["env_vars"][-1].endswith("_BASE_URL")  # the last one overrides the address
    manifest = dict(
        line.split(": ", 1)
        for line in (FOLDER / "hermes/halo/plugin.yaml").read_text().splitlines()
    )
    assert manifest["kind"] == "model-provider" and manifest["name"] == "halo"


def test_openclaw_gets_a_named_provider() -> None:
    found = json5((FOLDER / "openclaw/halo.json5").read_text("utf-8"))
    assert found["models"]["mode"] == "merge"
    provider = found["models"]["providers"]["halo"]
    assert provider["baseUrl"] == ENDPOINT and provider["api"] in APIS and set(provider) <= PROVIDER
    for model in provider["models"]:
        assert set(model) <= MODEL and {"id", "name"} <= set(model)
        assert set(model["cost"]) <= {"input", "output", "cacheRead", "cacheWrite"}
        assert model["contextWindow"] > 0 and model["maxTokens"] > 0
        assert set(model["input"]) <= {"text", "image"}
    names = {f"halo/{model['id']}" for model in provider["models"]}
    assert found["agents"]["defaults"]["model"]["primary"] in names
