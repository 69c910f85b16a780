"""The indexer over HTTP: events and heartbeats in, standings out, pairing codes.

Amounts in USDC base units (six decimals).
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from harness.clients import members
from harness.clients.caller import Caller
from harness.clients.errors import NoSuchRoute, Refused, Unreachable
from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.league import (
    PAIRING_SECONDS,
    Event,
    heartbeat_message,
    link_claim_message,
    link_init_message,
    link_list_message,
    link_unlink_message,
)
from harness.protocol.personal import personal_sign

EXPIRES_HEADER, SIGNATURE_HEADER = "X-Halo-Expires-At", "X-Halo-Signature"
ALONE_SECONDS = 600.0
_TAKEN = ("accepted", "duplicate")
_CODE_TRIES = 5  # one in a hundred thousand codes is taken even with ten thousand alive


@dataclass(frozen=True)
class Points:
    """An address in the League, this season; both sides."""

    serve_points: str
    serve_tier: str
    requests_served: int
    tokens_served: int
    uptime_seconds: int
    usdc_earned_base: int
    consume_points: str
    consume_tier: str
    consume_streak_days: int
    consume_streak_multiplier: str
    requests_consumed: int
    tokens_consumed: int
    usdc_spent_base: int
    season: str

    def to_wire(self) -> dict[str, Any]:
        """With the wire's names; base units as decimal strings, points as JSON numbers."""
        wire: dict[str, Any] = {_camel(name): value for name, value in asdict(self).items()}
        for name in ("usdcEarnedBase", "usdcSpentBase"):
            wire[name] = str(wire[name])
        for name in ("servePoints", "consumePoints", "consumeStreakMultiplier"):
            wire[name] = float(wire[name])
        return wire


@dataclass(frozen=True)
class PairingCode:
    """`XXX-XXX-XXX`; single use. `expires_at` in seconds since the epoch."""

    code: str
    expires_at: int


