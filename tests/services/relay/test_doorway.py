"""Operators at the door: who may come in, who takes whose seat, and who is put out (H7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from harness.chain.keys import LocalSigner
from harness.protocol.frames import (
    Announced,
    InferenceAccepted,
    announce_message,
    decode,
    pubkey_message,
)
from harness.protocol.personal import personal_sign

from .conftest import Running
from .operators import Operator
from .test_requests import ask

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


async def refused(operator: Operator, **announcement: Any) -> tuple[int, str]:
    """How an announcement ends: close code and reason."""
    await operator.open()
    await operator.announce(**announcement)
    operator.start()
    closed = await operator.is_closed()
    assert not any(isinstance(f, Announced) for f in operator.frames)
    assert any(f.type == "error" and f.code == closed[1] for f in operator.frames)
    return closed


def test_H7_a_replayed_announcement_is_refused_on_another_connection(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            heard = operator.announcement()
            thief = Operator(relay.url, signer=operator.signer)
            assert await refused(thief, peer_id=heard.peer_id, signature=heard.signature) == (
                4001, "bad_signature",
            )  # fmt: skip
            thief = Operator(relay.url)
            # the old signature under the new connection's own name
            assert await refused(thief, address=heard.address, signature=heard.signature) == (
                4001, "bad_signature",
            )  # fmt: skip
            assert (await ask(relay, x_halo_operator=operator.address)).status_code == 200

    asyncio.run(run())


def test_H7_a_signature_of_somebody_else_is_refused(relay: Running) -> None:
    async def run() -> None:
        victim = LocalSigner.generate()
        assert await refused(Operator(relay.url), address=victim.address) == (4001, "bad_signature")
        assert await refused(Operator(relay.url), signature="0x" + "00" * 65) == (
            4001, "bad_signature",
        )  # fmt: skip
        assert await refused(Operator(relay.url), signature="") == (4001, "bad_signature")
        high = Operator(relay.url)
        await high.open()
        raw = bytes.fromhex(high.announcement().signature[2:])
        s = _ORDER - int.from_bytes(raw[32:64], "big")
        twin = raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])
        await high.announce(signature="0x" + twin.hex())
        high.start()
        assert (await high.is_closed())[0] == 4001

    asyncio.run(run())


def test_K7_an_encryption_key_that_its_owner_did_not_sign_is_refused(relay: Running) -> None:
    async def run() -> None:
        key, signer = "ab" * 32, LocalSigner.generate()
        stranger = personal_sign(signer, pubkey_message(signer.address, key))
        assert await refused(
            Operator(relay.url), encryption_pubkey=key, pubkey_attestation=stranger
        ) == (4001, "bad_signature")
        good = {"encryption_pubkey": key, "pubkey_attestation": stranger}
        async with Operator(relay.url, signer=signer, **good):
            async with relay.client() as client:
                (told,) = (await client.get("/v1/operators")).json()["operators"]
            assert told["encryptionPubkey"] == key and told["pubkeyAttestation"] == stranger

    asyncio.run(run())


def test_H7_a_flood_of_announcements_ends_the_connection_that_sends_it(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as honest, Operator(relay.url) as flood:
            with pytest.raises(ConnectionClosed):
                for _ in range(200):
                    await flood.announce()
                    await asyncio.sleep(0)
                await flood.is_closed()
                await flood.announce()
            assert (await flood.is_closed())[0] == 4029
            assert sum(isinstance(f, Announced) for f in flood.frames) <= 20
            assert (await ask(relay)).headers["x-halo-operator"] == honest.address

    asyncio.run(run())


def test_H7_so_many_connections_a_minute(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(connects_per_minute=3)

    async def run() -> None:
        async with Operator(relay.url) as honest:
            for _ in range(2):
                await Operator(relay.url).open()
            socket = await connect(honest.url + "/v1/operator")
            refusal = decode(await socket.recv())
            assert refusal.type == "error" and refusal.code == "rate_limited"
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4029
            assert (await ask(relay)).status_code == 200

    asyncio.run(run())


def test_one_socket_for_an_address_and_the_newest_has_it(relay: Running) -> None:
    async def run() -> None:
        async with (
            Operator(relay.url) as first,
            Operator(relay.url, signer=first.signer) as second,
        ):
            assert await first.is_closed() == (4009, "superseded")
            told = next(f for f in second.frames if isinstance(f, Announced))
            assert told.superseded
            await ask(relay, x_halo_operator=first.address)
            assert len(second.requests) == 1 and not first.requests

    asyncio.run(run())


def test_announcing_again_changes_what_is_sold_but_not_by_whom(relay: Running) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator:
            await operator.announce(models=["other"])
            await operator.sees(lambda f: f.type == "announced" and f is not operator.frames[0])
            while (await ask(relay)).status_code != 404:
                await asyncio.sleep(0.01)
            stranger = LocalSigner.generate()
            message = announce_message(stranger.address, operator.peer_id)
            await operator.announce(
                address=stranger.address, signature=personal_sign(stranger, message)
            )
            assert (await operator.is_closed())[0] == 4001

    asyncio.run(run())


def test_the_first_frame_announces(relay: Running) -> None:
    async def run() -> None:
        operator = Operator(relay.url)
        await operator.open()
        await operator.say(InferenceAccepted(request_id="r"))
        operator.start()
        assert await operator.is_closed() == (4000, "announce_expected")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 1002), ('{"type":"dance"}', 1002), ("[]", 1002), (b"\x00\x01", 1002),
        ('{"type":"inference-chunk","requestId":"r","seq":-1,"data":""}', 1002),
        ('{"type":"connected","peerId":"x"}', 1002),
        ('{"type":"ping","type":"pong"}', 1002),
        ('{"type":"ping","x":' + "[" * 50_000, 1002),
        ('{"type":"warning","message":"' + "x" * 1024 * 1024 + '"}', 1009),
    ],
)  # fmt: skip
def test_H7_what_is_no_frame_of_an_operator_ends_its_connection(
    relay: Running, frame: str | bytes, code: int
) -> None:
    async def run() -> None:
        async with Operator(relay.url) as operator, Operator(relay.url) as other:
            await operator.socket.send(frame)
            assert (await operator.is_closed())[0] == code
            assert (await ask(relay)).headers["x-halo-operator"] == other.address

    asyncio.run(run())


def test_pings_are_answered_and_silence_ends_a_connection(
    start_relay: Callable[..., Running],
) -> None:
    relay = start_relay(operator_idle_s=0.8)

    async def run() -> None:
        from harness.protocol.frames import Ping

        async with Operator(relay.url) as lively, Operator(relay.url) as silent:
            while silent.closed is None:
                await lively.say(Ping())
                await asyncio.sleep(0.1)
            assert silent.closed[0] == 1001
            assert lively.closed is None
            await lively.sees(lambda f: f.type == "pong")

    asyncio.run(run())


def test_only_operators_that_are_allowed(start_relay: Callable[..., Running]) -> None:
    friend, foe = LocalSigner.generate(), LocalSigner.generate()
    closed = start_relay(allow_operators=(friend.address,))
    open_to_most = start_relay(deny_operators=(foe.address,))

    async def run() -> None:
        async with Operator(closed.url, signer=friend), Operator(open_to_most.url, signer=friend):
            for url in (closed.url, open_to_most.url):
                assert await refused(Operator(url, signer=foe)) == (4000, "operator_not_allowed")

    asyncio.run(run())


def test_a_full_relay_sends_operators_elsewhere(start_relay: Callable[..., Running]) -> None:
    relay = start_relay(max_operators=1)

    async def run() -> None:
        async with Operator(relay.url):
            socket = await connect(relay.url.replace("http", "ws", 1) + "/")
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()
            assert socket.close_code == 4013

    asyncio.run(run())


def test_pages_in_browsers_are_no_operators(relay: Running) -> None:
    async def run() -> None:
        url = relay.url.replace("http", "ws", 1)
        port = int(url.rpartition(":")[2])
        with pytest.raises(InvalidStatus) as refusal:
            await connect(url + "/v1/operator", origin=Origin("https://evil.example"))
        assert refusal.value.response.status_code == 403
        with pytest.raises(InvalidStatus) as refusal:  # a name that was rebound to us
            await connect(f"ws://evil.example:{port}/v1/operator", host="127.0.0.1", port=port)
        assert refusal.value.response.status_code == 403

    asyncio.run(run())


def test_an_operator_speaks_for_its_own_requests_only(relay: Running) -> None:
    """H11: a request's name, once learnt, lets nobody else answer it."""
    held = asyncio.Event()

    async def hold(operator: Operator, frame: Any) -> None:
        await operator.say(InferenceAccepted(request_id=frame.request_id))
        await held.wait()
        await operator.answer(frame, body={"from": "owner"})

    async def run() -> None:
        async with Operator(relay.url, hold) as owner, Operator(relay.url) as thief:
            asked = asyncio.create_task(ask(relay, x_halo_operator=owner.address))
            await owner.sees(lambda f: f.type == "inference-request")
            await thief.answer(owner.requests[0], body={"from": "thief"})
            assert (await ask(relay, x_halo_operator=thief.address)).status_code == 200
            held.set()
            assert (await asked).json() == {"from": "owner"}

    asyncio.run(run())


def test_uncompressed_even_where_compression_is_offered(relay: Running) -> None:
    async def run() -> None:
        async with connect(
            relay.url.replace("http", "ws", 1) + "/", compression="deflate"
        ) as socket:
            assert not socket.protocol.extensions
            assert decode(await socket.recv()).type == "connected"

    asyncio.run(run())
