"""S1: where a provider may be. What clouds hand credentials out under is nowhere."""

from __future__ import annotations

import pytest

from harness.errors import ConfigError
from harness.inference.base_url import checked_base_url
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.presets import PRESETS
from tests.services.inference.conftest import KEY

NAMES = {
    "box.lan": ["192.168.1.20"],
    "split.lan": ["192.168.1.20", "93.184.216.34"],
    "rebound.lan": ["169.254.169.254"],
    "public.example": ["93.184.216.34"],
}


def resolve(host: str) -> list[str]:
    return NAMES.get(host, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://openrouter.ai/api/v1", "http://127.0.0.1:11434/v1", "http://localhost:1234/v1", "http://[::1]:8080/v1",
        "http://192.168.1.5/v1", "http://10.0.0.8:8000/v1", "http://100.101.102.103:8000/v1", "http://box.lan:8000/v1",
        "https://8.8.8.8/v1", "http://[fd12:3456::1]/v1", "HTTPS://API.example/v1",
    ],
)  # fmt: skip
def test_allowed(url: str) -> None:
    assert checked_base_url(url + "/", resolve) == url


@pytest.mark.parametrize(
    "url",
    [
        # not addresses of an API
        "", "openrouter.ai/api/v1", "ftp://a.example/v1", "file:///etc/passwd", "javascript:1", "https://", "http:///v1",
        "https://a.example:99999/v1", "https://a.example:0/v1", "https://a b.example/v1", "https://a.example\\@b.example/v1",
        "https://a.example/v1?key=1", "https://a.example/v1#x", "https://[::1/v1",
        # names and passwords
        "https://user@a.example/v1", "https://user:pw@a.example/v1", "https://@a.example/v1", "http://127.0.0.1@evil.example/v1",
        # plain http beyond one's own network
        "http://8.8.8.8/v1", "http://public.example/v1", "http://split.lan/v1", "http://unknown.example/v1",
        "http://[2606:4700::1111]/v1", "http://240.0.0.1/v1",
        # metadata, link-local, unspecified, multicast, in all spellings
        "http://169.254.169.254/latest", "https://169.254.169.254/latest", "http://2852039166/", "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::a9fe:a9fe]/", "http://[fd00:ec2::254]/", "http://[fe80::1]/", "https://metadata.google.internal/v1",
        "http://metadata/v1", "https://METADATA.google.internal./v1", "http://rebound.lan/v1", "http://100.100.100.200/",
        "http://192.0.0.192/", "http://168.63.129.16/", "http://0.0.0.0:8000/v1", "http://0/v1", "http://[::]/v1",
        "http://224.0.0.1/v1", "https://instance-data/v1",
    ],
)  # fmt: skip
def test_s1_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        checked_base_url(url, resolve)


def test_a_password_in_a_refused_url_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as refused:
        checked_base_url("ftp://name:hunter2@a.example/v1")
    assert "hunter2" not in str(refused.value)


def test_every_preset_can_be_built() -> None:
    for slug, row in PRESETS.items():
        base = "" if row.base_url or slug == "mock" else "https://llm.example/v1"
        provider = build_provider(ProviderConfig(slug, base, KEY, ("m",)))
        assert (provider.slug, provider.models) == (slug, ("m",))
        assert provider.confidential == (slug == "near")
    assert set(PRESETS) - {"mock"} == set(
        "openclaw claude-code hermes ollama lmstudio openai anthropic openrouter venice near together fireworks groq custom".split()
    )


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (ProviderConfig("openruter", "", KEY), "did you mean 'openrouter'"),
        (ProviderConfig("custom", "", KEY), "--base-url"),
        (ProviderConfig("openai"), "--api-key"),
        (ProviderConfig("openai", "", "sk-…1955"), "masked"),
        (ProviderConfig("custom", "http://169.254.169.254/v1"), "metadata"),
    ],
)
def test_bad_configurations_are_explained(config: ProviderConfig, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        build_provider(config)
    assert KEY not in repr(config)
