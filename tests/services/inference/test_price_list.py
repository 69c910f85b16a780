"""Price lists: shared, kept for a while, and never read as zero."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inference.price_list import PriceList, read_models
from harness.inference.provider import FaultKind, ModelInfo, Price, ProviderError

PRICE = Price(Decimal("0.001"), Decimal("0.002"))


class Source:
    """Counts fetches, and fails when told to."""

    def __init__(self) -> None:
        self.fetched = 0
        self.failing = False
        self.now = 0.0
        self.list = PriceList("near", self.fetch, clock=lambda: self.now)

    async def fetch(self) -> list[ModelInfo]:
        self.fetched += 1
        await asyncio.sleep(0)
        if self.failing:
            raise ProviderError(500, FaultKind.PROVIDER, True, "down")
        return [ModelInfo("a", PRICE), ModelInfo("unpriced")]


def test_many_ask_one_fetches() -> None:
    source = Source()

    async def run() -> list[Price | None]:
        return await asyncio.gather(*(source.list.price("a") for _ in range(20)))

    assert asyncio.run(run()) == [PRICE] * 20
    assert source.fetched == 1


def test_kept_five_minutes_and_five_more_in_an_outage() -> None:
    source = Source()

    async def at(now: float) -> Price | None:
        source.now = now
        return await source.list.price("a")

    async def run() -> None:
        assert await at(0) == PRICE and await at(299) == PRICE and source.fetched == 1
        source.failing = True
        assert await at(301) == PRICE and source.fetched == 2  # stale, and not asked again at once
        assert await at(305) == PRICE and source.fetched == 2
        assert await at(312) == PRICE and source.fetched == 3
        assert await at(599) == PRICE
        assert await at(600) is None  # an old price is no price
        source.failing = False
        assert await at(620) == PRICE
        assert await source.list.price("unpriced") is None and await source.list.price("x") is None

    asyncio.run(run())


def test_a_caller_that_gives_up_does_not_stop_the_others() -> None:
    source = Source()

    async def run() -> None:
        first = asyncio.create_task(source.list.price("a"))
        second = asyncio.create_task(source.list.price("a"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == PRICE

    asyncio.run(run())
    assert source.fetched == 1


def test_a_list_that_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.inference.price_list.FETCH_SECONDS", 0.05)

    async def never() -> list[ModelInfo]:
        await asyncio.sleep(60)
        return []

    assert asyncio.run(PriceList("near", never).price("a")) is None


def priced(**pricing: Any) -> Price | None:
    return read_models({"data": [{"id": "m", "pricing": pricing}]})[0].price


def test_openrouter_and_near() -> None:
    assert priced(prompt="0.0000025", completion="0.00001", request="0", input_cache_read="0.00000125") == Price(
        Decimal("0.0000025"), Decimal("0.00001"), Decimal(0), Decimal("0.00000125")
    )  # fmt: skip
    assert priced(prompt="0", completion="0") == Price(Decimal(0), Decimal(0))
    assert priced(input=1.4, output=4.4, cache_read=0.3) == Price(
        Decimal("0.0000014"), Decimal("0.0000044"), cached=Decimal("0.0000003")
    )
    entry = {
        "modelId": "zai/GLM", "inputCostPerToken": {"amount": 850, "scale": 9, "currency": "USD"},
        "outputCostPerToken": {"amount": 3300, "scale": 9, "currency": "USD"},
    }  # fmt: skip
    found = read_models({"models": [entry]})[0]
    assert (found.id, found.price) == (
        "zai/GLM",
        Price(Decimal("0.00000085"), Decimal("0.0000033")),
    )


@pytest.mark.parametrize(
    "pricing",
    [
        {}, {"prompt": "0.001"}, {"prompt": "-1", "completion": "-1"}, {"prompt": "free", "completion": "0"}, {"prompt": None, "completion": "0"},
        {"prompt": "NaN", "completion": "0"}, {"prompt": "1e9", "completion": "0"}, {"prompt": "2.5", "completion": "10"}, {"prompt": True, "completion": "0"},
        {"prompt": "0.001", "completion": "0.001", "request": "-1"}, {"prompt": "9" * 100, "completion": "0"}, {"prompt": "", "completion": ""}, {"prompt": [], "completion": {}},
    ],
)  # fmt: skip
def test_m18_what_is_no_price_is_not_zero(pricing: dict[str, Any]) -> None:
    assert priced(**pricing) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda v: st.lists(v, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "name", "pricing", "prompt", "completion", "data", "models", "amount", "scale", "inputCostPerToken", "outputCostPerToken"]), v, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(values)
def test_any_document_is_a_list(document: Any) -> None:
    for model in read_models(document):
        assert model.id and (model.price is None or 0 <= model.price.prompt <= Decimal("0.01"))
