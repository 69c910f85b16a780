"""Who is chosen: filters, the four routings, scores, and names that nearly match."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.addresses import Address, checksum
from harness.protocol.frames import Announcement
from harness.services.relay.directory import FAILURES, REST_SECONDS, Record
from harness.services.relay.hints import Hints
from harness.services.relay.selection import (
    BEST,
    Choice,
    NoOperator,
    balanced,
    choose,
    misfit,
    offered,
    price_of,
)


@dataclass
class Chair:
    announcement: Announcement
    inflight: int = 0
    draining: bool = False
    record: Record = field(default_factory=Record)

    @property
    def address(self) -> Address:
        return self.announcement.address


def chair(number: int, price: str | None = "0.001", **announced: object) -> Chair:
    values: dict[str, object] = {
        "address": checksum(number.to_bytes(20, "big")),
        "models": ["m"],
        "pricing": {} if price is None else {"m": price},
    }
    return Chair(Announcement.model_validate(values | announced))


def chosen(
    chairs: list[Chair], hints: Hints | None = None, seed: int = 0, model: str = "m"
) -> Chair:
    records = {c.address: c.record for c in chairs}
    return choose(chairs, model, hints or Hints(), records.__getitem__, random.Random(seed))


def counts(chairs: list[Chair], hints: Hints | None = None) -> Counter[int]:
    return Counter(chairs.index(chosen(chairs, hints, seed)) for seed in range(300))


@pytest.mark.parametrize(
    ("model", "announced", "found"),
    [
        ("a/b", ["b", "a/b"], "a/b"), ("gpt-4o", ["openai/gpt-4o"], "openai/gpt-4o"),
        ("openai/gpt-4o", ["gpt-4o"], "gpt-4o"), ("GPT-4o", ["gpt-4o"], "gpt-4o"), ("m", ["mm"], None),
        ("gpt-5", ["gpt-4o"], None), ("x", [], None), ("ab", ["abc"], None),
    ],
)  # fmt: skip
def test_a_model_by_its_name_or_nearly(model: str, announced: list[str], found: str | None) -> None:
    assert offered(model, announced) == found


def test_the_exact_name_comes_before_a_similar_one() -> None:
    similar, exact = chair(1, models=["xmodel"]), chair(2, models=["model"])
    assert all(chosen([similar, exact], seed=n, model="model") is exact for n in range(20))
    assert chosen([similar], model="model") is similar


@pytest.mark.parametrize(
    ("hints", "announced", "why"),
    [
        (Hints(tee=True), {}, "enclave"),
        (Hints(tee=True), {"tee_models": ["m"]}, None),
        (Hints(privacy=True), {}, "keeps nothing"),
        (Hints(privacy=True), {"data_retention": "30d"}, "keeps nothing"),
        (Hints(privacy=True), {"data_retention": "none"}, None),
        (Hints(privacy=True), {"privacy": True}, None),
        (Hints(max_price=Decimal("1")), {"pricing": {"m": "0.001"}}, None),
        (Hints(max_price=Decimal("0.99")), {"pricing": {"m": "0.001"}}, "dearer"),
        (Hints(max_price=Decimal("100")), {"pricing": {}}, "dearer"),
        (Hints(max_price=Decimal("100")), {"pricing": {"m": "free"}}, "dearer"),
        (Hints(max_price=Decimal("100")), {"pricing": {"m": "-1"}}, "dearer"),
        (Hints(max_price=Decimal("100")), {"pricing": {"m": "NaN"}}, "dearer"),
    ],
)
def test_filters(hints: Hints, announced: dict[str, object], why: str | None) -> None:
    found = misfit(chair(1, **announced), "m", hints)
    assert (why in found) if why and found else found is why
    if why:
        with pytest.raises(NoOperator) as nobody:
            chosen([chair(1, **announced)], hints)
        assert nobody.value.known


def test_M18_an_unknown_price_is_not_nothing() -> None:
    unknown, dear = chair(1, None), chair(2, "9")
    assert price_of(unknown.announcement, "m") is None
    cheapest = Hints(routing="cheapest")
    assert all(chosen([unknown, dear], cheapest, n) is dear for n in range(20))


def test_cheapest_fastest_and_random() -> None:
    chairs = [chair(1, "0.003"), chair(2, "0.001"), chair(3, "0.002")]
    for seat, latency in zip(chairs, (0.1, 0.9, None), strict=True):
        seat.record.latency = latency
    assert counts(chairs, Hints(routing="cheapest")) == {1: 300}
    assert counts(chairs, Hints(routing="fastest")) == {0: 300}
    assert set(counts(chairs, Hints(routing="random"))) == {0, 1, 2}


def test_prices_that_differ_by_less_than_a_billionth_are_the_same() -> None:
    chairs = [chair(1, "0.0010000000001"), chair(2, "0.001"), chair(3, "0.0010001")]
    assert set(counts(chairs, Hints(routing="cheapest"))) == {0, 1}


def test_balanced_prefers_the_better_and_lets_three_share() -> None:
    chairs = [chair(n, f"0.00{n}") for n in range(1, 7)]
    found = counts(chairs)
    assert set(found) <= {0, 1, 2} and len(found) == BEST
    assert found[0] > found[2]


def test_the_score_is_the_weighted_sum() -> None:
    good, bad = chair(1, "0.001"), chair(2, "0.002", max_concurrency=4)
    good.record.latency, bad.record.latency = 0.1, 0.2
    bad.record.error_rate, bad.inflight = 0.5, 2
    choices = [Choice(c, price_of(c.announcement, "m"), c.record) for c in (good, bad)]
    assert balanced(choices) == pytest.approx([0.0, 0.45 + 0.25 + 0.20 * 0.5 + 0.10 * 0.5])


def test_who_is_busy_drains_or_failed_is_passed_over() -> None:
    busy, leaving, failed, free = (chair(n, max_concurrency=1) for n in range(1, 5))
    busy.inflight, leaving.draining = 1, True
    for _ in range(FAILURES):
        failed.record.failed()
    assert counts([busy, leaving, failed, free]) == {3: 300}
    with pytest.raises(NoOperator) as nobody:
        chosen([busy, leaving, failed])
    assert nobody.value.known


def test_an_operator_that_failed_is_tried_again_after_a_while() -> None:
    now = 0.0
    record = Record(lambda: now)
    for _ in range(FAILURES):
        assert record.trusted()
        record.failed()
    assert not record.trusted()
    now = REST_SECONDS
    assert record.trusted()
    record.failed()
    assert not record.trusted()
    now *= 2
    record.served(0.5)
    assert record.trusted() and 0 < record.error_rate < 1


@given(
    prices=st.lists(st.one_of(st.none(), st.decimals("0", "10", places=6)), min_size=1, max_size=8),
    seed=st.integers(0, 1_000),
    cap=st.decimals("0", "10000", places=3),
)
def test_nobody_above_the_price_is_ever_chosen(
    prices: list[Decimal | None], seed: int, cap: Decimal
) -> None:
    chairs = [chair(n, None if p is None else str(p)) for n, p in enumerate(prices, 1)]
    for routing in ("balanced", "cheapest", "fastest", "random"):
        try:
            found = chosen(chairs, Hints(routing=routing, max_price=cap), seed)
        except NoOperator:
            assert all(p is None or p * 1000 > cap for p in prices)
        else:
            price = price_of(found.announcement, "m")
            assert price is not None and price * 1000 <= cap
