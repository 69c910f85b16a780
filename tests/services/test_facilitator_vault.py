"""The vault routes over HTTP: reservations, receipts, batches, releases, limits, the client."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from harness.chain.anvil import AnvilChain
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.clients.errors import Refused
from harness.clients.facilitator import FacilitatorClient
from harness.clients.redeeming import (
    AlreadyRedeemed,
    Confirmed,
    Disposition,
    Pending,
    Rejected,
)
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.protocol.addresses import ZERO_ADDRESS
from tests.postgresql import postgresql, postgresql_url

from .conftest import Running, Wire
from .test_pages import PAGES, blocks
from .vault_world import HOUR, USD, Consumer, new_consumer, redeem_body, reserve_body

Start = Callable[..., Running]

__all__ = ["postgresql", "postgresql_url"]


@pytest.fixture
def consumer(chain: AnvilChain, economy: Economy) -> Consumer:
    return new_consumer(chain, economy)


@pytest.fixture
def operator() -> str:
    return LocalSigner.generate().address


@pytest.fixture
def facilitator(start_facilitator: Start, economy: Economy) -> Running:
    return start_facilitator(
        vault=economy.diamond.address, reserves_per_minute=100, releases_per_minute=100
    )


@pytest.fixture
def vault(economy: Economy) -> Vault:
    return economy.diamond.vault


def reserved(facilitator: Running, consumer: Consumer, operator: str, **changes: Any) -> None:
    body = reserve_body(*consumer.reservation(operator, **changes))
    answer = facilitator.post("/vault/reserve?wait=1", body)
    assert answer.status_code == 200 and answer.json()["status"] == "confirmed", answer.text


def redeemed(facilitator: Running, consumer: Consumer, operator: str, owed: int) -> dict[str, Any]:
    answer = facilitator.post("/vault/redeem", redeem_body(consumer.receipt(operator, owed)))
    return dict(answer.json())


def test_what_the_vault_is(facilitator: Running, economy: Economy) -> None:
    assert facilitator.client.get("/vault/info").json() == {
        "vault": economy.diamond.address,
        "chainId": 31337,
        "token": economy.dollar.address,
        "domain": {"name": "Halo", "version": "2"},
        "redeemGrace": HOUR,
        "maxReserveTtl": 30 * 86_400,
        "withdrawTimelock": 2 * 86_400,
        "feeBps": 0,
    }


def test_a_tab_from_reservation_to_payment(
    facilitator: Running, consumer: Consumer, operator: str, economy: Economy, chain: AnvilChain
) -> None:
    state = facilitator.post("/vault/state", {"consumer": consumer.address}).json()
    assert state == {
        "balance": str(50 * USD), "lockedTotal": "0", "withdrawable": str(50 * USD),
        "sessionKey": consumer.session.address, "reserveNonce": "0", "keyEpoch": "0",
        "withdrawRequestedAt": "0", "withdrawAuthorized": "0",
    }  # fmt: skip
    reservation, signature = consumer.reservation(operator)
    answer = facilitator.post("/vault/reserve?wait=1", reserve_body(reservation, signature)).json()
    assert (answer["status"], answer["cycle"]) == ("confirmed", "1")
    assert answer["expiry"] == str(reservation.expiry)
    pair = facilitator.post(
        "/vault/ops", {"consumer": consumer.address, "operator": operator}
    ).json()
    assert (pair["locked"], pair["redeemed"], pair["cycle"]) == (str(10 * USD), "0", "1")
    first = redeemed(facilitator, consumer, operator, 3 * USD)
    assert first["status"] == "confirmed"
    assert (first["cumulative"], first["cycle"]) == (str(3 * USD), "1")
    assert economy.dollar.balance_of(operator) == 3 * USD
    assert redeemed(facilitator, consumer, operator, 3 * USD) == first
    assert redeemed(facilitator, consumer, operator, 2 * USD)["status"] == "confirmed"
    assert chain.nonce(facilitator.signer.address) == 2


def test_the_same_reservation_twice_is_one_transaction(
    facilitator: Running, consumer: Consumer, operator: str, chain: AnvilChain
) -> None:
    body = reserve_body(*consumer.reservation(operator))
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: facilitator.post("/vault/reserve?wait=1", body), range(6))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["hash"] for answer in answers}) == 1
    assert chain.nonce(facilitator.signer.address) == 1


def test_a_nonce_that_was_used_for_another_reservation(
    facilitator: Running, consumer: Consumer, operator: str
) -> None:
    reserved(facilitator, consumer, operator, nonce=0)
    answer = facilitator.post(
        "/vault/reserve", reserve_body(*consumer.reservation(operator, amount=1, nonce=0))
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "nonce_conflict"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 51 * USD}, "InsufficientFree"),
        ({"nonce": 7}, "BadNonce"),
        ({"ttl": 31 * 86_400}, "BadExpiry"),
    ],
)
def test_what_the_vault_would_refuse_costs_no_gas(
    facilitator: Running,
    consumer: Consumer,
    operator: str,
    chain: AnvilChain,
    changes: dict[str, int],
    code: str,
) -> None:
    body = reserve_body(*consumer.reservation(operator, **changes))
    answer = facilitator.post("/vault/reserve", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert chain.nonce(facilitator.signer.address) == 0


def test_k6_a_signature_has_one_form(
    facilitator: Running, consumer: Consumer, operator: str
) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    reservation, signature = consumer.reservation(operator)
    s = order - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    answer = facilitator.post("/vault/reserve", reserve_body(reservation, twin))
    assert answer.status_code == 400
    reserved(facilitator, consumer, operator)
    body = redeem_body(consumer.receipt(operator, USD))
    raw = bytes.fromhex(body["signature"][2:])
    s = order - int.from_bytes(raw[32:64], "big")
    body["signature"] = "0x" + (raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])).hex()
    answer = facilitator.post("/vault/redeem", body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid-request")


@pytest.mark.parametrize("route", ["state", "ops", "reserve", "redeem", "release"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"consumer": 5},
        {"consumer": ZERO_ADDRESS, "operator": ZERO_ADDRESS},
        {"consumer": "0x" + "11" * 20, "operator": "0x" + "22" * 20, "amount": "-1"},
        {
            "consumer": "0x" + "11" * 20, "operator": "0x" + "22" * 20, "cumulative": "1e6",
            "cycle": "1", "signature": "0x" + "11" * 65,
        },
    ],
)  # fmt: skip
def test_bodies_that_are_not_requests(facilitator: Running, route: str, body: Any) -> None:
    answer = facilitator.post(f"/vault/{route}", body)
    if route in ("state", "ops") and answer.status_code == 200:
        pytest.skip("a request after all")
    assert answer.status_code == 400
    if route == "redeem":
        told = answer.json()
        assert (told["status"], told["reason"]) == ("rejected", "invalid-request")


def test_receipts_that_cannot_be_paid(
    facilitator: Running, consumer: Consumer, operator: str, chain: AnvilChain
) -> None:
    reserved(facilitator, consumer, operator)
    forged = redeem_body(consumer.receipt(operator, USD)) | {"cumulative": str(2 * USD)}
    assert facilitator.post("/vault/redeem", forged).json()["reason"] == "invalid-receipt"
    early = facilitator.post("/vault/redeem", redeem_body(consumer.receipt(operator, USD, 2)))
    assert early.json()["reason"] == "unavailable"
    drained = redeemed(facilitator, consumer, operator, 12 * USD)
    assert (drained["status"], drained["cumulative"]) == ("confirmed", str(10 * USD))
    more = redeemed(facilitator, consumer, operator, 13 * USD)
    assert (more["status"], more["reason"]) == ("rejected", "invalid-receipt")
    reserved(facilitator, consumer, operator)
    late = facilitator.post("/vault/redeem", redeem_body(consumer.receipt(operator, 11 * USD, 1)))
    assert late.json()["reason"] == "cycle-mismatch"
    assert chain.nonce(facilitator.signer.address) == 3


def test_somebody_else_redeemed_it(
    facilitator: Running, consumer: Consumer, operator: str, economy: Economy, owner: Outbox
) -> None:
    reserved(facilitator, consumer, operator)
    signed = consumer.receipt(operator, 4 * USD)
    economy.diamond.by(owner).vault.redeem(signed)
    answer = facilitator.post("/vault/redeem", redeem_body(signed)).json()
    assert answer == {"status": "already-redeemed", "redeemed": str(4 * USD), "cycle": "1"}


def test_receipts_of_one_operator_go_together(
    facilitator: Running,
    chain: AnvilChain,
    economy: Economy,
    operator: str,
) -> None:
    """Those that arrive while a payout waits for its block are the next one, in one transaction."""
    consumers = [new_consumer(chain, economy) for _ in range(5)]
    for each in consumers:
        reserved(facilitator, each, operator)
    before = chain.nonce(facilitator.signer.address)
    bodies = [redeem_body(each.receipt(operator, USD)) for each in consumers]
    chain.set_automine(False)
    try:
        with ThreadPoolExecutor(5) as pool:
            first = pool.submit(facilitator.post, "/vault/redeem", bodies[0])
            wait_until(lambda: chain.nonce(facilitator.signer.address, pending=True) > before)
            rest = [pool.submit(facilitator.post, "/vault/redeem", body) for body in bodies[1:]]
            time.sleep(0.5)  # they are kept meanwhile
            chain.set_automine(True)
            chain.mine()
            answers = [future.result().json() for future in (first, *rest)]
    finally:
        chain.set_automine(True)
    assert {answer["status"] for answer in answers} == {"confirmed"}, answers
    assert economy.dollar.balance_of(operator) == 5 * USD
    assert chain.nonce(facilitator.signer.address) - before == 2


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_m12_a_receipt_worth_less_than_its_gas_waits(
    start_facilitator: Start, consumer: Consumer, operator: str, economy: Economy, chain: AnvilChain
) -> None:
    facilitator = start_facilitator(vault=economy.diamond.address, native_usd=Decimal(3000))
    reserved(facilitator, consumer, operator, ttl=20 * HOUR)
    for owed in (1, 2, 3):
        answer = redeemed(facilitator, consumer, operator, owed)
        assert answer == {
            "status": "pending", "transaction": "", "cumulative": str(owed), "cycle": "1",
            "coalesced": True,
        }  # fmt: skip
    assert chain.nonce(facilitator.signer.address) == 1
    paid = redeemed(facilitator, consumer, operator, 9 * USD)
    assert (paid["status"], paid["cumulative"]) == ("confirmed", str(9 * USD))
    assert economy.dollar.balance_of(operator) == 9 * USD


def test_releasing_is_for_what_expired(
    facilitator: Running, consumer: Consumer, operator: str, vault: Vault, chain: AnvilChain
) -> None:
    pair = {"consumer": consumer.address, "operator": operator}
    nothing = facilitator.post("/vault/release", pair)
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (400, "NothingLocked")
    reserved(facilitator, consumer, operator, ttl=60)
    early = facilitator.post("/vault/release", pair)
    assert (early.status_code, early.json()["error"]["code"]) == (400, "NotExpired")
    mark = chain.snapshot()
    try:
        chain.advance(60 + HOUR + 1)
        first = facilitator.post("/vault/release", pair)
        assert first.status_code == 200, first.text
        assert vault.locked_total(consumer.address) == 0
        again = facilitator.post("/vault/release", pair)
        assert again.json() == first.json()
    finally:
        chain.revert(mark)


def test_reservations_are_limited_per_payer(
    start_facilitator: Start, consumer: Consumer, operator: str, economy: Economy
) -> None:
    facilitator = start_facilitator(vault=economy.diamond.address, reserves_per_minute=2)
    for _ in range(2):
        reserved(facilitator, consumer, operator, amount=USD)
    bad = facilitator.post("/vault/reserve", reserve_body(*consumer.reservation(operator, nonce=9)))
    assert bad.status_code == 400
    third = facilitator.post("/vault/reserve", reserve_body(*consumer.reservation(operator)))
    assert (third.status_code, third.json()["error"]["code"]) == (429, "rate_limited")


def test_old_clients_may_redeem_but_not_reserve(
    start_facilitator: Start, consumer: Consumer, operator: str, economy: Economy
) -> None:
    facilitator = start_facilitator(vault=economy.diamond.address, min_client_version=(1, 2, 0))
    body = reserve_body(*consumer.reservation(operator))
    for headers in ({}, {"X-Halo-Client-Version": "1.1.9"}, {"X-Halo-Client-Version": "new"}):
        answer = facilitator.client.post("/vault/reserve", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (426, "client_too_old")
    answer = facilitator.client.post(
        "/vault/reserve?wait=1", json=body, headers={"X-Halo-Client-Version": "1.2.0"}
    )
    assert answer.status_code == 200
    assert redeemed(facilitator, consumer, operator, USD)["status"] == "confirmed"


def test_out_of_gas_money_it_reserves_nothing(
    start_facilitator: Start, consumer: Consumer, operator: str, economy: Economy
) -> None:
    facilitator = start_facilitator(vault=economy.diamond.address, min_float_wei=2 * 10**18)
    answer = facilitator.post("/vault/reserve", reserve_body(*consumer.reservation(operator)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "out_of_gas_money")
    assert facilitator.client.get("/health").status_code == 503


def test_several_keys_share_the_work(
    start_facilitator: Start,
    chain: AnvilChain,
    economy: Economy,
    operator: str,
    tmp_path: Any,
) -> None:
    second = LocalSigner.generate()
    chain.set_balance(second.address, 10**18)
    path = tmp_path / "second.key"
    path.touch(0o600)
    path.write_text("0x" + second._secret.hex())
    facilitator = start_facilitator(
        vault=economy.diamond.address, more_key_files=(path,), reserves_per_minute=100
    )
    consumer = new_consumer(chain, economy)
    for _ in range(10):
        reserved(facilitator, consumer, operator, amount=USD)
    sent = [chain.nonce(address) for address in (facilitator.signer.address, second.address)]
    assert sum(sent) == 10 and min(sent) > 0
    assert set(facilitator.client.get("/health").json()["signers"]) == {
        facilitator.signer.address, second.address,
    }  # fmt: skip


def test_every_change_is_in_the_audit(
    facilitator: Running, consumer: Consumer, operator: str
) -> None:
    reserved(facilitator, consumer, operator)
    redeemed(facilitator, consumer, operator, USD)
    rows = facilitator.client.get("/audit").json()["rows"]
    assert [row["event"] for row in rows] == [
        "reserve.intent", "reserve.sent", "reserve.confirmed",
        "redeem.intent", "redeem.sent", "redeem.confirmed",
    ]  # fmt: skip
    assert [row["previous"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    later = facilitator.client.get("/audit?from=5").json()
    assert (len(later["rows"]), later["next"]) == (2, 7)
    assert facilitator.client.get("/audit?from=x").status_code == 400


def test_the_client_reads_every_answer(
    facilitator: Running, consumer: Consumer, operator: str, economy: Economy
) -> None:
    async def run() -> None:
        client = FacilitatorClient(["http://127.0.0.1:9", facilitator.url])
        info = await client.vault_info()
        assert (info.vault, info.token) == (economy.diamond.address, economy.dollar.address)
        reservation, signature = consumer.reservation(operator)
        sent = await client.reserve(reservation, signature)
        assert (sent.confirmed, sent.cycle, sent.expiry) == (True, 1, reservation.expiry)
        state = await client.vault_state(consumer.address)
        assert (state.locked_total, state.reserve_nonce) == (10 * USD, 1)
        with pytest.raises(Refused) as caught:
            await client.reserve(*consumer.reservation(operator, nonce=9))
        assert (caught.value.status, caught.value.code) == (400, "BadNonce")
        with pytest.raises(Refused) as caught:
            await client.release(consumer.address, operator)
        assert caught.value.code == "NotExpired"
        signed = consumer.receipt(operator, USD)
        paid = await client.redeem(signed)
        assert isinstance(paid, Confirmed)
        assert paid.disposition(signed.receipt) is Disposition.COLLECTED
        assert (await client.vault_ops(consumer.address, operator)).redeemed == USD
        forged = consumer.receipt(operator, 2 * USD, 1)
        wrong = type(forged)(forged.receipt, signed.signature)
        refused = await client.redeem(wrong)
        assert isinstance(refused, Rejected) and refused.reason == "invalid-receipt"
        assert refused.disposition(wrong.receipt) is Disposition.UNCOLLECTABLE
        assert await client.settlement(b"\0" * 32) is None
        await client.close()
        nobody = FacilitatorClient("http://127.0.0.1:9")
        silent = await nobody.redeem(signed)
        assert isinstance(silent, Rejected)
        assert silent.disposition(signed.receipt) is Disposition.RETRY
        await nobody.close()

    asyncio.run(run())
    assert AlreadyRedeemed(5, 1).disposition(consumer.receipt(operator, 6, 1).receipt) is (
        Disposition.RETRY
    )
    assert Pending("", 6, 1, True).disposition(consumer.receipt(operator, 6, 1).receipt) is (
        Disposition.RETRY
    )
    assert FwUsd(economy.diamond.chain, economy.dollar.address).balance_of(operator) == USD


def test_collecting_as_the_page_shows(
    facilitator: Running, consumer: Consumer, operator: str, economy: Economy
) -> None:
    _, _, code = blocks(PAGES / "x402.md", "python")
    namespace: dict[str, Any] = {}
    exec(compile(code, "x402.md", "exec"), namespace)
    reserved(facilitator, consumer, operator)
    receipt = consumer.receipt(operator, USD).receipt
    collect = namespace["collect"](facilitator.url, receipt, consumer.session, 31337)
    assert asyncio.run(collect) == "collected"
    assert economy.dollar.balance_of(operator) == USD


def test_what_was_paid_for_is_listed(facilitator: Running, wire: Wire) -> None:
    """Only after money moved, and only what the server asked to have listed."""
    listing = {"bazaar": {"info": {"input": {"type": "http", "method": "GET"}}, "schema": {}}}
    for number in range(2):
        body = wire.body()
        body["paymentPayload"]["resource"] = {"url": f"https://shop.example/{number}"}
        if number:
            body["paymentPayload"]["extensions"] = listing
        assert facilitator.client.get("/discovery/resources").json()["items"] == []
        assert facilitator.post("/settle", body).json()["success"]
    found = facilitator.client.get("/discovery/resources?type=http&limit=5").json()
    assert found["pagination"] == {"limit": 5, "offset": 0, "total": 1}
    (item,) = found["items"]
    assert (item["resource"], item["x402Version"]) == ("https://shop.example/1", 2)
    assert item["accepts"][0]["payTo"] == wire.payee
    for query in ("limit=0", "limit=101", "limit=x", "offset=-1"):
        assert facilitator.client.get(f"/discovery/resources?{query}").status_code == 400


def test_no_body_makes_it_fail(
    facilitator: Running, consumer: Consumer, operator: str, chain: AnvilChain
) -> None:
    """Valid bodies with one or two things wrong: never a 5xx, never a transaction."""
    rng = random.Random(7)
    reserve = reserve_body(*consumer.reservation(operator))
    redeem = redeem_body(consumer.receipt(operator, USD, 1))
    pair = {"consumer": consumer.address, "operator": operator}
    examples: dict[str, dict[str, Any]] = {
        "state": {"consumer": consumer.address}, "ops": pair, "release": pair,
        "reserve": reserve, "redeem": redeem,
    }  # fmt: skip
    junk: list[Any] = [
        None, True, 0, -1, 2**70, "", "0x", "\x00", [], {}, "9" * 400, "1e3", "01", "0x" + "f" * 130,
        "0x" + "00" * 65, "0x" + "11" * 20, str(2**64),
    ]  # fmt: skip
    for route, example in examples.items():
        for _ in range(40):
            body = dict(example)
            for name in rng.sample(sorted(body), rng.randint(1, min(2, len(body)))):
                body[name] = rng.choice(junk)
            if rng.random() < 0.2:
                body[rng.choice(["extra", "wait"])] = "1"
            answer = facilitator.post(f"/vault/{route}", body)
            assert answer.status_code < 500, (route, body, answer.text)
    assert chain.nonce(facilitator.signer.address) == 0


def test_two_facilitators_on_one_database(
    start_facilitator: Start,
    economy: Economy,
    consumer: Consumer,
    operator: str,
    chain: AnvilChain,
    postgresql_url: str,
) -> None:
    """The same key at both: whatever both are asked for is done once."""
    first = start_facilitator(vault=economy.diamond.address, db_url=postgresql_url)
    second = start_facilitator(
        vault=economy.diamond.address, db_url=postgresql_url, key=first.settings.key
    )
    with ThreadPoolExecutor(8) as pool:

        def ask(number: int, path: str, body: Any) -> Any:
            return (first, second)[number % 2].post(path, body).json()

        body = reserve_body(*consumer.reservation(operator))
        answers = [pool.submit(ask, n, "/vault/reserve?wait=1", body) for n in range(4)]
        assert len({answer.result()["hash"] for answer in answers}) == 1
        receipt = redeem_body(consumer.receipt(operator, USD))
        paid = [pool.submit(ask, n, "/vault/redeem", receipt) for n in range(4)]
        statuses = {answer.result()["status"] for answer in paid}
    assert statuses <= {"confirmed", "already-redeemed", "pending"}
    wait_until(lambda: redeemed(first, consumer, operator, USD)["status"] != "pending")
    assert economy.dollar.balance_of(operator) == USD
    assert chain.nonce(first.signer.address) == 2
    events = [row["event"] for row in second.client.get("/audit").json()["rows"]]
    assert events.count("reserve.confirmed") >= 1 and events.count("redeem.intent") == 1
