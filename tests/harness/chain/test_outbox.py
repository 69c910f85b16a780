"""The outbox: one transaction per intent, no gaps, bumps, crashes, reorganisations."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.chain.anvil import Anvil
from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import (
    ContractError,
    ReceiptTimeout,
    Refusal,
    TransactionDisplaced,
    TransactionRejected,
    WrongChain,
)
from harness.chain.interface import DevChain
from harness.chain.journal import MemoryJournal, State
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox, SendPolicy
from harness.chain.records import Call
from harness.chain.transaction import Transaction
from harness.store.database import Database
from harness.store.journal import SqlJournal

from .conftest import WEI, deploy_sample, sample

PAYEE = LocalSigner.from_phrase("payee").address


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def embedded() -> EmbeddedChain:
    return EmbeddedChain()


def make_outbox(chain: DevChain, clock: Clock, **policy: float) -> Outbox:
    signer = LocalSigner.from_phrase("sender")
    chain.set_balance(signer.address, 100 * WEI)
    return Outbox(
        chain,
        signer,
        MemoryJournal(),
        SendPolicy(**policy),  # type: ignore[arg-type]
        clock=clock,
        monotonic=clock,
        sleep=clock.sleep,
    )


def test_a_key_sends_once(chain: DevChain, outbox: Outbox) -> None:
    payment = Call(PAYEE, value=3)
    before = chain.balance(PAYEE)
    first = outbox.execute(payment, key="pay")
    again = outbox.execute(payment, key="pay")
    assert first.transaction == again.transaction
    assert chain.balance(PAYEE) == before + 3
    assert chain.nonce(outbox.address) == 1
    with pytest.raises(ValueError, match="used for another"):
        outbox.send(Call(PAYEE, value=4), key="pay")


def test_a_call_that_would_revert_uses_no_nonce(outbox: Outbox, chain: DevChain) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    with pytest.raises(ContractError):
        outbox.send(Call(address, interface.function("set").encode(1001, b"", "")))
    assert chain.nonce(outbox.address, pending=True) == 1
    assert outbox.execute(Call(PAYEE, value=1)).succeeded


def test_what_another_process_sent_while_this_one_asked_is_the_same_transaction(
    embedded: EmbeddedChain, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its being mined is why the call would revert now."""
    outbox = make_outbox(embedded, clock)
    call = Call(PAYEE, value=5)
    estimate = embedded.estimate_gas
    sent = []

    def overtaken(asked: Call) -> int:
        monkeypatch.setattr(embedded, "estimate_gas", estimate)
        other = Outbox(embedded, LocalSigner.from_phrase("sender"), outbox.journal)
        sent.append(other.execute(call, key="once"))
        raise ContractError(b"", "AlreadyDone")

    monkeypatch.setattr(embedded, "estimate_gas", overtaken)
    assert outbox.execute(call, key="once").transaction == sent[0].transaction
    assert embedded.balance(PAYEE) == 5 and embedded.nonce(outbox.address) == 1
    monkeypatch.setattr(embedded, "estimate_gas", overtaken)
    with pytest.raises(ContractError, match="AlreadyDone"):
        outbox.execute(call)  # without a key there is nothing to recognise it by


def test_without_money_nothing_is_signed(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock)
    with pytest.raises(TransactionRejected) as caught:
        outbox.send(Call(PAYEE, value=101 * WEI, gas=21_000))
    assert caught.value.refusal is Refusal.INSUFFICIENT_FUNDS
    assert outbox.journal.unfinished(31337, outbox.address) == []


