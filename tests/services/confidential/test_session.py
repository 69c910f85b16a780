"""One exchange: what is sent, whose the reply is, and that nothing else is taken for it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.confidential import ecies, errors
from harness.confidential.attestor import Attestor
from harness.confidential.errors import EncryptionRefused, VerificationError
from harness.confidential.reply import sign_reply
from harness.confidential.session import Enclave, Session, wire_bytes
from harness.confidential.simulated import REPLY_FAULTS
from tests.services.confidential.conftest import MODEL, Provider

HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ASK = {"model": MODEL, "messages": [{"role": "user", "content": "what is secret?"}]}


@dataclass
class Exchange:
    """One request and its reply, as the operator passes them on."""

    session: Session
    request: bytes
    response: bytes
    signature: Any
    status: int = 200

    def open(self) -> dict[str, Any]:
        return self.session.open(self.signature, self.response)

    def refusal(self) -> str:
        with pytest.raises(VerificationError) as refused:
            self.open()
        return refused.value.reason


def exchange(
    provider: Provider, body: dict[str, Any] | None = None, fault: str | None = None
) -> Exchange:
    async def run() -> Exchange:
        async with httpx.AsyncClient() as http:
            enclave = await Attestor(provider.base, provider.policy(), http).enclave(MODEL)
            provider.enclave.fault = fault
            sent, headers, session = enclave.encrypt_messages(body or ASK)
            answer = await http.post(
                f"{provider.base}/chat/completions", json=sent, headers=headers
            )
            if answer.status_code != 200:
                return Exchange(session, b"", answer.content, None, answer.status_code)
            url = f"{provider.base}/signature/{answer.json()['id']}"
            found = await http.get(url, params={"model": MODEL, "signing_algo": "ecdsa"})
            signature = found.json() if found.status_code == 200 else None
            return Exchange(session, answer.request.content, answer.content, signature)

    return asyncio.run(run())


def test_a_reply_is_verified_and_read(provider: Provider) -> None:
    done = exchange(provider)
    assert done.open()["choices"][0]["message"]["content"] == "what is secret?"
    assert done.request == done.session.request_bytes
    assert b"secret" not in done.request + done.response
    assert "secret" not in json.dumps(provider.enclave.seen)


def test_tools_travel_encrypted_both_ways(provider: Provider) -> None:
    body = {
        **ASK,
        "tools": [{"type": "function", "function": {"name": "secret_tool", "parameters": {}}}],
        "logprobs": True,
    }
    done = exchange(provider, body)
    assert done.status == 200
    assert b"secret" not in done.request
    assert done.open()["choices"][0]["message"]["content"] == "what is secret?"


REASONS = {
    "signer": errors.WRONG_SIGNER,
    "changed": errors.RESPONSE_CHANGED,
    "readable": errors.NOT_ENCRYPTED,
    "other_request": errors.REQUEST_CHANGED,
    "other_model": errors.WRONG_MODEL,
    "unsigned": errors.SIGNATURE_MALFORMED,
}


def test_every_fault_has_a_reason() -> None:
    assert set(REASONS) == set(REPLY_FAULTS)


@pytest.mark.parametrize("fault", sorted(REPLY_FAULTS))
def test_K8_a_bad_reply_is_refused(provider: Provider, fault: str) -> None:
    assert exchange(provider, fault=fault).refusal() == REASONS[fault]


def test_a_reply_to_another_request_is_not_taken_for_ours(provider: Provider) -> None:
    first, second = exchange(provider), exchange(provider)
    first.signature, first.response = second.signature, second.response
    assert first.refusal() == errors.REQUEST_CHANGED
    # ... not even when the operator hands us the bytes that were signed.
    with pytest.raises(VerificationError) as refused:
        first.session.open(second.signature, second.response, second.request)
    assert refused.value.reason == errors.REQUEST_CHANGED


def test_a_request_with_other_parameters_is_not_ours(provider: Provider) -> None:
    done = exchange(provider)
    body = json.loads(done.request) | {"temperature": 2.0}
    request = wire_bytes(body)
    signer = provider.enclave._signer
    signature = sign_reply(signer, MODEL, request, done.response)
    with pytest.raises(VerificationError) as refused:
        done.session.verify(signature, request, done.response)
    assert refused.value.reason == errors.REQUEST_CHANGED


def test_the_same_request_in_other_bytes_verifies_over_those(provider: Provider) -> None:
    done = exchange(provider)
    spaced = json.dumps(json.loads(done.request), indent=1).encode()
    signature = sign_reply(provider.enclave._signer, MODEL, spaced, done.response)
    done.session.verify(signature, spaced, done.response)
    assert done.session.open(signature, done.response, spaced)["choices"]


def test_another_enclaves_signature_is_refused(provider: Provider) -> None:
    done = exchange(provider)
    impostor = LocalSigner.generate()
    done.signature = sign_reply(impostor, MODEL, done.request, done.response)
    assert done.refusal() == errors.WRONG_SIGNER
    done.signature["signing_address"] = provider.enclave.address
    assert done.refusal() == errors.WRONG_SIGNER
    # A true signature under a false name is not passed on as if all were well.
    done.signature = sign_reply(provider.enclave._signer, MODEL, done.request, done.response)
    done.signature["signing_address"] = impostor.address
    assert done.refusal() == errors.WRONG_SIGNER


def test_K6_the_twin_of_a_signature_is_refused(provider: Provider) -> None:
    done = exchange(provider)
    raw = bytes.fromhex(done.signature["signature"][2:])
    s = int.from_bytes(raw[32:64], "big")
    assert s <= HALF
    twin = raw[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - raw[64]])
    done.signature = {**done.signature, "signature": "0x" + twin.hex()}
    assert done.refusal() == errors.SIGNATURE_MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        {"text": "hello"},
        {"text": "a" * 64 + ":" + "b" * 63},
        {"text": 5},
        {"text": "m:" * 600},
        {"signature": "0x"},
        {"signature": "zz"},
        {"signature": None},
        {"signing_algo": "ed25519"},
        {"signing_address": "0x12"},
        {"signing_address": None},
    ],
)
def test_signatures_that_are_none(provider: Provider, change: dict[str, Any]) -> None:
    done = exchange(provider)
    done.signature = {**done.signature, **change}
    assert done.refusal() == errors.SIGNATURE_MALFORMED


@pytest.mark.parametrize("signature", [None, [], "x", {}])
def test_objects_that_are_no_signature(provider: Provider, signature: Any) -> None:
    done = exchange(provider)
    done.signature = signature
    assert done.refusal() == errors.SIGNATURE_MALFORMED


def test_older_signatures_do_not_name_the_model(provider: Provider) -> None:
    from harness.protocol.personal import personal_sign

    done = exchange(provider)
    _, text = done.signature["text"].split(":", 1)
    signature = personal_sign(provider.enclave._signer, text)
    done.signature = {"text": text, "signature": signature}
    assert done.open()["choices"]


def test_the_providers_own_name_of_a_model_counts(provider: Provider) -> None:
    done = exchange(provider)
    enclave = done.session.enclave
    named = Enclave("alias", enclave.signing_address, enclave.public_key, enclave.claims, "org/m:1")
    _, _, session = named.encrypt_messages({**ASK, "model": "alias"})
    signer = provider.enclave._signer
    for model in ("alias", "org/m:1"):
        session.verify(
            sign_reply(signer, model, session.request_bytes, b"{}"), session.request_bytes, b"{}"
        )
    with pytest.raises(VerificationError) as refused:
        session.verify(
            sign_reply(signer, "m", session.request_bytes, b"{}"), session.request_bytes, b"{}"
        )
    assert refused.value.reason == errors.WRONG_MODEL


def test_a_signed_reply_that_is_no_object(provider: Provider) -> None:
    done = exchange(provider)
    for response in (b"", b"[]", b'{"a":1,"a":2}', b"[" * 1000):
        done.response = response
        done.signature = sign_reply(provider.enclave._signer, MODEL, done.request, response)
        assert done.refusal() == errors.RESPONSE_CHANGED


def test_a_stream_is_signed_over_its_events(provider: Provider) -> None:
    async def run() -> tuple[Session, bytes, bytes, Any]:
        async with httpx.AsyncClient() as http:
            enclave = await Attestor(provider.base, provider.policy(), http).enclave(MODEL)
            sent, headers, session = enclave.encrypt_messages(ASK)
            answer = await http.post(
                f"{provider.base}/chat/completions", json={**sent, "stream": True}, headers=headers
            )
            first = json.loads(answer.text.split("\n")[0].removeprefix("data: "))
            signature = (await http.get(f"{provider.base}/signature/{first['id']}")).json()
            return session, answer.request.content, answer.content, signature

    session, request, response, signature = asyncio.run(run())
    assert response.endswith(b"data: [DONE]\n\n")
    assert b"secret" not in response
    signed = sign_reply(LocalSigner.generate(), MODEL, request, response)["text"]
    assert signed == signature["text"]
    with pytest.raises(VerificationError):  # it is not the request that this session made
        session.verify(signature, request, response)


def test_the_enclave_refuses_what_it_cannot_read(provider: Provider) -> None:
    async def post(body: Any, headers: dict[str, str]) -> int:
        async with httpx.AsyncClient() as http:
            url = f"{provider.base}/chat/completions"
            return (await http.post(url, json=body, headers=headers)).status_code

    key = ecies.public_bytes(ecies.generate_key()).hex()
    good = {"x-signing-algo": "ecdsa", "x-client-pub-key": key}
    assert asyncio.run(post(ASK, good)) == 400  # not encrypted
    assert asyncio.run(post(ASK, {"x-signing-algo": "ecdsa"})) == 400
    assert asyncio.run(post(ASK, {**good, "x-client-pub-key": "04"})) == 400
    assert asyncio.run(post(ASK, {**good, "x-model-pub-key": key})) == 400
    assert asyncio.run(post({**ASK, "model": "none"}, good)) == 404
    assert asyncio.run(post(ASK, {})) == 200  # without encryption it is a provider like others


def test_numbers_that_json_has_not_are_refused(provider: Provider) -> None:
    enclave = exchange(provider).session.enclave
    with pytest.raises(EncryptionRefused):
        enclave.encrypt_messages({**ASK, "temperature": float("nan")})
