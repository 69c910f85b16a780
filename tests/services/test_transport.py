"""What carries requests to services: one whole answer or words, over either library, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from x402.schemas import PaymentRequirements

from harness.clients import transport
from harness.clients.facilitator import FacilitatorClient
from harness.clients.transport import Borrowed, NoAnswer, Own, Transport
from harness.x402.middleware import Offer, PaymentMiddleware

REQUIREMENTS = {
    "scheme": "exact", "network": "eip155:31337", "asset": "0x00000000000000000000000000000000000000A1",
    "amount": "2500", "payTo": "0x00000000000000000000000000000000000000A2", "maxTimeoutSeconds": 300,
}  # fmt: skip


def response(body: str, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Server:
    """Says what it is given, one answer for each request; None closes the connection instead."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.heads: list[str] = []
        self.connections = 0
        self.closed = asyncio.Event()  # by the other side
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                self.heads.append(head)
                if "content-length: " in head:
                    await reader.readexactly(int(head.split("content-length: ")[1].split("\r")[0]))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                writer.write(answer)
        except asyncio.IncompleteReadError:
            self.closed.set()
        writer.close()


@asynccontextmanager
async def serving(*answers: bytes | None) -> AsyncIterator[Server]:
    server = Server(*answers)
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


async def post(carrier: Transport, url: str, seconds: float = 20.0) -> tuple[int, bytes]:
    return await carrier.send("POST", url + "/settle", {"x-told": "yes"}, b"{}", seconds)


@asynccontextmanager
async def carriers() -> AsyncIterator[tuple[Transport, ...]]:
    async with httpx.AsyncClient() as http:
        own = Own()
        yield own, Borrowed(http)
        await own.close()


def test_both_give_status_and_body_and_follow_nothing() -> None:
    elsewhere = response("", "307 Temporary Redirect", "location: http://127.0.0.1:9/")

    async def main() -> None:
        async with carriers() as both:
            for carrier in both:
                async with serving(response("no", "402 Payment Required"), elsewhere) as server:
                    assert await post(carrier, server.url) == (402, b"no")
                    assert (await post(carrier, server.url))[0] == 307
                    assert server.connections == 1
                    assert all("x-told: yes" in head for head in server.heads)

    asyncio.run(main())


def test_too_long_too_slow_and_nobody_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER", 10)

    async def main() -> None:
        async with carriers() as both:
            for carrier in both:
                async with serving(response("x" * 11), b"", response("x" * 10)) as server:
                    with pytest.raises(NoAnswer, match="too long"):
                        await post(carrier, server.url)
                    with pytest.raises(NoAnswer):
                        await post(carrier, server.url, seconds=0.05)
                    assert await post(carrier, server.url) == (200, b"x" * 10)
                with pytest.raises(NoAnswer):
                    await post(carrier, "http://127.0.0.1:9")
                with pytest.raises(NoAnswer):
                    await post(carrier, "nowhere")

    asyncio.run(main())


def test_a_kept_open_connection_that_was_closed_costs_no_answer() -> None:
    async def main() -> None:
        own = Own()
        async with serving(response("1"), None, response("2"), None, None) as server:
            assert await post(own, server.url) == (200, b"1")
            assert await post(own, server.url) == (200, b"2")  # closed, and asked again
            assert server.connections == 2
            with pytest.raises(NoAnswer):  # twice nothing is nothing
                await post(own, server.url)
            assert not server.answers
        await own.close()

    asyncio.run(main())


def test_the_environments_proxy_is_used_except_where_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        own = Own()
        async with serving(response("through"), response("direct")) as server:
            monkeypatch.setenv("http_proxy", server.url)
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            assert await post(own, "http://facilitator.test") == (200, b"through")
            assert await post(own, server.url) == (200, b"direct")
        assert [head.split()[1] for head in server.heads] == [
            "http://facilitator.test/settle",
            "/settle",
        ]
        await own.close()

    asyncio.run(main())


def test_one_client_serves_one_loop_after_another() -> None:
    own = Own()

    async def main() -> None:
        async with serving(response("ok")) as server:
            assert await post(own, server.url) == (200, b"ok")
        await own.close()

    for _ in range(2):
        asyncio.run(main())


def test_an_application_that_ends_leaves_no_connection_to_its_facilitator() -> None:
    async def main() -> None:
        async with serving(response('{"isValid": true}')) as server:
            client = FacilitatorClient(server.url)
            offer = Offer((PaymentRequirements.model_validate(REQUIREMENTS),))
            app = PaymentMiddleware(Starlette(), {"GET /weather": offer}, client)
            assert (await client.verify({}, REQUIREMENTS)).valid
            told = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
            said = []

            async def receive() -> dict[str, str]:
                return next(told)

            async def send(message: object) -> None:
                said.append(message)

            await app({"type": "lifespan", "state": {}}, receive, send)  # type: ignore[arg-type]
            assert said == [
                {"type": "lifespan.startup.complete"},
                {"type": "lifespan.shutdown.complete"},
            ]
            await server.closed.wait()

    asyncio.run(main())