def test_a_slow_transaction_is_offered_for_more(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(
        embedded, clock, bump_after_seconds=30, receipt_seconds=100, longest_poll_seconds=10
    )
    embedded.set_automine(False)
    entry = outbox.send(Call(PAYEE, value=1))
    with pytest.raises(ReceiptTimeout):
        outbox.wait(entry)
    entry = outbox.journal.get(entry.id)
    fees = [attempt.max_fee for attempt in entry.attempts]
    assert len(fees) == 4  # one offer, then better ones after 30, 60 and 90 seconds
    assert all(later * 100 >= earlier * 112 for earlier, later in itertools.pairwise(fees))
    embedded.mine()
    receipt = outbox.wait(entry)
    assert receipt.transaction == entry.attempts[-1].hash
    assert embedded.balance(PAYEE) == 1
    assert embedded.nonce(outbox.address) == 1
    assert outbox.journal.get(entry.id).state is State.CONFIRMED


def test_bumps_end_at_the_limit(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock, bump_after_seconds=1, receipt_seconds=60, max_bumps=2)
    embedded.set_automine(False)
    entry = outbox.send(Call(PAYEE, value=1))
    with pytest.raises(ReceiptTimeout):
        outbox.wait(entry)
    assert len(outbox.journal.get(entry.id).attempts) == 3


def test_a_risen_base_fee_is_met_by_a_better_offer(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock)
    embedded.set_automine(False)
    outbox.send(Call(PAYEE, value=1))
    embedded.set_base_fee(50 * 10**9)
    embedded.mine()
    embedded.set_automine(True)
    (waiting,) = outbox.recover()
    assert len(waiting.attempts) == 2
    assert outbox.wait(waiting).transaction == waiting.attempts[-1].hash
    assert embedded.balance(PAYEE) == 1


def test_a_consumed_nonce_displaces_and_frees_the_key(
    embedded: EmbeddedChain, clock: Clock
) -> None:
    outbox = make_outbox(embedded, clock, resend_seconds=2)
    embedded.set_automine(False)
    entry = outbox.send(Call(PAYEE, value=1), key="pay")
    stranger = LocalSigner.from_phrase("sender").sign_transaction(
        Transaction(31337, entry.nonce, PAYEE, 5, b"", 21_000, 10**11, 10**10)
    )
    embedded.broadcast(stranger)
    embedded.mine()
    with pytest.raises(TransactionDisplaced, match=f"nonce {entry.nonce}"):
        outbox.wait(entry)
    assert outbox.journal.get(entry.id).state is State.DISPLACED
    embedded.set_automine(True)
    assert outbox.execute(Call(PAYEE, value=1), key="pay").succeeded
    assert embedded.balance(PAYEE) == 6


def test_bytes_refused_for_good_leave_no_gap(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock)
    with pytest.raises(TransactionRejected) as caught:
        outbox.send(Call(PAYEE, value=1, gas=40_000_000), key="pay")
    assert caught.value.refusal is Refusal.OTHER
    assert embedded.nonce(outbox.address) == 1  # the empty transfer
    assert embedded.balance(PAYEE) == 0
    assert outbox.execute(Call(PAYEE, value=1), key="pay").succeeded
    assert outbox.recover() == []


def test_a_lost_empty_transfer_is_sent_again(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock)
    embedded.set_automine(False)
    mark = embedded.snapshot()
    with pytest.raises(TransactionRejected):
        outbox.send(Call(PAYEE, value=1, gas=40_000_000), key="pay")
    embedded.revert(mark)  # the pool forgot it
    embedded.set_automine(True)
    assert outbox.journal.find(31337, outbox.address, "pay") is None
    outbox.recover()
    assert outbox.recover() == []
    assert embedded.nonce(outbox.address) == 1 and embedded.balance(PAYEE) == 0


def test_a_bump_that_cannot_be_paid_for_does_not_end_the_waiting(
    embedded: EmbeddedChain, clock: Clock
) -> None:
    outbox = make_outbox(embedded, clock, bump_after_seconds=1, receipt_seconds=30)
    embedded.set_automine(False)
    entry = outbox.send(Call(PAYEE, value=1))
    purse = embedded.balance(outbox.address)
    embedded.set_balance(outbox.address, entry.attempts[0].max_fee * 21_000 + 1)

    def mine_later(seconds: float) -> None:
        clock.now += seconds
        if clock.now > 1_010 and embedded.nonce(outbox.address) == 0:
            embedded.set_balance(outbox.address, purse)
            embedded.mine()

    outbox._sleep = mine_later
    assert outbox.wait(entry).transaction == entry.attempts[0].hash


def test_confirmations_are_waited_for(embedded: EmbeddedChain, clock: Clock) -> None:
    outbox = make_outbox(embedded, clock, confirmations=3, receipt_seconds=5)
    entry = outbox.send(Call(PAYEE, value=1))
    embedded.mine()
    with pytest.raises(ReceiptTimeout):
        outbox.wait(entry)
    embedded.mine()
    assert outbox.wait(entry).succeeded


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_is_set_changes_no_waiting(
    embedded: EmbeddedChain, clock: Clock, hours: int
) -> None:
    """Set while we wait, it neither ends the waiting nor makes it last for hours."""
    outbox = make_outbox(embedded, clock, confirmations=3, receipt_seconds=5)
    entry = outbox.send(Call(PAYEE, value=1))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.sleep(seconds)

    outbox._sleep = sleep
    outbox._clock = lambda: clock() + (3_600 * hours if slept else 0)
    with pytest.raises(ReceiptTimeout):
        outbox.wait(entry)
    assert sum(slept) == pytest.approx(5)


def test_a_reorganised_transaction_is_sent_again(chain: DevChain, clock: Clock) -> None:
    outbox = make_outbox(chain, clock)
    before = chain.balance(PAYEE)
    mark = chain.snapshot()
    receipt = outbox.execute(Call(PAYEE, value=1), key="pay")
    assert outbox.recover() == []
    chain.revert(mark)
    assert chain.receipt(receipt.transaction) is None
    (waiting,) = outbox.recover()
    again = outbox.wait(waiting)
    assert again.transaction == receipt.transaction
    assert chain.balance(PAYEE) == before + 1
    assert outbox.recover() == []


def test_threads_send_without_gaps(anvil: Anvil) -> None:
    signer = LocalSigner.generate()
    anvil.chain.set_balance(signer.address, 100 * WEI)
    outbox = Outbox(anvil.chain, signer, MemoryJournal())
    payee = LocalSigner.generate().address

    def pay(n: int) -> bool:
        return outbox.execute(Call(payee, value=1), key=f"pay:{n % 12}").succeeded

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(pay, range(24)))
    assert anvil.chain.balance(payee) == 12
    assert anvil.chain.nonce(signer.address) == 12


