"""Which provider answers, and which are shut until their account works again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.inference.mock import MockProvider
from harness.inference.provider import FaultKind, ProviderError
from harness.inference.router import Router
from tests.services.inference.conftest import chat, collected, refused


class Account(MockProvider):
    """A mock whose account can be broken and mended."""

    def __init__(self, *models: str, slug: str = "mock", confidential: bool = False) -> None:
        super().__init__(models, slug=slug)
        self.confidential = confidential  # type: ignore[misc]
        self.broken: ProviderError | None = None
        self.probes = 0

    async def complete(self, body: dict[str, Any], headers: Any = None) -> Any:
        if self.broken is not None:
            raise self.broken
        return await super().complete(body)

    async def stream(self, body: dict[str, Any], headers: Any = None) -> Any:
        if self.broken is not None:
            raise self.broken
        async for delta in super().stream(body):
            yield delta

    async def probe(self) -> None:
        self.probes += 1
        await super().probe()


def fault(kind: FaultKind, status: int = 0) -> ProviderError:
    return ProviderError(status, kind, not kind.sticky, "as asked")


def test_exact_then_containing_then_primary() -> None:
    one, two = Account("gpt-4o", "llama"), Account("gpt-4o-mini", "meta-llama/llama-3.1-8b")
    router = Router([one, two])
    for model, expected in (
        ("gpt-4o", one), ("gpt-4o-mini", two), ("meta-llama/llama-3.1-8b", two), ("llama", one),
        ("gpt-4o-mini-2024", one), ("META-LLAMA/llama-3.1-8b:free", one), ("mistral", one), ("", one),
    ):  # fmt: skip
        assert router.for_model(model).inner is expected, model


@pytest.mark.parametrize("kind", [FaultKind.AUTH, FaultKind.CREDIT])
@pytest.mark.parametrize("stream", [False, True])
def test_a_sticky_fault_withdraws_the_models_at_once(kind: FaultKind, stream: bool) -> None:
    changes: list[tuple[str, ...]] = []
    broken, other = Account("a", "b"), Account("b", "c")
    router = Router([broken, other])
    router.on_change = lambda: changes.append(router.announced())
    assert router.announced() == ("a", "b", "c")
    broken.broken = fault(kind, 401)
    assert asyncio.run(refused(router.for_model("a"), chat(model="a"), stream)).kind is kind
    assert changes == [("b", "c")]
    assert router.for_model("b").inner is other  # open ones first
    again = asyncio.run(refused(router.for_model("a"), chat(model="a"), stream))
    assert (again.kind, again.status, again.retryable) == (kind, 401, False)
    assert len(changes) == 1 and broken.calls == 0


@pytest.mark.parametrize("kind", [FaultKind.PROVIDER, FaultKind.TIMEOUT, FaultKind.INVALID])
def test_faults_that_pass_shut_nothing(kind: FaultKind) -> None:
    changes: list[None] = []
    account = Account("a")
    router = Router([account], lambda: changes.append(None))
    account.broken = fault(kind)
    for stream in (False, True):
        asyncio.run(refused(router.for_model("a"), chat(), stream))
    account.broken = None
    assert asyncio.run(router.for_model("a").complete(chat())).usage.completion
    assert router.announced() == ("a",) and not changes


def test_a_shut_provider_is_asked_again_every_minute() -> None:
    now = [0.0]
    changes: list[tuple[str, ...]] = []
    account = Account("a")
    router = Router([account], clock=lambda: now[0])
    router.on_change = lambda: changes.append(router.announced())
    account.broken = fault(FaultKind.AUTH, 401)

    async def run() -> None:
        await router.reprobe()
        assert account.probes == 0  # open providers are left alone
        await refused(router.for_model("a"), chat(), stream=False)
        for now[0] in (1.0, 59.0, 61.0, 62.0, 120.0, 122.0):
            await router.reprobe()
        assert account.probes == 2 and changes == [()]
        account.broken = fault(FaultKind.TIMEOUT)
        now[0] = 200.0
        await router.reprobe()
        assert router.for_model("a").shut  # an answer is needed, not the lack of a refusal
        account.broken = None
        now[0] = 230.0
        await router.reprobe()
        assert router.for_model("a").shut
        now[0] = 261.0
        await router.reprobe()
        assert not router.for_model("a").shut
        await collected(router.for_model("a"), chat())

    asyncio.run(run())
    assert changes == [(), ("a",)] and account.probes == 4


def test_startup_probes_all_and_reports_each() -> None:
    good, bad, slow = Account("a", slug="one"), Account("b", slug="two"), Account("c", slug="three")
    bad.broken, slow.broken = fault(FaultKind.AUTH, 401), fault(FaultKind.TIMEOUT)
    router = Router([good, bad, slow])
    found = dict(asyncio.run(router.probe_all()))
    assert found["one"] is None
    assert found["two"] is bad.broken and found["three"] is slow.broken
    assert router.announced() == ("a", "c")  # a network failure never blocks


def test_watching_mends_without_being_told() -> None:
    account = Account("a")
    router = Router([account], reprobe_seconds=0)
    account.broken = fault(FaultKind.CREDIT, 402)

    async def run() -> None:
        await refused(router.for_model("a"), chat(), stream=False)
        task = asyncio.create_task(router.watch(0.001))
        account.broken = None
        while router.for_model("a").shut:
            await asyncio.sleep(0.001)
        task.cancel()
        await router.aclose()

    asyncio.run(asyncio.wait_for(run(), 10))


def test_models_of_enclaves() -> None:
    router = Router([Account("a", "b"), Account("b", "c", confidential=True)])
    assert router.confidential_models() == ("c",)


def test_there_must_be_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Router([])
