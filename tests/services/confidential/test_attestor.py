"""Asking once for many, remembering for ten minutes, asking again after."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from harness.confidential.attestor import Attestor
from harness.confidential.errors import AttestationError
from tests.services.confidential.conftest import MODEL, Provider


def test_tasks_that_ask_together_share_one_report(provider: Provider) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as http:
            attestor = Attestor(provider.base, provider.policy(), http)
            found = await asyncio.gather(*(attestor.enclave(MODEL) for _ in range(20)))
            assert len({id(enclave) for enclave in found}) == 1
            assert provider.enclave.attested == 1
            await attestor.enclave("other")  # each model has evidence of its own
            assert provider.enclave.attested == 2

    asyncio.run(run())


def test_a_task_that_leaves_does_not_end_the_others(provider: Provider) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as http:
            attestor = Attestor(provider.base, provider.policy(), http)
            first = asyncio.create_task(attestor.enclave(MODEL))
            second = asyncio.create_task(attestor.enclave(MODEL))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).signing_address == provider.enclave.address
            assert provider.enclave.attested == 1

    asyncio.run(run())


def test_K8_after_ten_minutes_the_evidence_is_asked_for_again(provider: Provider) -> None:
    now = [time.time()]

    async def run() -> None:
        async with httpx.AsyncClient() as http:
            policy = provider.policy(clock_skew_s=3600)
            attestor = Attestor(provider.base, policy, http, clock=lambda: now[0])
            await attestor.enclave(MODEL)
            now[0] += 599
            await attestor.enclave(MODEL)
            assert provider.enclave.attested == 1
            now[0] += 2
            await attestor.enclave(MODEL)
            assert provider.enclave.attested == 2
            now[0] -= 1200  # a clock set back makes no answer younger
            await attestor.enclave(MODEL)
            assert provider.enclave.attested == 3
            # ... and what went bad meanwhile is not carried by the old answer.
            provider.enclave.fault = "revoked"
            now[0] += 601
            with pytest.raises(AttestationError):
                await attestor.enclave(MODEL)

    asyncio.run(run())


def test_failures_are_not_remembered(provider: Provider) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as http:
            attestor = Attestor(provider.base, provider.policy(), http)
            provider.enclave.fault = "debug"
            with pytest.raises(AttestationError):
                await attestor.enclave(MODEL)
            provider.enclave.fault = None
            assert (await attestor.enclave(MODEL)).claims.status == "UpToDate"

    asyncio.run(run())


def test_a_forgotten_enclave_is_asked_for_again(provider: Provider) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as http:
            attestor = Attestor(provider.base, provider.policy(), http)
            await attestor.enclave(MODEL)
            attestor.forget(MODEL)
            await attestor.enclave(MODEL)
            assert provider.enclave.attested == 2

    asyncio.run(run())


def test_every_question_has_a_nonce_of_its_own(provider: Provider) -> None:
    nonces = []

    def answer(request: httpx.Request) -> httpx.Response:
        nonces.append(request.url.params["nonce"])
        assert request.url.params["signing_algo"] == "ecdsa"
        return httpx.Response(503)

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            attestor = Attestor(provider.base, provider.policy(), http)
            for _ in range(3):
                with pytest.raises(AttestationError):
                    await attestor.enclave(MODEL)

    asyncio.run(run())
    assert len(set(nonces)) == 3
    assert all(len(bytes.fromhex(n)) == 32 for n in nonces)
