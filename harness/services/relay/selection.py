"""Which operator gets a request: filters first, then one of four ways to choose."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Generic, Protocol, TypeVar

from harness.protocol.addresses import Address
from harness.protocol.frames import Announcement
from harness.services.relay.hints import Hints

BEST = 3  # balanced picks among so many
SAME_PRICE = Decimal("1e-9")
_SHORTEST = 3  # letters a model's name needs to be looked for inside other names


class Standing(Protocol):
    """How an operator has done here of late."""

    latency: float | None  # seconds to the first frame; None before any
    error_rate: float  # 0 to 1

    def trusted(self) -> bool:
        """Whether it may be chosen: not after failing again and again just now."""


class Seat(Protocol):
    """A connected operator as selection sees it."""

    @property
    def address(self) -> Address: ...

    @property
    def announcement(self) -> Announcement: ...

    @property
    def inflight(self) -> int: ...

    @property
    def draining(self) -> bool: ...


S = TypeVar("S", bound=Seat)


@dataclass(frozen=True)
class Choice(Generic[S]):
    """A candidate with what it is ranked by. `price` is USD for a thousand tokens."""

    seat: S
    price: Decimal | None
    standing: Standing


class NoOperator(Exception):
    """Nobody can take the request. `known` tells whether anybody sells the model at all."""

    def __init__(self, message: str, *, known: bool) -> None:
        super().__init__(message)
        self.known = known


def offered(model: str, announced: Sequence[str]) -> str | None:
    """The announced name that serves a model: the same, else one that contains it or is part of it."""
    if model in announced:
        return model
    asked = model.lower()
    for name in announced:
        other = name.lower()
        if asked == other or (
            min(len(asked), len(other)) >= _SHORTEST and (asked in other or other in asked)
        ):
            return name
    return None


def price_of(announcement: Announcement, model: str) -> Decimal | None:
    """USD for a thousand tokens; None when it is not announced or is no price."""
    try:
        price = Decimal(announcement.pricing[model])
    except (KeyError, InvalidOperation):
        return None
    return price if price.is_finite() and price >= 0 else None


def busy(seat: Seat) -> bool:
    return seat.inflight >= seat.announcement.max_concurrency


def private(announcement: Announcement) -> bool:
    """Declared to keep nothing. A declaration, not a proof."""
    return announcement.privacy or announcement.data_retention == "none"


def misfit(seat: Seat, model: str, hints: Hints) -> str | None:
    """Why an operator cannot take a request, whatever its load; None when it can."""
    announcement = seat.announcement
    name = offered(model, announcement.tee_models if hints.tee else announcement.models)
    if name is None:
        return "serves this model in no enclave" if hints.tee else "does not serve this model"
    if hints.privacy and not private(announcement):
        return "does not declare that it keeps nothing"
    if hints.max_price is not None:
        price = price_of(announcement, name)
        if price is None or price * 1000 > hints.max_price:
            return "is dearer than the request allows"
    return None


def choose(
    seats: Sequence[S],
    model: str,
    hints: Hints,
    standing: Callable[[Address], Standing],
    rng: random.Random,
) -> S:
    """The operator for a request without a pin. Raises NoOperator."""
    serving = [seat for seat in seats if _sells(seat, model)]
    fitting = [seat for seat in serving if misfit(seat, model, hints) is None]
    if not fitting:  # names that nearly match are looked for only now: it takes longer
        serving = [
            s for s in seats if offered(model, s.announcement.models + s.announcement.tee_models)
        ]
        fitting = [seat for seat in serving if misfit(seat, model, hints) is None]
    if not serving:
        raise NoOperator("no operator serves this model; see /v1/models", known=False)
    if not fitting:
        why = misfit(serving[0], model, hints)
        raise NoOperator(f"every operator of this model {why}; relax the request", known=True)
    free = [seat for seat in fitting if not busy(seat) and not seat.draining]
    trusted = [seat for seat in free if standing(seat.address).trusted()]
    if not trusted:
        raise NoOperator("every operator of this model is busy; try again shortly", known=True)
    choices = [Choice(seat, _price(seat, model, hints), standing(seat.address)) for seat in trusted]
    return _pick(choices, hints.routing, rng).seat


def _sells(seat: Seat, model: str) -> bool:
    return model in seat.announcement.models or model in seat.announcement.tee_models


def _price(seat: Seat, model: str, hints: Hints) -> Decimal | None:
    announcement = seat.announcement
    name = offered(model, announcement.tee_models if hints.tee else announcement.models)
    return None if name is None else price_of(announcement, name)


def _pick(choices: list[Choice[S]], routing: str, rng: random.Random) -> Choice[S]:
    choices = rng.sample(choices, len(choices))  # ties are broken by chance
    if routing == "random":
        return choices[0]
    if routing == "cheapest":
        return min(choices, key=lambda c: (c.price is None, _rounded(c.price)))
    if routing == "fastest":
        return min(choices, key=lambda c: (c.standing.latency is None, c.standing.latency or 0.0))
    scores = balanced(choices)
    best = sorted(range(len(choices)), key=scores.__getitem__)[:BEST]
    weights = [1 / (scores[n] + 0.05) for n in best]
    return choices[rng.choices(best, weights)[0]]


def balanced(choices: Sequence[Choice[S]]) -> list[float]:
    """0.45 price rank + 0.25 latency rank + 0.20 error rate + 0.10 load, each 0 to 1; less is better."""
    prices = _ranks([None if c.price is None else float(_rounded(c.price)) for c in choices])
    latencies = _ranks([c.standing.latency for c in choices])
    return [
        0.45 * price
        + 0.25 * latency
        + 0.20 * choice.standing.error_rate
        + 0.10 * choice.seat.inflight / choice.seat.announcement.max_concurrency
        for choice, price, latency in zip(choices, prices, latencies, strict=True)
    ]


def _rounded(price: Decimal | None) -> Decimal:
    return Decimal(0) if price is None else (price / SAME_PRICE).to_integral_value() * SAME_PRICE


def _ranks(values: Sequence[float | None]) -> list[float]:
    """Each value's place among the different ones, 0 to 1; an unknown one is neither good nor bad."""
    known = sorted({value for value in values if value is not None})
    last = max(len(known) - 1, 1)
    return [0.5 if value is None else known.index(value) / last for value in values]
