"""Failed connections are told in words: no message shows the name of a library's class."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import httpx
import pytest

from harness.http.failures import words


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.ConnectError("All connection attempts failed"), "nothing listens there"),
        (httpx.ReadTimeout(""), "no answer in time"),
        (httpx.InvalidURL("x"), "not a URL"),
        (TimeoutError(), "no answer in time"),
        (aiohttp.ServerDisconnectedError(), "the connection broke off"),
        (aiohttp.ClientPayloadError(), "the connection broke off"),
        (socket.gaierror(-2, "Name or service not known"), "its host name is not known"),
        (ValueError("the answer is too long"), "the answer is too long"),
        (ValueError(), "the connection failed"),
    ],
)
def test_kinds(failure: BaseException, said: str) -> None:
    assert words(failure) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9", "nothing listens there"),
        ("127.0.0.1:9", "not a URL"),
    ],
)
def test_what_aiohttp_raises(url: str, said: str) -> None:
    async def ask() -> str:
        async with aiohttp.ClientSession() as session:
            try:
                await session.get(url)
            except aiohttp.ClientError as failure:
                return words(failure)
        return ""

    assert said in asyncio.run(ask())
