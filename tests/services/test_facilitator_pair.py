"""Two facilitators with one key on one database: no nonce twice, no payment twice, nobody left out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.chain.anvil import AnvilChain
from harness.chain.keys import LocalSigner
from harness.chain.records import Call
from harness.diamond.tokens import FwUsd
from harness.services.facilitator.app import build_office
from harness.services.facilitator.request import parse
from harness.store.files import private_directory
from tests.postgresql import postgresql, postgresql_url

from .conftest import PRICE, WEI, Running, Wire

__all__ = ["postgresql", "postgresql_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(
    request: pytest.FixtureRequest,
    start_facilitator: Callable[..., Running],
    chain: AnvilChain,
    tmp_path: Path,
) -> tuple[Running, Running, LocalSigner]:
    """Both on one SQLite file, or on one PostgreSQL server."""
    if request.param == "sqlite":
        shared = str(private_directory(tmp_path / "shared") / "facilitators.db")
    else:
        shared = request.getfixturevalue("postgresql_url")
    key = LocalSigner.generate()
    chain.set_balance(key.address, WEI)
    left, right = (start_facilitator(key="0x" + key._secret.hex(), db_url=shared) for _ in range(2))
    return left, right, key


def test_one_payment_at_both_is_one_transaction(
    pair: tuple[Running, Running, LocalSigner], wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    left, right, key = pair
    for _ in range(5):
        body = wire.body()
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(side.post, "/settle", body) for side in (left, right) * 2]
            answers = [a.result().json() for a in asked]
        assert all(answer["success"] for answer in answers), answers
        assert len({answer["transaction"] for answer in answers}) == 1
    assert dollar.balance_of(wire.payee) == 5 * PRICE
    assert chain.nonce(key.address) == 5


def test_many_payments_at_both_all_settle(
    pair: tuple[Running, Running, LocalSigner], wire: Wire, dollar: FwUsd, chain: AnvilChain
) -> None:
    left, right, key = pair
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit((left, right)[n % 2].post, "/settle", wire.body()) for n in range(16)]
        answers = [a.result().json() for a in asked]
    assert all(answer["success"] for answer in answers), answers
    assert len({answer["transaction"] for answer in answers}) == 16
    assert dollar.balance_of(wire.payee) == 16 * PRICE
    assert chain.nonce(key.address) == chain.nonce(key.address, pending=True) == 16


def test_what_reverts_because_the_other_has_paid_is_paid(
    start_facilitator: Callable[..., Running],
    wire: Wire,
    dollar: FwUsd,
    chain: AnvilChain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other one settles between this one's look into the journal and its estimate."""
    shared = str(private_directory(tmp_path / "shared") / "facilitators.db")
    key = LocalSigner.generate()
    chain.set_balance(key.address, WEI)
    other = start_facilitator(key="0x" + key._secret.hex(), db_url=shared)
    desk = build_office(other.settings).desk
    body, told = wire.body(), []
    estimate = desk.signer.chain.estimate_gas

    def late(call: Call) -> int:
        if not told:
            told.append(other.post("/settle", body).json())
        return estimate(call)

    monkeypatch.setattr(desk.signer.chain, "estimate_gas", late)
    answer = desk.settle(parse(body, desk.terms, settling=True))
    assert told[0]["success"] and answer.success, (told, answer)
    assert answer.transaction == told[0]["transaction"]
    assert other.post("/settle", body).json()["success"] is True
    assert dollar.balance_of(wire.payee) == PRICE
    assert chain.nonce(key.address) == 1
