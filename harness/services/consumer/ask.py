"""A client's request, read and checked before any money is thought of."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from harness.protocol.addresses import Address, to_address
from harness.protocol.estimate import completion_ceiling, prompt_tokens
from harness.services.consumer.permission import Permission, approves, offered_tools
from harness.services.consumer.policy import Facts, Policy
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.settings import ConsumerSettings

ROUTINGS = ("balanced", "cheapest", "fastest", "random")
MAX_IDEMPOTENCY = 255
_YES = ("1", "true", "required", "yes")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Ask:
    """What is wanted, of whom it may be bought, and what it may take. `gone` is set when the client left."""

    id: str
    body: dict[str, Any]
    model: str
    stream: bool
    include_usage: bool
    confidential: bool
    prompt_tokens: int
    completion_tokens: int  # the ceiling
    routing: str
    pinned: Address | None
    max_usd_per_million: Decimal | None
    private: bool
    idempotency: str | None
    fingerprint: str
    permission: Permission
    gone: asyncio.Event = field(compare=False)
    bought: bool = False  # its key has cost something, or may have
    interrupted: tuple[str, ...] = ()  # earlier requests under its key that its answer ends

    @property
    def tokens(self) -> int:
        """Prompt and completion together, at most."""
        return self.prompt_tokens + self.completion_tokens


def read_ask(
    body: dict[str, Any],
    headers: Mapping[str, str],
    path: str,
    settings: ConsumerSettings,
    policy: Policy | None = None,
) -> Ask:
    """Default model, allowlist, policy, controls, hints; the estimate is of the body as the client sent it.

    Raises Refusal: bad_request, model_not_allowed, policy_denied, policy_asks.
    """
    model = body.get("model") or settings.default_model
    if not isinstance(model, str) or not model:
        raise Refusal("bad_request", "model is missing and no default model is set.", field="model")
    if len(model) > 256 or any(ord(character) < 32 for character in model):
        raise Refusal("bad_request", "model is no model id.", field="model")
    allowed = settings.allowed_models
    if allowed and model not in allowed:
        raise Refusal(
            "model_not_allowed",
            f"{model} is not on this wallet's allowlist.",
            allowed=list(allowed),
        )
    _check_controls(body)
    stream = body.get("stream", False)
    options = body.get("stream_options")
    wanted = {**body, "model": model}
    permission = Permission(
        settings.max_usdc_base,
        policy,
        Facts(model, offered_tools(body), datetime.now(UTC)),
        approves(headers.get("x-halo-approve"), settings.budget_token),
    )
    enclosed = permission.check()
    return Ask(
        id=new_id(),
        body=wanted,
        model=model,
        stream=bool(stream),
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        confidential=enclosed or settings.confidential or _yes(headers.get("x-halo-confidential")),
        prompt_tokens=prompt_tokens(wanted),
        completion_tokens=completion_ceiling(wanted),
        routing=_routing(headers.get("x-halo-routing")),
        pinned=_pinned(headers.get("x-halo-operator")),
        max_usd_per_million=_price(headers.get("x-halo-max-price")),
        private=_yes(headers.get("x-halo-privacy")),
        idempotency=_idempotency(headers.get("idempotency-key")),
        fingerprint=_fingerprint(path, wanted),
        permission=permission,
        gone=asyncio.Event(),
    )


def new_id() -> str:
    """`req_` and 26 characters: 10 of time, so that ids sort, 16 of chance."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    characters = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return "req_" + "".join(reversed(characters))


def _check_controls(body: dict[str, Any]) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refusal(
            "bad_request", "messages is not a list with a message in it.", field="messages"
        )
    if not all(isinstance(message, dict) for message in messages):
        raise Refusal("bad_request", "a message is not an object.", field="messages")
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 10_000_000
        ):
            raise Refusal("bad_request", f"{name} is not a positive whole number.", field=name)
    if body.get("n") not in (None, 1) or isinstance(body.get("n"), bool):
        raise Refusal("bad_request", "n is 1 or absent here: one answer is paid for.", field="n")
    if not isinstance(body.get("stream", False), (bool, type(None))):
        raise Refusal("bad_request", "stream is true or false.", field="stream")


def _yes(value: str | None) -> bool:
    return value is not None and value.strip().lower() in _YES


def _routing(value: str | None) -> str:
    routing = (value or "balanced").strip().lower()
    if routing not in ROUTINGS:
        raise Refusal(
            "bad_request",
            f"X-Halo-Routing is one of {', '.join(ROUTINGS)}.",
            field="X-Halo-Routing",
        )
    return routing


def _pinned(value: str | None) -> Address | None:
    if value is None:
        return None
    try:
        return to_address(value.strip())
    except ValueError:
        raise Refusal(
            "bad_request", "X-Halo-Operator is not an address.", field="X-Halo-Operator"
        ) from None


def _price(value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        price = Decimal(value.strip())
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price <= 0:
        raise Refusal(
            "bad_request",
            "X-Halo-Max-Price is not a number of USD for a million tokens.",
            field="X-Halo-Max-Price",
        )
    return price


def _idempotency(value: str | None) -> str | None:
    if value is None:
        return None
    key = value.strip()
    if not key or len(key) > MAX_IDEMPOTENCY or not key.isascii() or not key.isprintable():
        raise Refusal(
            "bad_request",
            f"Idempotency-Key is not 1 to {MAX_IDEMPOTENCY} printable ASCII characters.",
            field="Idempotency-Key",
        )
    return key


def _fingerprint(path: str, body: dict[str, Any]) -> str:
    text = json.dumps([path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
