"""The mock model behind real HTTP, and adapters that ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from harness.inference.build import ProviderConfig, build_provider
from harness.inference.mock_script import parse_script
from harness.inference.mock_server import MockUpstream
from harness.inference.presets import preset
from harness.inference.provider import Delta, Provider, ProviderError
from tests.services.conftest import ThreadedServer

T = TypeVar("T")

KEY = "sk-proj-0123456789abcdefghijklmnopqrstuv"
WEATHER = parse_script(
    """
    [[turn]]
    text = "Let me look."
    calls = [{ name = "weather", arguments = { city = "Bern" } }, { name = "time", arguments = { } }]
    [[turn]]
    text = "It rains."
    usage = { prompt = 40, completion = 3 }
    [[turn]]
    error = 429
    """
)


@dataclass
class Served:
    """A mock upstream and where it listens."""

    url: str
    upstream: MockUpstream

    def ask(self, slug: str, work: Callable[[Provider], Coroutine[Any, Any, T]], **more: Any) -> T:
        """Run `work` on a fresh provider of this slug."""
        config = ProviderConfig(
            slug,
            self.url + "/v1",
            more.pop("api_key", KEY),
            more.pop("models", ("mock-echo",)),
            **more,
        )

        async def run() -> T:
            provider = build_provider(config)
            async with AsyncExitStack() as stack:
                stack.push_async_callback(provider.aclose)
                return await work(provider)

        return asyncio.run(run())


@pytest.fixture(scope="session")
def mock_server() -> Iterator[Served]:
    upstream = MockUpstream(key=KEY, scripts={"weather": WEATHER})
    with ThreadedServer(upstream.app()) as url:
        yield Served(url, upstream)


@pytest.fixture
def served(mock_server: Served) -> Served:
    mock_server.upstream.seen.clear()
    return mock_server


def chat(text: str = "hello there, world", **more: Any) -> dict[str, Any]:
    return {"model": "mock-echo", "messages": [{"role": "user", "content": text}]} | more


def tools(*names: str) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    return [{"type": "function", "function": {"name": n, "parameters": schema}} for n in names]


async def collected(provider: Provider, body: dict[str, Any], **more: Any) -> list[Delta]:
    async with aclosing(provider.stream(body, **more)) as deltas:
        return [delta async for delta in deltas]


async def refused(provider: Provider, body: dict[str, Any], stream: bool) -> ProviderError:
    """The error that this request ends in."""
    with pytest.raises(ProviderError) as caught:
        if stream:
            await collected(provider, body)
        else:
            await provider.complete(body)
    return caught.value


DIALECTS = ("openai", "anthropic", "near", "ollama")  # one slug of each kind of adapter
assert {preset(slug).dialect for slug in DIALECTS} == {"chat", "messages", "enclave"}
