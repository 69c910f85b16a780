"""`halo pay`: one paid request, through the very sidecar that `halo consume` runs.

The sidecar is started on a loopback port of its own for the length of one request. So what is tested is
what is used: quote, signature, pinned retry, journal, vault, receipts; and a crash loses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from harness.errors import HarnessError
from harness.http.embedded import running
from harness.http.failures import words
from harness.services.consumer.settings import ConsumerSettings

START_SECONDS = 30.0
REQUEST_SECONDS = 360.0
MAX_ANSWER = 16 * 1024 * 1024

Build = Callable[[ConsumerSettings], Any]  # settings -> ASGI application


@dataclass(frozen=True)
class Answered:
    """What came back. `settlement` is the x402 object of what was paid, None when nothing was."""

    status: int
    operator: str | None
    rail: str | None
    paid: bool
    charged_base: int | None
    settlement: Mapping[str, Any] | None
    text: str
    error: str | None
    code: str | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "operator": self.operator,
            "rail": self.rail,
            "paid": self.paid,
            "chargedBase": None if self.charged_base is None else str(self.charged_base),
            "settlement": self.settlement,
            "answer": self.text,
            "error": self.error,
            "code": self.code,
        }


def pay(
    build: Build, settings: ConsumerSettings, model: str, prompt: str, max_tokens: int
) -> Answered:
    """Send one chat request and pay for it. HarnessError when the sidecar does not start."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
    }
    return asyncio.run(_pay(build, settings, body))


async def _pay(build: Build, settings: ConsumerSettings, body: dict[str, Any]) -> Answered:
    token = secrets.token_urlsafe(24)  # nobody else on this machine may use the endpoint meanwhile
    own = replace(settings, host="127.0.0.1", api_key=token)
    async with _serving(build(own)) as url, httpx.AsyncClient(trust_env=False) as http:
        headers = {"authorization": f"Bearer {token}"}
        try:
            answer = await http.post(
                f"{url}/v1/chat/completions", json=body, headers=headers, timeout=REQUEST_SECONDS
            )
        except httpx.HTTPError as failure:
            raise HarnessError(
                f"the request did not end: {words(failure)}; what it may have cost is in: "
                "halo receipts list"
            ) from None
    return read(answer)


def read(answer: httpx.Response) -> Answered:
    """The sidecar's reply."""
    try:
        document = answer.json()
    except ValueError:
        document = {}
    document = document if isinstance(document, dict) else {}
    error = document.get("error")
    error = error if isinstance(error, dict) else {}
    charged = answer.headers.get("x-halo-charged-base", "")
    return Answered(
        status=answer.status_code,
        operator=answer.headers.get("x-halo-operator"),
        rail=answer.headers.get("x-halo-rail"),
        paid=answer.headers.get("x-halo-paid", "").lower() == "true",
        charged_base=int(charged) if charged.isascii() and charged.isdigit() else None,
        settlement=_settlement(answer.headers.get("payment-response")),
        text=_text(document),
        error=error.get("message"),
        code=error.get("code"),
    )


def _settlement(header: str | None) -> dict[str, Any] | None:
    if not header:
        return None
    try:
        found = json.loads(base64.b64decode(header, validate=True))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _text(document: Mapping[str, Any]) -> str:
    try:
        return str(document["choices"][0]["message"]["content"] or "")
    except (KeyError, IndexError, TypeError):
        return ""


@asynccontextmanager
async def _serving(app: Any) -> AsyncIterator[str]:
    """The application on a free loopback port, inside this event loop."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(START_SECONDS):
                url = await stack.enter_async_context(running(app, "127.0.0.1:0"))
        except TimeoutError:
            raise HarnessError(f"the sidecar did not start within {START_SECONDS:.0f} s") from None
        yield url
