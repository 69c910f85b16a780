"""`upto` by Permit2: the payer signs a maximum, the facilitator that the permit names moves what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from fastapi import FastAPI, Request, Response
from x402 import x402Client, x402ResourceServer
from x402.http import FacilitatorConfig, HTTPFacilitatorClient
from x402.http.middleware.fastapi import payment_middleware
from x402.mechanisms.evm import EthAccountSigner
from x402.mechanisms.evm.upto.client import UptoEvmScheme as UptoClient
from x402.mechanisms.evm.upto.server import UptoEvmScheme as UptoServer
from x402.schemas import PaymentRequirements

from harness.chain.abi import Interface
from harness.chain.anvil import AnvilChain
from harness.chain.errors import ContractError
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from harness.protocol.permit2 import UPTO_SPENDER, SignedPermit
from harness.services.facilitator.app import build_office
from harness.services.facilitator.request import parse
from harness.store.files import private_directory
from tests.services.conftest import PRICE, START, WEI, Running, ThreadedServer, Wire
from tests.services.test_x402_interop import NETWORK, get_paid, receipt_of

from .permits import EXTRA, body, permit, upto

MEASURED = 1_700  # base units, of the 2,500 that were signed
SETTLE = Interface.of(
    "function settle(((address,uint256),uint256,uint256),uint256,address,(address,address,uint256),bytes)"
).functions[0]


def meter(facilitator: str, dollar: FwUsd, payee: str, measured: str) -> FastAPI:
    """An application behind the official middleware that says what an answer came to."""
    app = FastAPI()
    server = x402ResourceServer(HTTPFacilitatorClient(FacilitatorConfig(url=facilitator)))
    server.register(NETWORK, UptoServer())
    price = {"amount": str(PRICE), "asset": dollar.address, "extra": dict(EXTRA)}
    option = {"scheme": "upto", "network": NETWORK, "payTo": payee, "price": price}
    pay = payment_middleware({"GET /answer": {"accepts": option}}, server)  # type: ignore[arg-type]

    @app.middleware("http")
    async def gate(request: Request, call_next: Callable[..., Any]) -> Any:
        return await pay(request, call_next)

    @app.get("/answer")
    async def answer(response: Response) -> dict[str, str]:
        response.headers["Settlement-Overrides"] = json.dumps({"amount": measured})
        return {"answer": "42"}

    return app


def official(payer: LocalSigner, dollar: FwUsd) -> x402Client:
    client = x402Client()
    client.register(NETWORK, UptoClient(EthAccountSigner(Account.from_key(payer._secret))))
    client.set_spend_controls({"allowed_assets": [{"network": NETWORK, "asset": dollar.address}]})
    return client


@pytest.mark.parametrize(("measured", "moved"), [(str(MEASURED), MEASURED), ("20%", PRICE // 5)])
def test_the_official_client_pays_what_the_official_middleware_measured(
    approved: Wire,
    facilitator: Running,
    dollar: FwUsd,
    chain: AnvilChain,
    measured: str,
    moved: int,
) -> None:
    with ThreadedServer(meter(facilitator.url, dollar, approved.payee, measured)) as url:
        answer = get_paid(f"{url}/answer", official(approved.payer, dollar))
    assert (answer.status_code, answer.json()) == (200, {"answer": "42"})
    assert "settlement-overrides" not in answer.headers
    receipt = receipt_of(answer.headers["payment-response"])
    assert receipt["amount"] == str(moved)
    mined = chain.receipt(bytes.fromhex(receipt["transaction"][2:]))
    assert mined is not None and mined.succeeded
    assert mined.to is not None and mined.to.lower() == UPTO_SPENDER.lower()
    assert dollar.balance_of(approved.payee) == moved
    assert dollar.balance_of(approved.payer.address) == START - moved


def test_what_the_sdk_signs_is_what_we_read(approved: Wire, facilitator: Running) -> None:
    """Every member of its payload, and the digest under its signature."""
    address = facilitator.signer.address
    required = approved.requirements(scheme="upto", extra={**EXTRA, "facilitatorAddress": address})
    scheme = UptoClient(EthAccountSigner(Account.from_key(approved.payer._secret)))
    wire = scheme.create_payment_payload(PaymentRequirements.model_validate(required))
    read = SignedPermit.from_wire(wire)
    assert read.facilitator == address
    assert SignedPermit.from_wire(read.to_wire()) == read
    digest = read.permit_digest(approved.dollar.chain.chain_id)
    assert approved.payer.sign_digest(digest) == read.signature


def test_less_than_the_maximum_moves_once(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    signed = permit(approved, facilitator.signer.address)
    assert facilitator.post("/verify", upto(approved, signed)).json()["isValid"] is True
    first = facilitator.post("/settle", upto(approved, signed, MEASURED)).json()
    assert first["success"] and first["amount"] == str(MEASURED)
    for measured in (MEASURED, PRICE):  # what was settled stays what it was
        again = facilitator.post("/settle", upto(approved, signed, measured)).json()
        assert again == {**first, "extra": {"replayed": True}}
    verdict = facilitator.post("/verify", upto(approved, signed)).json()
    assert (verdict["isValid"], verdict["invalidReason"]) == (False, reasons.NONCE_USED)
    assert dollar.balance_of(approved.payee) == MEASURED
    assert chain.nonce(facilitator.signer.address) == 1


def test_nothing_measured_moves_nothing_and_ends_the_permit(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    signed = permit(approved, facilitator.signer.address)
    told = facilitator.post("/settle", upto(approved, signed, 0)).json()
    assert (told["success"], told["transaction"], told["amount"]) == (True, "", "0")
    again = facilitator.post("/settle", upto(approved, signed, MEASURED)).json()
    assert again["amount"] == "0"
    assert facilitator.post("/verify", upto(approved, signed)).json()["isValid"] is False
    assert dollar.balance_of(approved.payee) == 0
    assert chain.nonce(facilitator.signer.address) == 0


def test_more_than_the_maximum_is_refused(
    approved: Wire, facilitator: Running, chain: AnvilChain
) -> None:
    signed = permit(approved, facilitator.signer.address)
    told = facilitator.post("/settle", upto(approved, signed, PRICE + 1)).json()
    assert (told["success"], told["errorReason"]) == (False, reasons.AMOUNT_EXCEEDED)
    assert chain.nonce(facilitator.signer.address) == 0
    assert facilitator.post("/settle", upto(approved, signed, PRICE)).json()["success"] is True


def test_nobody_else_can_say_how_much(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    """Who has seen the permit cannot carry it, and the facilitator still can."""
    signed = permit(approved, facilitator.signer.address)
    terms = signed.authorization
    stranger = LocalSigner.generate()
    chain.set_balance(stranger.address, WEI)
    data = SETTLE.encode(
        ((dollar.address, PRICE), int.from_bytes(terms.nonce), terms.valid_before),
        PRICE,
        approved.payer.address,
        (approved.payee, facilitator.signer.address, 0),
        signed.signature,
    )
    with pytest.raises(ContractError):
        Outbox(chain, stranger, MemoryJournal()).execute(Call(UPTO_SPENDER, data))
    told = facilitator.post("/settle", upto(approved, signed, MEASURED)).json()
    assert told["success"] is True
    assert dollar.balance_of(approved.payee) == MEASURED


def test_a_permit_is_settled_by_the_account_it_names(
    permit2: None,
    start_facilitator: Callable[..., Running],
    approved: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    tmp_path: Path,
) -> None:
    """A facilitator of three accounts, and permits for each of them."""
    keys = [LocalSigner.generate() for _ in range(2)]
    files = []
    for position, key in enumerate(keys):
        chain.set_balance(key.address, WEI)
        files.append(tmp_path / f"key{position}")
        files[-1].write_text("0x" + key._secret.hex())
        files[-1].chmod(0o600)
    running = start_facilitator(more_key_files=tuple(files))
    accounts = [running.signer.address, *(key.address for key in keys)]
    for account in accounts:
        for _ in range(2):
            signed = permit(approved, account)
            told = running.post("/settle", upto(approved, signed, MEASURED)).json()
            assert told["success"] is True
    assert [chain.nonce(account) for account in accounts] == [2, 2, 2]
    assert dollar.balance_of(approved.payee) == 6 * MEASURED


def test_one_scheme_is_never_paid_by_what_was_signed_for_the_other(
    approved: Wire, facilitator: Running, chain: AnvilChain
) -> None:
    maximum, exact = permit(approved, facilitator.signer.address), permit(approved)
    eip3009 = approved.authorise().to_wire()
    for wrong in (
        body(approved, maximum),
        upto(approved, exact),
        upto(approved, eip3009),
        upto(approved, {**maximum.to_wire(), **eip3009}),
    ):
        told = facilitator.post("/settle", wrong).json()
        assert (told["success"], told["errorReason"]) == (False, reasons.INVALID_PAYLOAD)
    assert chain.nonce(facilitator.signer.address) == 0


def test_exact_and_upto_share_the_nonces_of_permit2(
    approved: Wire, facilitator: Running, dollar: FwUsd
) -> None:
    signed = permit(approved)
    assert facilitator.post("/settle", body(approved, signed)).json()["success"] is True
    other = permit(approved, facilitator.signer.address, nonce=signed.authorization.nonce)
    told = facilitator.post("/settle", upto(approved, other, MEASURED)).json()
    assert (told["success"], told["errorReason"]) == (False, reasons.NONCE_USED)
    assert dollar.balance_of(approved.payee) == PRICE


def test_the_smallest_payment_is_asked_of_the_maximum(
    permit2: None, start_facilitator: Callable[..., Running], approved: Wire
) -> None:
    """What an answer came to may be less: it was given already."""
    limited = start_facilitator(min_settlement_base=PRICE)
    signed = permit(approved, limited.signer.address)
    assert limited.post("/settle", upto(approved, signed, 1)).json()["success"] is True
    strict = start_facilitator(min_settlement_base=PRICE + 1)
    told = strict.post("/verify", upto(approved, permit(approved, strict.signer.address))).json()
    assert told["invalidReason"] == reasons.BELOW_MINIMUM


def test_it_is_served_where_its_spender_is(
    facilitator: Running,
    approved: Wire,
    chain: AnvilChain,
    start_facilitator: Callable[..., Running],
) -> None:
    kinds = {k["scheme"]: k for k in facilitator.client.get("/supported").json()["kinds"]}
    assert kinds["upto"]["extra"] == {
        "permit2": {"spender": UPTO_SPENDER},
        "facilitatorAddress": facilitator.signer.address,
    }
    chain.set_code(UPTO_SPENDER, b"")
    without = start_facilitator()
    (kind,) = without.client.get("/supported").json()["kinds"]
    assert kind["scheme"] == "exact"
    told = without.post("/verify", upto(approved, permit(approved, without.signer.address))).json()
    assert told["invalidReason"] == reasons.UNSUPPORTED_SCHEME


def shared_database(tmp_path: Path) -> str:
    """For two lives, or two processes, of one facilitator."""
    return str(private_directory(tmp_path / "shared") / "facilitators.db")


def test_whoever_finishes_a_settlement_moves_what_it_was_opened_for(
    permit2: None,
    start_facilitator: Callable[..., Running],
    approved: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    tmp_path: Path,
) -> None:
    """It was opened with one amount and not sent yet when another was asked for, by a server that counts badly."""
    facilitator = start_facilitator(db_url=shared_database(tmp_path))
    desk = build_office(facilitator.settings).desk
    signed = permit(approved, facilitator.signer.address)
    first = parse(upto(approved, signed, MEASURED), desk.terms, settling=True)
    desk.ledger.claim(desk._new_row(first, first.digest(None)))
    told = facilitator.post("/settle", upto(approved, signed, PRICE)).json()
    assert (told["success"], told["amount"]) == (True, str(MEASURED))
    assert dollar.balance_of(approved.payee) == MEASURED
    view = facilitator.client.get(f"/settlements/0x{first.digest(None).hex()}").json()
    assert view["state"] == "settled"
    assert chain.nonce(facilitator.signer.address) == 1


def test_what_was_open_is_taken_up_by_the_account_it_names(
    permit2: None,
    start_facilitator: Callable[..., Running],
    approved: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    tmp_path: Path,
) -> None:
    """Signed by the second account before the process ended; the next one finishes it with the same transaction."""
    second = LocalSigner.generate()
    chain.set_balance(second.address, WEI)
    file = tmp_path / "second"
    file.write_text("0x" + second._secret.hex())
    file.chmod(0o600)
    before = start_facilitator(
        more_key_files=(file,), receipt_s=0.3, db_url=shared_database(tmp_path)
    )
    paid = upto(approved, permit(approved, second.address), MEASURED)
    chain.set_automine(False)
    try:
        first = before.post("/settle", paid).json()
        assert first["errorReason"] == reasons.SETTLEMENT_PENDING
    finally:
        chain.set_automine(True)
    desk = build_office(before.settings).desk
    ((row, request),) = desk.unfinished()
    chain.mine()
    answer = desk.finish(row, request)
    assert (answer.success, answer.amount) == (True, str(MEASURED))
    assert answer.transaction == first["transaction"]
    assert dollar.balance_of(approved.payee) == MEASURED
    assert [chain.nonce(a) for a in (before.signer.address, second.address)] == [0, 1]
