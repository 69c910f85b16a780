"""The indexer's endpoints: every refusal, limits, origins, documents, and a fuzzer that finds no 5xx."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from harness.chain.keys import LocalSigner
from harness.cli.exits import run
from harness.cli.facetworks.indexer import indexer
from harness.clients.errors import Refused
from harness.clients.indexer import IndexerClient
from harness.http.cors import allowed_origin
from harness.protocol.league import (
    EventError,
    VaultEvent,
    event_from_wire,
    heartbeat_message,
)
from harness.protocol.personal import personal_sign
from harness.services.indexer import event_routes
from harness.services.indexer.app import wrap
from harness.services.indexer.routes import build_routes

from ..conftest import ThreadedServer
from .conftest import USD, League, StartLeague, World


def event_wire(world: World, **changes: Any) -> dict[str, Any]:
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    return {**world.served(operator, consumer, 25, 100).to_wire(), **changes}


def test_the_message_of_an_event_is_the_peers() -> None:
    event = VaultEvent(
        "evt_01J_TEST", "0x" + "11" * 20, "0x" + "22" * 20, "openai/test", 17, 25, 42,
        "2027-01-15T08:00:00.000Z", 7, 100,
    )  # fmt: skip
    assert event.message() == (
        'halo-vault-event-v2:[2,"evt_01J_TEST","0x1111111111111111111111111111111111111111",'
        '"0x2222222222222222222222222222222222222222","openai/test",17,"25",42,'
        '"2027-01-15T08:00:00.000Z",null,"vault",7,"100"]'
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unexpected": True}, "invalid_event_schema"),
        ({"eventVersion": 3}, "invalid_event_version"),
        ({"eventVersion": True}, "invalid_event_version"),
        ({"id": "bad id"}, "invalid_event_id"),
        ({"id": "x" * 129}, "invalid_event_id"),
        ({"operator": "0x12"}, "invalid_operator"),
        ({"consumer": 5}, "invalid_consumer"),
        ({"model": "bad\nmodel"}, "invalid_model"),
        ({"model": "é" * 129}, "invalid_model"),
        ({"tokens": -1}, "invalid_tokens"),
        ({"tokens": 10_000_001}, "invalid_tokens"),
        ({"tokens": 1.0}, "invalid_tokens"),
        ({"amountUsdc": "0"}, "invalid_amount"),
        ({"amountUsdc": "01"}, "invalid_amount"),
        ({"amountUsdc": 25}, "invalid_amount"),
        ({"amountUsdc": str(10**12 + 1)}, "invalid_amount"),
        ({"durationMs": 86_400_001}, "invalid_duration"),
        ({"timestamp": "2027-01-15T08:00:00Z"}, "invalid_timestamp"),
        ({"timestamp": "2027-02-30T08:00:00.000Z"}, "invalid_timestamp"),
        ({"timestamp": "+275760-09-13T00:00:00.001Z"}, "invalid_timestamp"),
        ({"txHash": "0x" + "00" * 32}, "invalid_tx_hash"),
        ({"mode": "budget"}, "invalid_mode"),
        ({"vaultCycle": 0}, "invalid_vault_cycle"),
        ({"vaultCycle": "1"}, "invalid_vault_cycle"),
        ({"cumulativeCheckpoint": "24"}, "invalid_checkpoint"),
        ({"cumulativeCheckpoint": "01"}, "invalid_checkpoint"),
        ({"signature": "0xshort"}, "invalid_signature"),
        ({"tokens": 101}, "invalid_signature"),  # each member is signed
        ({"model": None}, "invalid_signature"),
        ({"cumulativeCheckpoint": "101"}, "invalid_signature"),
    ],
)
def test_events_that_are_refused(
    league: League, world: World, changes: dict[str, Any], code: str
) -> None:
    answer = league.client().post("/v1/events", json=event_wire(world, **changes))
    assert answer.status_code == 400
    assert (answer.json()["errorCode"], answer.json()["error"]["code"]) == (code, code)
    assert league.office.league.count() == 0


def test_an_event_twice_and_another_of_its_name(league: League, world: World) -> None:
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    event = world.served(operator, consumer, 25, 100)
    assert league.tell(event).json()["status"] == "accepted"
    again = league.tell(event)
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    other = league.tell(world.served(operator, consumer, 26, 100, id=event.id))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "event_conflict")


def test_several_events_in_one_request(league: League, world: World) -> None:
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    first, second = (world.served(operator, consumer, 25, 100 * n) for n in (1, 2))
    league.tell(first)
    other = world.served(operator, consumer, 26, 100, id=first.id)
    forged = {**world.served(operator, consumer, 25, 100).to_wire(), "tokens": 7}
    wires = [first.to_wire(), second.to_wire(), other.to_wire(), forged, 7, {"id": [1]}]
    answer = league.client().post("/v1/events/batch", json={"events": wires})
    assert answer.status_code == 200
    told = [(r["id"], r["status"], r.get("errorCode")) for r in answer.json()["results"]]
    assert told == [
        (first.id, "duplicate", None),
        (second.id, "accepted", None),
        (first.id, "refused", "event_conflict"),
        (forged["id"], "refused", "invalid_signature"),
        (None, "refused", "invalid_event_schema"),
        (None, "refused", "invalid_mode"),
    ]
    assert league.office.league.count() == 2
    for bad in ({}, {"events": []}, {"events": {}}, {"events": [1] * 101}):
        assert league.client().post("/v1/events/batch", json=bad).status_code == 400


def test_an_operator_is_limited_in_events_however_they_travel(
    league: League, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "EVENTS_PER_MINUTE", 3)
    http = league.client()
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    wires = [world.served(operator, consumer, 1, n).to_wire() for n in range(1, 5)]
    answer = http.post("/v1/events/batch", json={"events": wires})
    assert [(r["status"], r.get("errorCode")) for r in answer.json()["results"]] == [
        *[("accepted", None)] * 3,
        ("refused", "rate_limited"),
    ]
    assert http.post("/v1/events", json=wires[3]).status_code == 429


def test_a_caller_with_many_keys_is_limited_too(
    league: League, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are kept for good, and a key costs nothing."""
    monkeypatch.setattr(event_routes, "EVENTS_PER_MINUTE", 3)
    http = league.client()
    wires = [event_wire(world) for _ in range(5)]
    results = http.post("/v1/events/batch", json={"events": wires}).json()["results"]
    assert [r["status"] for r in results] == ["accepted"] * 3 + ["refused"] * 2
    assert league.office.league.count() == 3


