"""A real process, killed at each step of the table of crashes: nothing paid twice, nothing owed is lost."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.chain.keys import LocalSigner
from harness.protocol.spending import RequestState
from harness.store.consumer import ConsumerJournal
from harness.store.consumer_tables import CONSUMER
from harness.store.database import Database
from tests.rotation import todays

from .conftest import RunningMarket, eventually
from .process import main
from .scripted_operator import MODEL, ScriptedOperator
from .test_streams import LONG
from .world import DOLLAR, World

BODY = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 64}
BUDGET = 20_000

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.services.consumer.process"])


class Processes:
    """Lives of one sidecar on one state."""

    def __init__(self, world: World, relay: str, folder: Path, **changes: Any) -> None:
        self.world = world
        self.signer: LocalSigner = world.wallet(3)
        self.folder = folder
        self.settings = {
            "relay": relay,
            "facilitator": world.facilitator_url,
            "rpc": "",
            "chain_id": world.chain.chain_id,
            "usdc": world.dollar.address,
            "diamond": world.diamond,
            "budget_base": BUDGET,
        } | changes

    @contextmanager
    def life(self, crash_at: str | None = None) -> Iterator[httpx.Client]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        told = {
            "settings": self.settings,
            "state": str(self.folder / "state"),
            "log": str(self.folder / "log"),
            "chain": self.world.chain_url,
            "key": self.signer._secret.hex(),
            "port": port,
            "crash_at": crash_at,
        }
        self.running = running = FORKING.Process(target=main, args=(told,), daemon=True)
        running.start()
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        try:
            deadline = time.monotonic() + 60
            while running.is_alive():
                try:
                    client.get("/health")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline, self.log()
                    time.sleep(0.02)
            yield client
        finally:
            client.close()
            running.kill()  # every life here ends the hard way, unless it has ended already
            running.join(30)

    def log(self) -> str:
        return (self.folder / "log").read_text()[-3000:]

    def crash(self, point: str, body: dict[str, Any] | None = None, **headers: str) -> None:
        """One request that the process does not survive."""
        with self.life(point) as client, pytest.raises(httpx.TransportError):
            client.post("/v1/chat/completions", json=body or BODY, headers=headers)
            raise AssertionError(f"{point} was not reached: {self.log()}")
        assert self.running.exitcode == 137, self.log()

    def journal(self) -> ConsumerJournal:
        (path,) = (self.folder / "state").rglob("consume.db")
        return ConsumerJournal(Database.open(path, CONSUMER))

    @property
    def paid(self) -> int:
        return 3 * DOLLAR - self.world.dollar.balance_of(self.signer.address)


Make = Callable[..., Processes]


@pytest.fixture
def processes(
    world: World, served: RunningMarket, operator: ScriptedOperator, tmp_path: Path
) -> Make:
    return lambda **changes: Processes(world, served.url, tmp_path, **changes)


def budget(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/v1/budget").json())


EXACT = {
    # point: (whether the operator was paid, whether the row is open afterwards)
    "consumer.held": (False, False),
    "consumer.signed": (False, True),
    "consumer.sent": (False, True),
    "consumer.replied": (True, True),
    "consumer.settling": (True, True),
    "consumer.settled": (True, False),
}


@pytest.mark.parametrize("point", todays(list(EXACT), 2))
def test_exact_killed_at(
    processes: Make, world: World, operator: ScriptedOperator, point: str
) -> None:
    paid, was_open = EXACT[point]
    lives = processes()
    lives.crash(point, None, **{"Idempotency-Key": "one"})
    assert lives.paid == (1_000 if paid else 0)
    with lives.life() as client:
        if paid:
            eventually(lambda: budget(client)["spentUsd"] == 0.001)
        elif was_open:
            assert budget(client)["reservedUsd"] == 0.001, "what was signed counts until it expires"
            assert budget(client)["spentUsd"] == 0
        answer = client.post("/v1/chat/completions", json=BODY, headers={"Idempotency-Key": "one"})
        assert answer.status_code == 200, answer.text  # the operator gives it again
        assert lives.paid == 1_000, "the same key is paid once"
        assert operator.calls == 1
        assert budget(client)["spentUsd"] == 0.001
        assert client.post("/v1/chat/completions", json=BODY).status_code == 200
        assert lives.paid == 2_000
    assert lives.journal().audit_holds()


@pytest.mark.parametrize("point", ["consumer.signed", "consumer.sent"])
def test_exact_a_signature_that_expires_gives_its_hold_back(
    processes: Make, world: World, point: str
) -> None:
    lives = processes()
    lives.crash(point)
    world.chain.ahead = 600
    with lives.life() as client:
        eventually(lambda: budget(client)["reservedUsd"] == 0)
        assert budget(client)["spentUsd"] == 0
    (row,) = lives.journal().history()
    assert row.state is RequestState.EXPIRED and row.payment is None


VAULT = {
    # point: whether a receipt exists when the process dies
    "consumer.reserve_intent": False,
    "consumer.reserved": False,
    "consumer.held": False,
    "consumer.vault_sent": False,
    "consumer.replied": False,
    "consumer.metered": False,
    "consumer.receipted": True,
    "consumer.pushing": True,
    "consumer.pushed": True,
}


@pytest.mark.parametrize("point", todays(list(VAULT), 2))
def test_vault_killed_at(
    processes: Make, world: World, operator: ScriptedOperator, point: str
) -> None:
    lives = processes(rail="vault", vault_deposit_base=DOLLAR)
    try:
        lives.crash(point)
    except AssertionError:
        # A push happens in the background: the answer may have been given before the end.
        assert point in ("consumer.pushing", "consumer.pushed", "consumer.receipted")
    assert lives.paid == DOLLAR, "deposited once"
    consumer = lives.signer.address
    with lives.life() as client:
        if VAULT[point]:
            eventually(lambda: operator.receipts)
        answer = client.post("/v1/chat/completions", json=BODY)
        assert answer.status_code == 200, answer.text
        assert lives.paid == DOLLAR
        cycle = world.vault.ops(consumer, operator.address).cycle
        served = operator.served[consumer, cycle]
        eventually(lambda: operator.held.get((consumer, cycle)) == served)
        spent = budget(client)["spentUsd"]
        assert spent * DOLLAR == pytest.approx(served)
    assert lives.journal().audit_holds()


def test_vault_two_that_were_served_and_lost_are_each_paid_for_what_it_cost(
    processes: Make, world: World, operator: ScriptedOperator
) -> None:
    """And each to its own key: whoever asks again under one gets the answer for nothing more."""
    lives = processes(rail="vault", vault_deposit_base=DOLLAR)
    keys = ("short", "long")
    bodies = [{**BODY, "messages": [{"role": "user", "content": text}]} for text in ("hi", LONG)]
    for key, body in zip(keys, bodies, strict=True):
        lives.crash("consumer.replied", body, **{"Idempotency-Key": key})
    cost = [amount for state, amount, _ in operator.asked.values() if state == "delivered"]
    assert len(set(cost)) == 2
    with lives.life() as client:
        eventually(lambda: budget(client)["reservedUsd"] == 0)
        found = {row.idempotency: row.charged for row in lives.journal().history()}
        assert found == dict(zip(keys, cost, strict=True))
        assert budget(client)["spentUsd"] * DOLLAR == pytest.approx(sum(cost))
        eventually(lambda: list(operator.held.values()) == [sum(cost)])


@pytest.mark.parametrize("point", ["consumer.depositing", "outbox.signed", "outbox.broadcast"])
def test_vault_killed_while_depositing(processes: Make, world: World, point: str) -> None:
    lives = processes(rail="vault", vault_deposit_base=DOLLAR)
    with lives.life(point):
        lives.running.join(30)
    assert lives.running.exitcode == 137
    with lives.life() as client:
        assert client.post("/v1/chat/completions", json=BODY).status_code == 200
    assert world.vault.balance(lives.signer.address) == DOLLAR == lives.paid


def test_vault_killed_in_the_middle_of_a_stream(
    processes: Make, world: World, operator: ScriptedOperator
) -> None:
    lives = processes(rail="vault", vault_deposit_base=DOLLAR)
    messages = [{"role": "user", "content": LONG}]
    lives.crash(
        "consumer.checkpoint:2", {**BODY, "messages": messages, "max_tokens": 500, "stream": True}
    )
    (row,) = lives.journal().history()
    assert row.state is RequestState.SENT and 0 < row.charged < row.hold
    (asked,) = operator.asked
    operator.asked[asked] = "admitted", row.charged, 1  # it has not heard yet that nobody reads on
    with lives.life() as client:
        told = budget(client)
        assert told["spentUsd"] * DOLLAR == pytest.approx(row.charged)
        assert told["reservedUsd"] * DOLLAR == pytest.approx(row.hold - row.charged)
        eventually(lambda: operator.receipts and operator.receipts[-1][2] == row.charged)
        operator.asked[asked] = "delivered", row.charged + 50, 1
        eventually(lambda: budget(client)["reservedUsd"] == 0, 10)
        assert budget(client)["spentUsd"] * DOLLAR == pytest.approx(row.charged + 50)
        eventually(lambda: operator.receipts[-1][2] == row.charged + 50)
    (row,) = lives.journal().history()
    assert (row.state, row.reason) == (RequestState.RECEIPTED, "paid after a crash")


def test_M7_a_loop_of_kills_does_not_reset_the_budget(
    processes: Make, operator: ScriptedOperator
) -> None:
    lives = processes(budget_base=3_500)
    points = ["consumer.settled", "consumer.replied", "consumer.sent", "consumer.signed"]
    for point in points[:3]:
        lives.crash(point)
    with lives.life() as client:
        refused = client.post("/v1/chat/completions", json=BODY)
        assert (refused.status_code, refused.json()["error"]["code"]) == (402, "over_budget")
    assert lives.paid <= 3_500


def test_a_clean_stop_ends_the_run(processes: Make) -> None:
    lives = processes()
    with lives.life() as client:
        assert client.post("/v1/chat/completions", json=BODY).status_code == 200
        assert client.post("/v1/budget", json={"limitUsd": 0.5}).status_code == 200
    with lives.life() as client:
        assert budget(client)["spentUsd"] == 0.001 and budget(client)["limitUsd"] == 0.5
        lives.running.terminate()
        lives.running.join(30)
        assert lives.running.exitcode in (0, -15)
    with lives.life() as client:
        assert budget(client) == {
            "capped": True, "limitUsd": 0.02, "spentUsd": 0.0, "remainingUsd": 0.02, "reservedUsd": 0.0,
        }  # fmt: skip