def test_state_of_another_chain_is_refused(anvil: Anvil, tmp_path: Path) -> None:
    journal = SqlJournal(Database.open(tmp_path / "s" / "journal.db"))
    signer = LocalSigner.generate()
    Outbox(anvil.chain, signer, journal)
    with pytest.raises(WrongChain, match="another state directory"):
        Outbox(EmbeddedChain(), signer, journal)


_SENDER = """
import sys
from pathlib import Path
from harness.chain.json_rpc import HttpTransport
from harness.chain.keys import LocalSigner
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox, SendPolicy
from harness.chain.records import Call
from harness.store.database import Database
from harness.store.journal import SqlJournal

url, state, payee, phrase = sys.argv[1:]
outbox = Outbox(
    NodeChain(HttpTransport(url)),
    LocalSigner.from_phrase(phrase),
    SqlJournal(Database.open(Path(state) / "journal.db")),
    SendPolicy(bump_after_seconds=0.3),
)
outbox.recover()
receipt = outbox.execute(Call(payee, value=7), key="pay")
print(receipt.transaction.hex())
"""


@pytest.mark.parametrize(
    "point", ["journal.reserving", "outbox.signed", "outbox.broadcast", "outbox.bumped"]
)
def test_a_killed_process_pays_exactly_once(anvil: Anvil, tmp_path: Path, point: str) -> None:
    phrase = f"crash at {point} {tmp_path}"
    signer = LocalSigner.from_phrase(phrase)
    anvil.chain.set_balance(signer.address, WEI)
    payee = LocalSigner.generate().address
    command = [
        sys.executable, "-c", _SENDER, anvil.url, str(tmp_path / "state"), payee, phrase,
    ]  # fmt: skip
    anvil.chain.set_automine(point != "outbox.bumped")
    crashed = subprocess.run(
        command,
        env={**os.environ, "FACETWORKS_CRASH_AT": point},
        capture_output=True,
        text=True,
        check=False,
    )
    assert crashed.returncode == 137, crashed.stderr
    anvil.chain.set_automine(True)
    anvil.chain.mine()
    sent_before = anvil.chain.nonce(signer.address)
    assert sent_before == (1 if point in ("outbox.broadcast", "outbox.bumped") else 0)
    restarted = subprocess.run(command, capture_output=True, text=True, check=True)
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert restarted.stdout == again.stdout
    assert anvil.chain.balance(payee) == 7
    assert anvil.chain.nonce(signer.address) == 1