def test_an_indexer_that_takes_one_event_a_request(league: League, world: World) -> None:
    """What others run may know the route of one event alone."""
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    app = wrap(league.office)
    asked: list[str] = []

    async def older(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        if scope["path"] == "/v1/events/batch":
            scope = {**scope, "path": "/unknown"}
        await app(scope, receive, send)

    async def main() -> None:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(older))
        client = IndexerClient("http://indexer", http)
        for turn in range(2):
            events = [world.served(operator, consumer, 1, turn * 2 + n) for n in (1, 2)]
            assert await client.post_events(events) == [None, None]
        other = world.served(operator, consumer, 2, 5, id=events[0].id)
        conflict, taken = await client.post_events([other, events[1]])
        assert isinstance(conflict, Refused) and conflict.status == 409 and taken is None

    asyncio.run(main())
    assert asked == ["/v1/events/batch"] + ["/v1/events"] * 6, "it is not asked each time"


def test_k6_high_s_events_are_refused(league: League, world: World) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    wire = event_wire(world)
    raw = bytes.fromhex(wire["signature"][2:])
    s = order - int.from_bytes(raw[32:64], "big")
    wire["signature"] = "0x" + (raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])).hex()
    answer = league.client().post("/v1/events", json=wire)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_signature")


# -- heartbeats ------------------------------------------------------------------------------------