class IndexerClient:
    """Raises Refused for answers that say no, Unreachable when there is none."""

    def __init__(
        self,
        url: str | Sequence[str],
        http: httpx.AsyncClient | None = None,
        *,
        seconds: float = 10.0,
    ) -> None:
        self._caller = Caller("indexer", url, http, seconds)
        self._alone_until = 0.0  # it takes one event a request, as far as is known

    async def close(self) -> None:
        await self._caller.close()

    async def post_events(self, events: Sequence[Event]) -> list[Exception | None]:
        """What came of each: None, the indexer has it; Refused, final below 500 but for 408 and 429;
        Unreachable. Raises Unreachable when nothing is known of any.

        Several travel as one request. An indexer that does not know that route is given them one by one,
        and so are those that it does not take as a whole.
        """
        if len(events) > 1 and time.monotonic() >= self._alone_until:
            wire = {"events": [event.to_wire() for event in events]}
            try:
                return self._each(await self._caller.post("/v1/events/batch", wire), len(events))
            except NoSuchRoute:
                self._alone_until = time.monotonic() + ALONE_SECONDS
            except Refused as refusal:
                if refusal.status in (408, 425, 429):
                    return [refusal] * len(events)
                if refusal.status in (404, 405):
                    self._alone_until = time.monotonic() + ALONE_SECONDS
        return [await self._alone(event) for event in events]

    async def _alone(self, event: Event) -> Exception | None:
        try:
            answer = await self._caller.post("/v1/events", event.to_wire())
        except (Refused, Unreachable) as failure:
            return failure
        return None if answer.get("status") in _TAKEN else self._caller.nonsense("no status")

    def _each(self, answer: Mapping[str, Any], count: int) -> list[Exception | None]:
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != count:
            raise self._caller.nonsense("not a result for each event")
        return [self._result(result) for result in results]

    def _result(self, result: Any) -> Exception | None:
        told = result if isinstance(result, dict) else {}
        if told.get("status") in _TAKEN:
            return None
        code = told.get("errorCode")
        if told.get("status") != "refused" or not isinstance(code, str):
            return self._caller.nonsense("no status")
        status = 429 if code == "rate_limited" else 409 if code == "event_conflict" else 400
        return Refused("indexer", status, code[:100], "refused")

    async def heartbeat(
        self, operator: DigestSigner, models: Sequence[str] = (), label: str | None = None
    ) -> None:
        """Say that the operator is online, with the models it serves and its name in the League."""
        now, nonce = int(time.time() * 1000), secrets.token_hex(16)
        body: dict[str, Any] = {
            "address": operator.address.lower(),
            "ts": now,
            "nonce": nonce,
            "signature": personal_sign(operator, heartbeat_message(operator.address, now, nonce)),
        }
        if models:
            body["models"] = list(models)
        if label is not None:
            body["label"] = label
        await self._caller.post("/heartbeat", body)

    async def points(self, address: Address) -> Points:
        answer = await self._caller.get(f"/points/{address.lower()}")
        with self._caller.reading():
            return _points(answer)

    # -- pairing -------------------------------------------------------------------------------

    async def link_init(self, operator: DigestSigner) -> PairingCode:
        """Register a fresh pairing code for a wallet; another one when it is taken by chance."""
        for attempt in range(_CODE_TRIES):
            digits = f"{secrets.randbelow(10**9):09d}"
            code = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
            nonce = "0x" + secrets.token_hex(32)
            expires_at = int(time.time()) + PAIRING_SECONDS
            text = link_init_message(operator.address, code, nonce, expires_at)
            body = {
                "code": code,
                "operatorAddress": operator.address.lower(),
                "operatorSig": personal_sign(operator, text),
                "nonce": nonce,
                "expiresAt": expires_at,
            }
            try:
                await self._caller.post("/link/init", body)
            except Refused as refusal:
                taken = refusal.status == 409 and refusal.code == "code_taken"
                if not taken or attempt == _CODE_TRIES - 1:
                    raise
            else:
                return PairingCode(code, expires_at)
        raise AssertionError("unreachable")

    async def link_claim(self, dashboard: DigestSigner, code: str) -> Address:
        """Pair the dashboard's wallet with the operator that shows this code; the operator."""
        body = {
            "code": code,
            "dashboardAddress": dashboard.address.lower(),
            "dashboardSig": personal_sign(dashboard, link_claim_message(dashboard.address, code)),
        }
        answer = await self._caller.post("/link/claim", body)
        with self._caller.reading():
            return members.address(answer, "operatorAddress")

    async def linked(self, dashboard: DigestSigner) -> list[Address]:
        """The operators paired with a dashboard's wallet."""
        expires_at = int(time.time()) + PAIRING_SECONDS
        text = link_list_message(dashboard.address, expires_at)
        answer = await self._caller.get(
            f"/link/{dashboard.address.lower()}",
            {EXPIRES_HEADER: str(expires_at), SIGNATURE_HEADER: personal_sign(dashboard, text)},
        )
        found = answer.get("operators")
        with self._caller.reading():
            if not isinstance(found, list):
                raise ValueError("no operators")
            return [members.address({"operator": each}, "operator") for each in found]

    async def unlink(self, signer: DigestSigner, operator: Address, dashboard: Address) -> None:
        """Part a pair; either of the two wallets may sign."""
        expires_at = int(time.time()) + PAIRING_SECONDS
        text = link_unlink_message(operator, dashboard, expires_at)
        body = {
            "operatorAddress": operator.lower(),
            "dashboardAddress": dashboard.lower(),
            "expiresAt": expires_at,
            "signature": personal_sign(signer, text),
        }
        await self._caller.post("/link/unlink", body)


def _points(answer: Mapping[str, Any]) -> Points:
    return Points(
        serve_points=_score(answer, "servePoints"),
        serve_tier=members.text(answer, "serveTier"),
        requests_served=members.natural(answer, "requestsServed"),
        tokens_served=members.natural(answer, "tokensServed"),
        uptime_seconds=members.natural(answer, "uptimeSeconds"),
        usdc_earned_base=members.decimal(answer, "usdcEarnedBase"),
        consume_points=_score(answer, "consumePoints"),
        consume_tier=members.text(answer, "consumeTier"),
        consume_streak_days=members.natural(answer, "consumeStreakDays"),
        consume_streak_multiplier=_score(answer, "consumeStreakMultiplier"),
        requests_consumed=members.natural(answer, "requestsConsumed"),
        tokens_consumed=members.natural(answer, "tokensConsumed"),
        usdc_spent_base=members.decimal(answer, "usdcSpentBase"),
        season=members.text(answer, "season"),
    )


_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,6})?")


def _score(answer: Mapping[str, Any], name: str) -> str:
    """A JSON number or decimal string, as decimal text."""
    value = answer.get(name)
    shown = str(value) if isinstance(value, (int, float, str)) else ""
    if isinstance(value, bool) or _NUMBER.fullmatch(shown) is None:
        raise ValueError(f"{name} is not a number")
    return shown


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
