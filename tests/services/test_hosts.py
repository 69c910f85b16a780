"""DNS rebinding: a service on loopback answers to its own names only."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from harness.http.hosts import HostCheck, allowed_hosts

HOSTS = allowed_hosts("127.0.0.1", ("pay.example",))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8788", 200), ("localhost", 200), ("[::1]:8788", 200), ("LOCALHOST:1", 200),
        ("pay.example", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 421),
        ("localhost.", 421), ("[::2]", 421),
    ],
)  # fmt: skip
def test_only_our_names_are_answered(host: str, status: int) -> None:
    assert HOSTS is not None

    async def hello(_request: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    app = HostCheck(Starlette(routes=[Route("/", hello)]), HOSTS)

    async def ask() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.get("/", headers={"host": host})).status_code

    assert asyncio.run(ask()) == status


def test_elsewhere_than_on_loopback_any_name_will_do_unless_some_are_named() -> None:
    assert allowed_hosts("0.0.0.0", ()) is None
    assert allowed_hosts("0.0.0.0", ("a",)) == ("a",)