def beat(operator: LocalSigner, ts: int | None = None, **changes: Any) -> dict[str, Any]:
    moment = int(time.time() * 1_000) if ts is None else ts
    nonce = changes.pop("nonce", f"nonce-{moment}-{random.random()}".replace(".", "-"))
    text = heartbeat_message(operator.address, moment, nonce)
    return {
        "address": operator.address, "ts": moment, "nonce": nonce,
        "signature": personal_sign(operator, text), **changes,
    }  # fmt: skip


def test_heartbeats_add_up_to_uptime(league: League) -> None:
    operator, now = LocalSigner.generate(), int(time.time() * 1_000)
    clock = [now]
    league.office.wall = lambda: clock[0] / 1_000
    league.office.follower.head = type(league.office.follower.head)(1, now // 1_000, 1)  # type: ignore[misc]
    http = league.client()
    for seconds in (0, 30, 60, 151, 181):  # more than 90 s between the third and the fourth
        clock[0] = now + seconds * 1_000
        body = beat(operator, clock[0], models=["mock-echo"], label="my operator")
        assert http.post("/heartbeat", json=body).status_code == 204
    found = http.get(f"/operators/{operator.address}").json()
    assert (found["uptimeSeconds"], found["online"]) == (90, True)
    assert (found["label"], found["models"]) == ("my operator", ["mock-echo"])
    clock[0] += 91_000
    assert http.get(f"/operators/{operator.address}").json()["online"] is False


def test_heartbeats_that_are_refused(league: League) -> None:
    operator, other = LocalSigner.generate(), LocalSigner.generate()
    http, now = league.client(), int(time.time() * 1_000)
    league.office.wall = lambda: now / 1_000
    body = beat(operator, now)
    assert http.post("/heartbeat", json=body).status_code == 204
    assert http.post("/heartbeat", json=body).status_code == 409
    assert http.post("/heartbeat", json=beat(operator, now - 121_000)).status_code == 400
    assert http.post("/heartbeat", json=beat(operator, now + 121_000)).status_code == 400
    for edge in (now - 120_000, now + 120_000):
        assert http.post("/heartbeat", json=beat(operator, edge)).status_code == 204
    forged = {**beat(operator, now), "address": other.address}
    assert http.post("/heartbeat", json=forged).status_code == 401
    for changes in ({"nonce": "a"}, {"label": "x" * 65}, {"models": "mock"}, {"models": [1]}):
        assert http.post("/heartbeat", json={**beat(operator, now), **changes}).status_code == 400


# -- reading ---------------------------------------------------------------------------------------


def test_the_leaderboard(league: League, world: World) -> None:
    consumer = world.person(10 * USD)
    first, second = world.person(), world.person()
    for operator, amount in ((first, 2 * USD), (second, USD)):
        league.tell(world.exact(operator, consumer, amount, world.pay(consumer, operator, amount)))
    league.client().post("/heartbeat", json=beat(second, label="two"))
    league.catch_up()
    board = league.client().get("/leaderboard?side=serve&limit=5").json()
    assert [(row["rank"], row["address"], row["label"]) for row in board["rows"]] == [
        (1, first.address.lower(), None), (2, second.address.lower(), "two"),
    ]  # fmt: skip
    assert board["rows"][0]["points"] == 201
    spenders = league.client().get("/leaderboard?side=consume").json()["rows"]
    assert [row["usdcBase"] for row in spenders] == [str(3 * USD)]
    assert league.client().get("/leaderboard?season=1999-Q1").json()["rows"] == []
    for query in ("side=both", "limit=0", "limit=x", "limit=201", "season=2026", "limit=٣"):
        assert league.client().get(f"/leaderboard?{query}").status_code == 400


def test_unknown_addresses(league: League) -> None:
    nobody = LocalSigner.generate().address
    assert league.client().get(f"/points/{nobody}").json()["serveTier"] == "bronze"
    assert league.client().get(f"/operators/{nobody}").status_code == 404
    for path in ("/points/0x12", "/operators/me", "/link/0x12"):
        assert league.client().get(path).status_code in (400, 404)


# -- limits and documents --------------------------------------------------------------------------


def test_h6_bodies_are_bounded(league: League) -> None:
    http = league.client()
    json_type = {"content-type": "application/json"}
    huge = b'{"a": "' + b"x" * 70_000 + b'"}'
    assert http.post("/v1/events", content=huge, headers=json_type).status_code == 413
    deep = b"[" * 100_000 + b"]" * 100_000
    assert http.post("/v1/events", content=deep, headers=json_type).status_code in (400, 413)
    nested = b'{"a":' * 100 + b"1" + b"}" * 100
    assert http.post("/v1/events", content=nested, headers=json_type).status_code == 400
    doubled = b'{"id": "a", "id": "b"}'
    assert http.post("/v1/events", content=doubled, headers=json_type).status_code == 400
    assert http.post("/v1/events", content=b"id=1").status_code == 400


def test_too_many_requests_from_one_place(league: League) -> None:
    league.office._callers._size = 3.0
    http = league.client("10.7.7.7")
    nobody = LocalSigner.generate().address
    statuses = [http.get(f"/points/{nobody}").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://example.org", True),
        ("https://app.example.org", True),
        ("https://example.org:8443", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1:5173", True),
        ("http://example.org", False),
        ("https://evil-example.org", False),
        ("https://example.org.evil.net", False),
        ("http://localhost.evil.net", False),
        ("http://127.0.0.1.evil.net", False),
        ("https://user@example.org", False),
        ("https://example.org/path", False),
        ("null", False),
        ("http://[::1", False),
        ("https://localhost", False),
    ],
)
def test_which_pages_may_read(league: League, origin: str, allowed: bool) -> None:
    assert allowed_origin(origin, ("example.org",)) is allowed
    from starlette.testclient import TestClient

    http = TestClient(wrap(league.office, ("example.org",)))
    answer = http.get("/health", headers={"Origin": origin})
    assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
    preflight = http.options(
        "/v1/events", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == (204 if allowed else 403)


def test_the_host_is_checked_on_loopback(league: League) -> None:
    from starlette.testclient import TestClient

    http = TestClient(wrap(league.office, hosts=("127.0.0.1", "localhost")))
    assert http.get("/health", headers={"Host": "evil.net"}).status_code == 421
    assert http.get("/health", headers={"Host": "localhost:8789"}).status_code == 200


def test_documents(league: League) -> None:
    http = league.client()
    document = http.get("/openapi.json").json()
    served = {
        (route.path, method.lower())
        for route in build_routes(league.office)
        for method in route.methods or ()
        if method != "HEAD"
    }
    described = {(path, m) for path, methods in document["paths"].items() for m in methods}
    assert described == served
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        assert f"#/components/schemas/{name}" in text, name
    families = {f.name for f in text_string_to_metric_families(http.get("/metrics").text)}
    assert {"facetworks_indexer_events", "facetworks_indexer_followed_block"} <= families
    health = http.get("/health").json()
    assert (health["status"], health["events"]) == ("ok", 0)


def test_no_body_makes_it_fail(league: League, world: World) -> None:
    """Valid bodies with one thing wrong each, and rubbish: never a 5xx, never an exception."""
    rng = random.Random(20)
    junk: list[Any] = [
        None, True, 0, -1, 1e308, 2**70, "", "\x00", "𝒳" * 50, "0x", "0x" + "g" * 40, [], [[]],
        {}, {"a": 1}, "9" * 400, "\ud800", "0x" + "f" * 130, "0x" + "00" * 65,
    ]  # fmt: skip
    operator = LocalSigner.generate()
    bodies = {
        "/v1/events": [event_wire(world), world.exact(
            operator, LocalSigner.generate(), 5, "0x" + "ab" * 32).to_wire()],
        "/v1/events/batch": [{"events": [event_wire(world)], "more": [event_wire(world)] * 2}],
        "/heartbeat": [beat(operator, label="me", models=["a"])],
        "/link/init": [{"code": "1", "operatorAddress": "", "operatorSig": "", "nonce": "",
                        "expiresAt": 1}],
        "/link/claim": [{"code": "1", "dashboardAddress": "", "dashboardSig": ""}],
        "/link/unlink": [{"operatorAddress": "", "dashboardAddress": "", "expiresAt": 1,
                          "signature": ""}],
    }  # fmt: skip
    http = league.client()
    league.office._callers._size = 1e9
    for path, examples in bodies.items():
        for _ in range(120):
            body = dict(rng.choice(examples))
            for name in rng.sample(sorted(body), rng.randint(1, min(3, len(body)))):
                if rng.random() < 0.2:
                    del body[name]
                else:
                    body[name] = rng.choice(junk)
            text = json.dumps(body).encode("utf-8", "surrogatepass")
            answer = http.post(path, content=text, headers={"content-type": "application/json"})
            assert answer.status_code < 500, (path, body, answer.text)
    for path in ("points", "operators", "link", "leaderboard"):
        for _ in range(30):
            part = "".join(rng.choice("0x1fG/%?&=.-_é\\") for _ in range(rng.randint(0, 50)))
            assert http.get(f"/{path}/{part}").status_code < 500


def test_the_client_and_a_real_server(start_league: StartLeague, world: World) -> None:
    league = start_league()
    operator, consumer, dashboard = world.person(), world.person(USD), world.person()
    event = world.exact(operator, consumer, 100_000, world.pay(consumer, operator, 100_000))
    world.chain.mine()

    async def run(url: str) -> None:
        client = IndexerClient(url)
        await client.heartbeat(operator, ["mock-echo"], "me")
        assert await client.post_events([event]) == [None]
        assert await client.post_events([event]) == [None]
        for _ in range(100):
            if (await client.points(operator.address)).requests_served:
                break
            await asyncio.sleep(0.1)
        found = await client.points(operator.address)
        assert (found.serve_points, found.usdc_earned_base) == ("11.0", 100_000)
        assert found.to_wire()["servePoints"] == 11
        pairing = await client.link_init(operator)
        assert await client.link_claim(dashboard, pairing.code) == operator.address
        assert await client.linked(dashboard) == [operator.address]
        with pytest.raises(Refused) as caught:
            await client.link_claim(dashboard, pairing.code)
        assert (caught.value.status, caught.value.code) == (404, "code_not_found")
        await client.unlink(dashboard, operator.address, dashboard.address)
        assert await client.linked(dashboard) == []
        await client.close()

    with ThreadedServer(wrap(league.office)) as url:
        asyncio.run(run(url))


def test_events_read_as_they_are_written(world: World) -> None:
    operator, consumer = LocalSigner.generate(), LocalSigner.generate()
    for event in (
        world.served(operator, consumer, 25, 100),
        world.exact(operator, consumer, 25, "0x" + "ab" * 32),
    ):
        assert event_from_wire(event.to_wire()) == event
    with pytest.raises(EventError):
        event_from_wire({})


def test_the_command(tmp_path: Path) -> None:
    """`facetworks indexer`: its settings, and what it says about wrong ones."""
    address = "0x" + "11" * 20
    flags = ["--rpc", "http://127.0.0.1:9", "--diamond", address, "--usdc", address]
    shown = CliRunner().invoke(indexer, [*flags, "--start-block", "1200", "--print-config"])
    assert shown.exit_code == 0 and "start_block = 1200    (flag)" in shown.output
    assert "127.0.0.1:9" not in shown.output  # a node's URL may hold a key
    wrong = CliRunner().invoke(indexer, [*flags, "--usdc", "me", "--print-config"])
    assert wrong.exit_code == 2 and "--usdc" in wrong.output
    assert run(indexer, [*flags, "--state", str(tmp_path)]) == 4  # nobody answers there
