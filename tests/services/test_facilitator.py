"""The facilitator over HTTP: verdicts, settling, replays, concurrency, limits, documents."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.chain.anvil import AnvilChain
from harness.chain.journal import Entry
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from harness.protocol.addresses import ZERO_ADDRESS
from harness.protocol.authorization import TRANSFER, SignedAuthorization
from harness.services.facilitator.office import Office
from harness.services.facilitator.routes import build_routes

from .conftest import PRICE, START, Running, Wire

DIGITS = "0x" + "ab" * 32


def sent_by(chain: AnvilChain, facilitator: Running) -> int:
    """Transactions that a facilitator ever had mined."""
    return chain.nonce(facilitator.signer.address)


def test_a_payment_is_verified_then_settled(
    facilitator: Running, wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    signed = wire.authorise()
    body = wire.body(signed)
    verdict = facilitator.post("/verify", body)
    assert (verdict.status_code, verdict.json()) == (
        200, {"isValid": True, "payer": wire.payer.address},
    )  # fmt: skip
    assert dollar.balance_of(wire.payee) == 0
    answer = facilitator.post("/settle", body).json()
    assert answer["success"] and answer["payer"] == wire.payer.address
    assert (answer["network"], answer["amount"]) == ("eip155:31337", str(PRICE))
    assert dollar.balance_of(wire.payee) == PRICE
    assert dollar.balance_of(wire.payer.address) == START - PRICE
    receipt = chain.receipt(bytes.fromhex(answer["transaction"][2:]))
    assert receipt is not None and receipt.sender == facilitator.signer.address
    digest = signed.authorization.digest(TRANSFER, dollar.domain.separator)
    view = facilitator.client.get(f"/settlements/0x{digest.hex()}").json()
    assert view == {
        "state": "settled",
        "transaction": answer["transaction"],
        "blockNumber": receipt.block_number,
        "errorReason": None,
    }


def test_the_same_payment_again_is_the_first_receipt(
    facilitator: Running, wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    body = wire.body()
    first = facilitator.post("/settle", body).json()
    again = facilitator.post("/settle", body).json()
    assert again == {**first, "extra": {"replayed": True}}
    assert dollar.balance_of(wire.payee) == PRICE
    assert sent_by(chain, facilitator) == 1
    verdict = facilitator.post("/verify", body).json()
    assert (verdict["isValid"], verdict["invalidReason"]) == (False, reasons.NONCE_USED)


def test_another_payment_with_the_nonce_is_refused_without_gas(
    facilitator: Running, wire: Wire, chain: AnvilChain
) -> None:
    first = wire.authorise()
    assert facilitator.post("/settle", wire.body(first)).json()["success"]
    second = wire.authorise(nonce=first.authorization.nonce, value=PRICE + 1)
    answer = facilitator.post("/settle", wire.body(second, amount=str(PRICE + 1))).json()
    assert (answer["success"], answer["errorReason"]) == (False, reasons.NONCE_USED)
    assert answer["transaction"] == ""
    assert sent_by(chain, facilitator) == 1


def test_a_receipt_answers_the_payload_that_was_settled(facilitator: Running, wire: Wire) -> None:
    """The same authorisation under other signature bytes is not the payment that was made."""
    signed = wire.authorise()
    assert facilitator.post("/settle", wire.body(signed)).json()["success"]
    forged = SignedAuthorization(signed.authorization, b"\x01" * 65)
    answer = facilitator.post("/settle", wire.body(forged)).json()
    assert (answer["success"], answer["errorReason"]) == (False, reasons.NONCE_USED)
    assert answer["transaction"] == ""


def test_eight_at_once_are_one_transaction(
    facilitator: Running, wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    body = wire.body()
    with ThreadPoolExecutor(8) as pool:
        answers = [
            r.json() for r in pool.map(lambda _: facilitator.post("/settle", body), range(8))
        ]
    assert all(answer["success"] for answer in answers)
    assert len({answer["transaction"] for answer in answers}) == 1
    assert sum("extra" not in answer for answer in answers) == 1  # one settled, seven were told
    assert dollar.balance_of(wire.payee) == PRICE
    assert sent_by(chain, facilitator) == 1


def test_five_different_ones_at_once_all_settle(
    facilitator: Running, wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    bodies = [wire.body() for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = [r.json() for r in pool.map(lambda b: facilitator.post("/settle", b), bodies)]
    assert all(answer["success"] for answer in answers), answers
    assert len({answer["transaction"] for answer in answers}) == 5
    assert dollar.balance_of(wire.payee) == 5 * PRICE
    assert sent_by(chain, facilitator) == 5


def test_conflicting_ones_at_once_settle_one(
    facilitator: Running, wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    nonce = b"\x33" * 32
    values = [PRICE + n for n in range(4)]
    bodies = [
        wire.body(wire.authorise(nonce=nonce, value=value), amount=str(value)) for value in values
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = [r.json() for r in pool.map(lambda b: facilitator.post("/settle", b), bodies)]
    assert sorted(answer["success"] for answer in answers) == [False, False, False, True]
    assert {a["errorReason"] for a in answers if not a["success"]} == {reasons.NONCE_USED}
    assert dollar.balance_of(wire.payee) in values
    assert sent_by(chain, facilitator) == 1


def bend(wire: Wire, how: str) -> dict[str, Any]:
    """A request that is wrong in one way."""
    now = int(time.time())
    if how == "expired":
        return wire.body(wire.authorise(valid_before=now + 3))
    if how == "not yet valid":
        return wire.body(wire.authorise(valid_after=now + 30))
    if how == "other payee":
        return wire.body(wire.authorise(payee=LocalSigner.generate().address))
    if how == "other value":
        return wire.body(wire.authorise(value=PRICE - 1))
    if how == "other signer":
        stranger = Wire(wire.dollar, LocalSigner.generate(), wire.payee)
        payload = wire.authorise().to_wire() | {
            "signature": stranger.authorise().to_wire()["signature"]
        }
        return wire.body(payload=payload)
    if how == "poor payer":
        return Wire(wire.dollar, LocalSigner.generate(), wire.payee).body()
    if how == "used on chain":
        signed = wire.authorise()
        wire.dollar.transfer_with_authorization(signed)
        return wire.body(signed)
    if how == "wrong domain":
        return wire.body(extra={"name": "Euro Coin", "version": "2"})
    if how == "no domain":
        return wire.body(extra={})
    if how == "no token":
        return wire.body(asset=LocalSigner.generate().address)
    if how == "unknown chain":
        return wire.body(network="eip155:9")
    if how == "accepted elsewhere":
        return wire.body(accepted=wire.requirements(network="eip155:1"))
    if how == "accepted less":
        return wire.body(accepted=wire.requirements(amount="1"))
    if how == "unknown scheme":
        return wire.body(scheme="deferred")
    if how == "permit2":
        return wire.body(
            extra={"name": "USD Coin", "version": "2", "assetTransferMethod": "permit2"}
        )
    if how == "empty payload":
        return wire.body(payload={})
    if how == "signed number":
        payload = wire.authorise().to_wire()
        payload["authorization"]["value"] = "-1"
        return wire.body(payload=payload)
    if how == "huge number":
        payload = wire.authorise().to_wire()
        payload["authorization"]["validBefore"] = str(2**256)
        return wire.body(payload=payload)
    if how == "short nonce":
        payload = wire.authorise().to_wire()
        payload["authorization"]["nonce"] = "0x12"
        return wire.body(payload=payload)
    if how == "no signature":
        payload = wire.authorise().to_wire()
        payload["signature"] = "0x"
        return wire.body(payload=payload)
    if how == "wrong amount":
        return wire.body(amount="1e3")
    if how == "too little":
        return wire.body(wire.authorise(value=999), amount="999")
    if how == "to nobody":
        return wire.body(wire.authorise(payee=ZERO_ADDRESS), payTo=ZERO_ADDRESS)
    if how == "to the token":
        return wire.body(wire.authorise(payee=wire.dollar.address), payTo=wire.dollar.address)
    if how == "version 1":
        return {**wire.body(), "x402Version": 1}
    if how == "version in a list":
        return {**wire.body(), "x402Version": []}
    if how == "requirements without payTo":
        body = wire.body()
        del body["paymentRequirements"]["payTo"]
        return body
    raise AssertionError(how)


NEGATIVE = {
    "expired": reasons.EXPIRED,
    "not yet valid": reasons.NOT_YET_VALID,
    "other payee": reasons.RECIPIENT_MISMATCH,
    "other value": reasons.VALUE_MISMATCH,
    "other signer": reasons.BAD_SIGNATURE,
    "poor payer": reasons.INSUFFICIENT_BALANCE,
    "used on chain": reasons.NONCE_USED,
    "wrong domain": reasons.BAD_SIGNATURE,
    "no domain": reasons.MISSING_DOMAIN,
    "no token": reasons.BAD_SIGNATURE,
    "unknown chain": reasons.INVALID_NETWORK,
    "accepted elsewhere": reasons.NETWORK_MISMATCH,
    "accepted less": reasons.INVALID_REQUIREMENTS,
    "unknown scheme": reasons.UNSUPPORTED_SCHEME,
    "permit2": reasons.UNSUPPORTED_SCHEME,
    "empty payload": reasons.INVALID_PAYLOAD,
    "signed number": reasons.INVALID_PAYLOAD,
    "huge number": reasons.INVALID_PAYLOAD,
    "short nonce": reasons.INVALID_PAYLOAD,
    "no signature": reasons.INVALID_PAYLOAD,
    "wrong amount": reasons.INVALID_REQUIREMENTS,
    "too little": reasons.BELOW_MINIMUM,
    "to nobody": reasons.INVALID_REQUIREMENTS,
    "to the token": reasons.INVALID_REQUIREMENTS,
    "version 1": reasons.INVALID_VERSION,
    "version in a list": reasons.INVALID_VERSION,
    "requirements without payTo": reasons.INVALID_REQUIREMENTS,
}


@pytest.mark.parametrize("how", NEGATIVE)
def test_what_is_wrong_has_a_reason_code(
    facilitator: Running, wire: Wire, chain: AnvilChain, how: str
) -> None:
    body = bend(wire, how)
    verdict = facilitator.post("/verify", body)
    assert verdict.status_code == 200, verdict.text
    assert (verdict.json()["isValid"], verdict.json()["invalidReason"]) == (False, NEGATIVE[how])
    answer = facilitator.post("/settle", body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["success"], told["errorReason"], told["transaction"]) == (False, NEGATIVE[how], "")
    assert sent_by(chain, facilitator) == 0


@pytest.mark.parametrize("endpoint", ["/verify", "/settle"])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"paymentPayload": 1, "paymentRequirements": {}}',
        b'{"paymentPayload": {}}',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
)
def test_what_is_no_request_is_400(facilitator: Running, endpoint: str, text: bytes) -> None:
    answer = facilitator.client.post(
        endpoint, content=text, headers={"content-type": "application/json"}
    )
    expected = 413 if len(text) > 64 * 1024 else 400
    assert answer.status_code == expected, answer.text
    assert answer.json()["error"]["message"]


def test_bodies_are_bounded_while_they_are_read(facilitator: Running, wire: Wire) -> None:
    body = json.dumps({**wire.body(), "padding": "x" * 70_000}).encode()
    headers = {"content-type": "application/json"}
    chunks = (body[n : n + 1000] for n in range(0, len(body), 1000))
    assert facilitator.client.post("/settle", content=chunks, headers=headers).status_code == 413
    plain = facilitator.client.post(
        "/settle", content=b"{}", headers={"content-type": "text/plain"}
    )
    assert plain.status_code == 400


def test_a_payment_that_could_not_be_made_may_be_made_later(
    facilitator: Running, dollar: FwUsd, payee: str, chain: AnvilChain
) -> None:
    poor = Wire(dollar, LocalSigner.generate(), payee)
    body = poor.body()
    assert facilitator.post("/settle", body).json()["errorReason"] == reasons.INSUFFICIENT_BALANCE
    dollar.mint(poor.payer.address, PRICE)
    assert facilitator.post("/settle", body).json()["success"]
    assert dollar.balance_of(payee) == PRICE


def test_a_stranger_cannot_occupy_a_payers_nonce(facilitator: Running, wire: Wire) -> None:
    honest = wire.authorise()
    forged = honest.to_wire()
    forged["authorization"]["to"] = LocalSigner.generate().address
    refused = facilitator.post(
        "/settle", wire.body(payload=forged, payTo=forged["authorization"]["to"])
    ).json()
    assert refused["errorReason"] == reasons.BAD_SIGNATURE
    assert facilitator.post("/settle", wire.body(honest)).json()["success"]


def test_a_payment_carried_to_the_token_by_somebody_else_counts(
    start_facilitator: Callable[..., Running],
    wire: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    owner: Outbox,
) -> None:
    """A bystander sees ours waiting and sends the same authorisation for a higher fee."""
    facilitator = start_facilitator(receipt_s=8)
    signed = wire.authorise()
    chain.set_automine(False)
    try:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(facilitator.post, "/settle", wire.body(signed))
            deadline = time.monotonic() + 5
            while chain.nonce(facilitator.signer.address, pending=True) == 0:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            racing = owner.send(_the_same(dollar, signed))
            _outbid(owner, racing)
            chain.mine()
            answer = asked.result().json()
    finally:
        chain.set_automine(True)
    assert answer["success"], answer
    assert dollar.balance_of(wire.payee) == PRICE
    paid_by = chain.receipt(bytes.fromhex(answer["transaction"][2:]))
    assert paid_by is not None and paid_by.sender == owner.address


def _the_same(dollar: FwUsd, signed: SignedAuthorization) -> Call:
    values = (*signed.authorization.values, signed.signature)
    data = dollar.calldata("transferWithAuthorization", *values)
    return Call(dollar.address, data, gas=200_000)  # an estimate would already see ours mined


def _outbid(owner: Outbox, entry: Entry) -> None:
    """Raise the fee of a waiting transaction until a block takes it first."""
    for _ in range(8):
        entry = owner._bump(owner.journal.get(entry.id))


def test_callers_and_payers_are_limited(
    start_facilitator: Callable[..., Running], wire: Wire
) -> None:
    facilitator = start_facilitator(verifies_per_minute=2, settles_per_minute=1)
    statuses = [facilitator.post("/verify", wire.body()).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert facilitator.post("/settle", wire.body()).json()["success"]
    assert facilitator.post("/settle", wire.body()).status_code == 429
    crowded = start_facilitator(requests_per_minute=3)
    assert [crowded.post("/verify", {}).status_code for _ in range(4)] == [400, 400, 400, 429]


def test_an_idempotency_key_names_one_payment(facilitator: Running, wire: Wire) -> None:
    def with_key(body: dict[str, Any], key: str) -> dict[str, Any]:
        body["paymentPayload"]["extensions"] = {
            "payment-identifier": {"info": {"required": False, "id": key}, "schema": {}}
        }
        return body

    first = with_key(wire.body(), "order-0000000000000001")
    assert facilitator.post("/settle", first).json()["success"]
    assert facilitator.post("/settle", first).json()["extra"] == {"replayed": True}
    other = facilitator.post("/settle", with_key(wire.body(), "order-0000000000000001"))
    assert other.status_code == 409
    assert facilitator.post("/settle", with_key(wire.body(), "order-0000000000000002")).json()[
        "success"
    ]


def test_health_tells_about_the_node_and_the_gas_money(
    start_facilitator: Callable[..., Running], chain: AnvilChain, wire: Wire
) -> None:
    facilitator = start_facilitator(min_float_wei=10**17)
    report = facilitator.client.get("/health")
    assert report.status_code == 200
    assert report.json()["status"] == "ok" and report.json()["chainId"] == 31337
    assert report.json()["signerBalance"] == str(10**18)
    chain.set_balance(facilitator.signer.address, 10**16)
    low = facilitator.client.get("/health")
    assert low.status_code == 503 and "floor" in low.json()["reason"]
    refused = facilitator.post("/settle", wire.body()).json()
    assert refused["errorReason"] == reasons.UNEXPECTED_SETTLE
    assert "gas money" in refused["errorMessage"]


def test_supported_lists_what_is_served_and_nothing_else(facilitator: Running) -> None:
    assert facilitator.client.get("/supported").json() == {
        "kinds": [{"x402Version": 2, "scheme": "exact", "network": "eip155:31337"}],
        "extensions": [],
        "signers": {"eip155:*": [facilitator.signer.address]},
    }


def test_metrics_parse_and_count(facilitator: Running, wire: Wire) -> None:
    facilitator.post("/verify", wire.body())
    facilitator.post("/settle", bend(wire, "other payee"))
    text = facilitator.client.get("/metrics").text
    samples = {
        (sample.name, sample.labels.get("reason")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    prefix = "facetworks_facilitator_"
    assert samples[f"{prefix}verify_total", "ok"] == 1
    assert samples[f"{prefix}settle_total", reasons.RECIPIENT_MISMATCH] == 1
    assert samples[f"{prefix}signer_balance_wei", None] == 10**18
    assert all(name.startswith(prefix) for name, _ in samples)


def test_unknown_settlements_and_digests(facilitator: Running) -> None:
    assert facilitator.client.get(f"/settlements/{DIGITS}").status_code == 404
    assert facilitator.client.get("/settlements/0x12").status_code == 400


def test_the_openapi_document_describes_every_route(facilitator: Running) -> None:
    document = facilitator.client.get("/openapi.json").json()
    served = {
        (route.path, method.lower())
        for route in build_routes(Office.__new__(Office))
        for method in route.methods or ()
        if method != "HEAD"
    }
    described = {
        (path, method) for path, methods in document["paths"].items() for method in methods
    }
    assert described == served
    schemas = document["components"]["schemas"]
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [r for value in node.values() for r in _references(value)]
    if isinstance(node, list):
        return [r for value in node for r in _references(value)]
    return []
