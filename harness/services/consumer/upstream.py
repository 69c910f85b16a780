"""What a relay's or an operator's failures mean for a client, in our own words and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from harness.protocol.addresses import Address
from harness.services.consumer.ask import Ask
from harness.services.consumer.directory import Offer
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import RelayReply, outdated
from harness.services.consumer.settings import ConsumerSettings

T = TypeVar("T")

OLD_KEY = "seal_error"  # encrypted to a key that the operator does not have (any more)
_GONE = ("no_operator", "operator_unavailable", "operator_shutting_down")


class ClientGone(Exception):
    """The client closed its connection; nobody waits for the answer."""


async def until_gone(ask: Ask, work: Coroutine[Any, Any, T]) -> T:
    """The result, unless the client leaves first: then the work is cancelled and ClientGone raised."""
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(ask.gone.wait())
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        raise ClientGone
    finally:
        left.cancel()
        if not task.done():
            task.cancel()


def failure_of(reply: RelayReply, offer: Offer, *, paid: bool) -> Refusal:
    """The refusal for an answer that is no success."""
    code, status = reply.error_code, reply.status
    told = {
        "status": status,
        "code": code,
        "message": str(reply.error.get("message", ""))[:200],
    }
    details: dict[str, Any] = {"operator": offer.operator, "upstream": told}
    if status == 426:
        return outdated(reply)
    if status == 503 and (code in _GONE or not code):
        return Refusal(
            "no_operator", f"The operator {offer.operator} is not available now.", **details
        )
    if status == 404:
        return Refusal("no_operator", f"The operator does not serve {offer.model} now.", **details)
    if status in (400, 413, 422):
        return Refusal(
            "bad_request", f"The operator refused the request ({code or status}).", **details
        )
    if status == 504 and not paid:
        return Refusal("upstream_timeout", "The operator did not answer in time.", **details)
    return Refusal(
        "upstream_error", f"The operator answered status {status} ({code or 'no code'}).", **details
    )


def insufficient_funds(wallet: Address, settings: ConsumerSettings, why: str) -> Refusal:
    """The wallet's whole address comes first: it is what the user needs."""
    return Refusal(
        "insufficient_funds",
        f"{wallet} {why}. Send USDC on {settings.network_name} to {wallet}.",
        walletAddress=wallet,
        network=settings.network,
    )


def deprecation(reply: RelayReply) -> str:
    """The relay's word that this version is near its end."""
    return reply.headers.get("x-halo-deprecation-warning", "")[:300]
