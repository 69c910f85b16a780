"""The whole way: client, the operator's provider adapter, enclave with a model, and back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from harness.confidential import errors
from harness.confidential.attestor import Attestor
from harness.confidential.errors import VerificationError
from harness.confidential.session import Enclave
from harness.confidential.simulated import SimulatedEnclave
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.mock import MockProvider
from harness.inference.near import FORWARDED
from harness.inference.provider import Completion, ProviderError
from harness.inference.request import sanitise
from tests.services.confidential.conftest import Provider

MODEL = "deepseek-ai/DeepSeek-V4-Flash"
KEY = "sk-devnet-0123456789abcdef"
ASK = {"model": MODEL, "messages": [{"role": "user", "content": "what is secret?"}]}


async def answer(body: dict[str, Any]) -> dict[str, Any]:
    return (await MockProvider((MODEL,)).complete(body)).body


@pytest.fixture(scope="module")
def _near(served: Callable[[SimulatedEnclave], str]) -> Provider:
    enclave = SimulatedEnclave(answer, models=(MODEL,), api_key=KEY)
    return Provider(enclave, served(enclave))


@pytest.fixture
def near(_near: Provider) -> Provider:
    _near.enclave.fault = None
    _near.enclave.seen.clear()
    return _near


def run(near: Provider, body: dict[str, Any], work: Callable[[Any, Any], Any]) -> Any:
    """`work(operator, client)` with an operator's adapter and an attested enclave."""

    async def go() -> Any:
        operator = build_provider(ProviderConfig("near", near.base, KEY, (MODEL,)))
        async with httpx.AsyncClient() as http:
            enclave = await Attestor(near.base, near.policy(), http).enclave(MODEL)
            try:
                return await work(operator, enclave)
            finally:
                await operator.aclose()

    return asyncio.run(go())


def ask(
    near: Provider, body: dict[str, Any], fault: str | None = None
) -> tuple[Any, Completion, Any]:
    """(session, what the operator has, the signature), with the operator's own checks on the way."""

    async def work(operator: Any, enclave: Enclave) -> Any:
        near.enclave.fault = fault
        sent, headers, session = enclave.encrypt_messages(body)
        assert {name.lower() for name in headers} <= set(FORWARDED)
        done = await operator.complete(sanitise(sent, enclosed=True), headers)
        return session, done, await operator.signature(done.body["id"], MODEL)

    return run(near, body, work)  # type: ignore[no-any-return]


def test_the_operator_sees_no_word_and_the_client_has_proof(near: Provider) -> None:
    session, done, signature = ask(near, ASK)
    assert done.sent == session.request_bytes
    seen = done.sent + done.raw + json.dumps([done.body, signature, near.enclave.seen]).encode()
    assert b"secret" not in seen
    reply = session.open(signature, done.raw)
    assert reply["choices"][0]["message"]["content"] == "what is secret?"
    assert done.usage.total > 0


def test_parameters_and_tools_arrive_where_they_belong(near: Provider) -> None:
    body = {
        **ASK,
        "temperature": 0.2,
        "max_completion_tokens": 50,
        "stream": True,
        "user": "ann",
        "tools": [
            {
                "type": "function",
                "function": {"name": "secret_tool", "parameters": {"type": "object"}},
            }
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "use secret_tool"}]}],
    }
    session, done, signature = ask(near, body)
    assert b"secret" not in done.sent + done.raw
    assert json.loads(done.sent)["max_tokens"] == 50
    message = session.open(signature, done.raw)["choices"][0]["message"]
    assert message["tool_calls"][0]["function"]["name"] == "secret_tool"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("changed", errors.RESPONSE_CHANGED),
        ("signer", errors.WRONG_SIGNER),
        ("readable", errors.NOT_ENCRYPTED),
        ("other_request", errors.REQUEST_CHANGED),
    ],
)
def test_K8_lies_of_the_provider_reach_the_client_as_such(
    near: Provider, fault: str, reason: str
) -> None:
    session, done, signature = ask(near, ASK, fault)
    with pytest.raises(VerificationError) as refused:
        session.open(signature, done.raw)
    assert refused.value.reason == reason


def test_K8_an_operator_that_changes_the_request_is_found_out(near: Provider) -> None:
    async def work(operator: Any, enclave: Enclave) -> Any:
        sent, headers, session = enclave.encrypt_messages(ASK)
        done = await operator.complete({**sent, "temperature": 1.9}, headers)
        return session, done, await operator.signature(done.body["id"], MODEL)

    session, done, signature = run(near, ASK, work)
    with pytest.raises(VerificationError) as refused:
        session.open(signature, done.raw)
    assert refused.value.reason == errors.REQUEST_CHANGED


def test_an_operator_without_the_provider_key_gets_nothing(near: Provider) -> None:
    async def work(_operator: Any, enclave: Enclave) -> Any:
        sent, headers, _ = enclave.encrypt_messages(ASK)
        other = build_provider(ProviderConfig("near", near.base, KEY + "x", (MODEL,)))
        try:
            await other.complete(sent, headers)
        finally:
            await other.aclose()

    with pytest.raises(ProviderError):
        run(near, ASK, work)


def test_the_adapter_reads_the_simulated_price_list(near: Provider) -> None:
    async def work(operator: Any, _enclave: Enclave) -> Any:
        return await operator.list_models(), await operator.price(MODEL)

    listed, price = run(near, ASK, work)
    assert [model.id for model in listed] == [MODEL]
    assert str(price.prompt) == "0.000001"


def test_what_the_page_admits(near: Provider) -> None:
    """An operator with an account can have the enclave repeat a ciphertext to himself.

    The provider's protocol allows it and the page says so. When this fails, the page is too modest.
    """
    from harness.confidential import ecies

    async def work(_operator: Any, enclave: Enclave) -> Any:
        sent, headers, _ = enclave.encrypt_messages(ASK)
        mine = ecies.generate_key()
        stolen = {**headers, "X-Client-Pub-Key": ecies.public_bytes(mine).hex()}
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}) as http:
            got = await http.post(f"{near.base}/chat/completions", json=sent, headers=stolen)
        return ecies.decrypt(got.json()["choices"][0]["message"]["content"], mine)

    assert run(near, ASK, work) == "what is secret?"
