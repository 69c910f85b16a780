"""What a reply costs: what the operator says, bounded by what we can count ourselves.

    charge = min(claimed, ceiling, announced price x own count x 1.15)

Our count errs upwards: a tokenizer we do not have may cut text finer than four characters a token, never
finer than its words, digits and signs. Models that reason bill thought that nobody shows; for them the
ceiling alone is the bound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.addresses import Address, to_address
from harness.protocol.estimate import completion_ceiling, prompt_tokens, text_tokens
from harness.services.consumer.ask import Ask
from harness.services.consumer.directory import Offer

TOLERANCE_PERCENT = 115
_REASONS = 8_192  # the estimate's floor for models that think before they answer

_PIECES = re.compile(r"[A-Za-z]{1,4}|[^\sA-Za-z]", re.ASCII)


@dataclass(frozen=True)
class Usage:
    """Tokens as the operator reports them, None where it does not."""

    prompt: int | None
    completion: int | None

    @property
    def total(self) -> int | None:
        if self.prompt is None or self.completion is None:
            return None
        return self.prompt + self.completion


@dataclass(frozen=True)
class Settlement:
    """An operator's PAYMENT-RESPONSE on the vault rail. Base units."""

    amount: int
    tokens: int | None
    cycle: int | None
    operator: Address | None
    replayed: bool = False  # an answer that was served, and counted, before


@dataclass(frozen=True)
class Charge:
    """`claimed` is what was asked for, `amount` what is owed; `how` says which of the bounds held."""

    amount: int
    claimed: int
    tokens: int | None
    how: str

    @property
    def disputed(self) -> bool:
        return self.amount < self.claimed


def meter(
    ask: Ask,
    offer: Offer,
    ceiling: int,
    *,
    settlement: Settlement | None,
    usage: Usage | None,
    output: str,
) -> Charge | None:
    """The charge of a whole reply; None when nothing was reported, for a guess is no price."""
    total = usage.total if usage is not None else None
    if settlement is not None:
        claimed, how = settlement.amount, "settlement"
    elif total is not None:
        claimed, how = offer.cost(total), "usage"
    else:
        return None
    bounded = bound(ask, offer, min(claimed, ceiling), output)
    tokens = settlement.tokens if settlement is not None and settlement.tokens else total
    return Charge(bounded, claimed, tokens, how if bounded == claimed else f"bounded {how}")


def bound(ask: Ask, offer: Offer, claimed: int, output: str) -> int:
    """`claimed`, as far as the text bears it out."""
    if claimed <= _counted(offer, ask.prompt_tokens + text_tokens(output)):
        return claimed  # counting finely takes time, so it is done only for who claims more
    return min(claimed, counted_cost(ask, offer, output))


def counted_cost(ask: Ask, offer: Offer, output: str) -> int:
    """The most that a reply with this text can be worth at the announced price."""
    if completion_ceiling({"model": ask.model, "max_tokens": 1}) >= _REASONS:
        completion = ask.completion_tokens
    else:
        completion = min(count(output), ask.completion_tokens)
    tokens = max(ask.prompt_tokens, count(_words(ask.body))) + completion
    return _counted(offer, tokens)


def _counted(offer: Offer, tokens: int) -> int:
    """Rounded up: a reply of a few tokens is still worth one unit."""
    return -(-offer.cost(tokens) * TOLERANCE_PERCENT // 100)


def count(text: str) -> int:
    """Tokens of a text by the finest cut that is usual, at least the shared estimate."""
    pieces = 0
    for piece in _PIECES.finditer(text):
        # Scripts without an alphabet, and pictures, take up to a token for each two bytes.
        first = piece.group()
        pieces += 1 if first.isascii() else -(-len(first.encode()) // 2)
    return max(pieces, text_tokens(text))


def delivered_cost(ask: Ask, offer: Offer, output: str) -> int:
    """What a stream that the client left is worth so far, by the estimate both sides share."""
    return offer.cost(prompt_tokens(ask.body) + text_tokens(output))


def read_usage(reply: Mapping[str, Any]) -> Usage | None:
    """The `usage` of a completion or of a last chunk."""
    found = reply.get("usage")
    if not isinstance(found, Mapping):
        return None
    usage = Usage(natural(found.get("prompt_tokens")), natural(found.get("completion_tokens")))
    return usage if usage.total is not None else None


def read_settlement(wire: Mapping[str, Any] | None, operator: Address) -> Settlement | None:
    """A vault settlement as operators send it; None when it is no success or not this operator's."""
    if wire is None or wire.get("success") is not True:
        return None
    extra = wire.get("extra")
    more: Mapping[str, Any] = extra if isinstance(extra, Mapping) else {}
    amount = natural(wire.get("amountUsdc", wire.get("amount")))
    if amount is None:
        return None
    named = wire.get("operator", more.get("operator"))
    try:
        who = to_address(named) if isinstance(named, str) else None
    except ValueError:
        return None
    if who is not None and who != operator:
        return None
    return Settlement(
        amount,
        natural(wire.get("tokens", more.get("tokens"))),
        natural(wire.get("cycle", more.get("cycle"))),
        who,
        wire.get("replayed") is True,
    )


def completion_text(reply: Mapping[str, Any]) -> str:
    """Everything in a completion that its model wrote: text, thoughts, tool calls."""
    parts = []
    for choice in _list(reply.get("choices")):
        message = choice.get("message")
        if isinstance(message, Mapping):
            parts.append(message_text(message))
    return "".join(parts)


def message_text(message: Mapping[str, Any]) -> str:
    """The same of one message or delta."""
    parts = [
        value
        for name in ("content", "reasoning_content", "reasoning", "refusal")
        if isinstance(value := message.get(name), str)
    ]
    for call in _list(message.get("tool_calls")):
        function = call.get("function")
        if isinstance(function, Mapping):
            parts += [str(function.get("name") or ""), str(function.get("arguments") or "")]
    function = message.get("function_call")
    if isinstance(function, Mapping):
        parts += [str(function.get("name") or ""), str(function.get("arguments") or "")]
    return "".join(parts)


def _words(body: Mapping[str, Any]) -> str:
    return json.dumps(
        [body.get(name) for name in ("messages", "tools", "functions", "response_format")],
        ensure_ascii=False,
    )


def natural(value: Any) -> int | None:
    """A count as strangers write it: a JSON number or decimal digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 40:
        return int(value)
    return None


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
