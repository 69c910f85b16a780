"""Permit2: any token whose holder approved it once, through our facilitator, with the official SDK on the other side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eth_account import Account
from x402.mechanisms.evm import EthAccountSigner
from x402.mechanisms.evm.exact.permit2_utils import create_permit2_payload
from x402.schemas import PaymentRequirements

from harness.chain.abi import Interface
from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.tokens import FwUsd
from harness.protocol import reasons
from harness.protocol.permit2 import (
    EXACT_SPENDER,
    PERMIT2,
    UPTO_SPENDER,
    SignedPermit,
    domain_separator,
)
from tests.services.conftest import PRICE, START, WEI, Running, ThreadedServer, Wire
from tests.services.test_x402_interop import Shop, get_paid, httpx_client, receipt_of

from .permits import EXTRA, STRANGER, body, permit

SETTLE = Interface.of(
    "function settle(((address,uint256),uint256,uint256),address,(address,uint256),bytes)"
).functions[0]


def test_the_official_client_pays_through_the_official_middleware(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    shop = Shop(facilitator.url, dollar, approved.payee, EXTRA)
    with ThreadedServer(shop.app) as url:
        answer = get_paid(f"{url}/weather", httpx_client(approved.payer, dollar))
    assert (answer.status_code, answer.json(), shop.served) == (200, {"weather": "clear"}, 1)
    receipt = receipt_of(answer.headers["payment-response"])
    mined = chain.receipt(bytes.fromhex(receipt["transaction"][2:]))
    assert mined is not None and mined.succeeded
    assert mined.to is not None and mined.to.lower() == EXACT_SPENDER.lower()
    assert dollar.balance_of(approved.payee) == PRICE
    assert dollar.balance_of(approved.payer.address) == START - PRICE


def test_what_the_sdk_signs_is_what_we_read(approved: Wire, permit2: None) -> None:
    """Every member of its payload, and the digest under its signature."""
    signer = EthAccountSigner(Account.from_key(approved.payer._secret))
    required = PaymentRequirements.model_validate(approved.requirements(extra=EXTRA))
    wire = create_permit2_payload(signer, required)
    read = SignedPermit.from_wire(wire)
    assert SignedPermit.from_wire(read.to_wire()) == read
    ours = approved.payer.sign_digest(read.permit_digest(approved.dollar.chain.chain_id))
    assert ours == read.signature


def test_the_domain_is_the_contracts(chain: AnvilChain, permit2: None) -> None:
    separator = Interface.of("function DOMAIN_SEPARATOR() view returns (bytes32)").functions[0]
    told = chain.call(Call(PERMIT2, separator.encode()))
    assert told == domain_separator(chain.chain_id)


def test_a_permit_is_verified_settled_once_and_replayed(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    signed = permit(approved)
    paid = body(approved, signed)
    assert facilitator.post("/verify", paid).json()["isValid"] is True
    assert dollar.balance_of(approved.payee) == 0
    first = facilitator.post("/settle", paid).json()
    assert first["success"] and first["amount"] == str(PRICE)
    assert dollar.balance_of(approved.payee) == PRICE
    assert facilitator.post("/settle", paid).json() == {**first, "extra": {"replayed": True}}
    verdict = facilitator.post("/verify", paid).json()
    assert (verdict["isValid"], verdict["invalidReason"]) == (False, reasons.NONCE_USED)
    assert chain.nonce(facilitator.signer.address) == 1
    digest = signed.permit_digest(chain.chain_id)
    view = facilitator.client.get(f"/settlements/0x{digest.hex()}").json()
    assert (view["state"], view["transaction"]) == ("settled", first["transaction"])
    # Another payment under the same nonce is refused for nothing.
    other = permit(approved, nonce=signed.authorization.nonce, valid_after=1)
    refused = facilitator.post("/settle", body(approved, other)).json()
    assert (refused["success"], refused["errorReason"]) == (False, reasons.NONCE_USED)
    assert chain.nonce(facilitator.signer.address) == 1


def test_a_permit_that_somebody_else_carried_is_spent(
    approved: Wire, facilitator: Running, dollar: FwUsd, chain: AnvilChain
) -> None:
    """The money went where the payer said, but nothing shows it was for this: no second payment, no gas."""
    signed = permit(approved)
    terms = signed.authorization
    stranger = LocalSigner.generate()
    chain.set_balance(stranger.address, WEI)
    data = SETTLE.encode(
        ((dollar.address, PRICE), int.from_bytes(terms.nonce), terms.valid_before),
        approved.payer.address,
        (approved.payee, 0),
        signed.signature,
    )
    Outbox(chain, stranger, MemoryJournal()).execute(Call(EXACT_SPENDER, data))
    assert dollar.balance_of(approved.payee) == PRICE
    for endpoint in ("/verify", "/settle"):
        told = facilitator.post(endpoint, body(approved, signed)).json()
        assert reasons.NONCE_USED in (told.get("invalidReason"), told.get("errorReason"))
    assert chain.nonce(facilitator.signer.address) == 0
    assert dollar.balance_of(approved.payee) == PRICE


def test_without_an_approval_or_money_it_is_refused(
    facilitator: Running, wire: Wire, approved: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    poor = LocalSigner.generate()
    without = replace(wire, payer=poor)
    verdict = facilitator.post("/verify", body(without)).json()
    assert verdict["invalidReason"] == "permit2_allowance_required"
    chain.set_balance(poor.address, WEI)
    FwUsd(chain, dollar.address, Outbox(chain, poor, MemoryJournal())).approve(PERMIT2, PRICE)
    verdict = facilitator.post("/verify", body(without)).json()
    assert verdict["invalidReason"] == reasons.INSUFFICIENT_BALANCE
    dollar.mint(poor.address, PRICE)
    assert facilitator.post("/settle", body(without)).json()["success"] is True


def test_one_method_is_never_paid_by_what_was_signed_for_the_other(
    approved: Wire, facilitator: Running
) -> None:
    eip3009 = approved.authorise().to_wire()
    for wrong in (
        body(approved, eip3009),
        approved.body(payload=permit(approved).to_wire()),
        body(approved, {**permit(approved).to_wire(), **eip3009}),
        body(approved, {"signature": "0x00", "permit2Authorization": []}),
        body(approved, {"permit2Authorization": permit(approved).to_wire()}),
    ):
        told = facilitator.post("/settle", wrong).json()
        assert (told["success"], told["errorReason"]) == (False, reasons.INVALID_PAYLOAD)


def test_terms_for_other_peoples_tokens_count(
    permit2: None, start_facilitator: Callable[..., Running], approved: Wire
) -> None:
    limited = start_facilitator(min_settlement_base=PRICE + 1)
    told = limited.post("/verify", body(approved)).json()
    assert told["invalidReason"] == reasons.BELOW_MINIMUM
    other = start_facilitator(assets=(STRANGER,))
    told = other.post("/verify", body(approved)).json()
    assert told["invalidReason"] == reasons.INVALID_REQUIREMENTS


def test_it_is_served_where_the_contracts_are(
    facilitator: Running,
    approved: Wire,
    chain: AnvilChain,
    start_facilitator: Callable[..., Running],
) -> None:
    kinds = {k["scheme"]: k for k in facilitator.client.get("/supported").json()["kinds"]}
    assert kinds["exact"]["extra"]["permit2"] == {"spender": EXACT_SPENDER}
    chain.set_code(EXACT_SPENDER, b"")
    without = start_facilitator()
    kinds = {k["scheme"]: k for k in without.client.get("/supported").json()["kinds"]}
    assert "permit2" not in (kinds["exact"].get("extra") or {})
    assert kinds["upto"]["extra"]["permit2"] == {"spender": UPTO_SPENDER}
    told = without.post("/verify", body(approved)).json()
    assert told["invalidReason"] == reasons.UNSUPPORTED_SCHEME
