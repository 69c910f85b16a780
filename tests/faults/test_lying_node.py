"""A node that lies, lags or talks nonsense, one of a service's own: what that service does then.

Nobody serves, pays or writes off on the word of a node that contradicts itself; what a node hides is
found out later. After each the books agree (the fixture `market`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.chain.errors import NodeError
from harness.devnet.world import dev_key
from harness.errors import ConfigError
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.protocol.spending import RequestState
from harness.services.facilitator.app import build_office as open_facilitator
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.indexer.app import build_office as open_indexer
from harness.services.indexer.settings import IndexerSettings
from harness.services.operator import gate
from harness.services.operator.app import Operator
from tests.crash.theatre import PAYERS
from tests.faults.conftest import Answered
from tests.faults.liar import Lie
from tests.faults.market import FaultyMarket, chain_of, eventually
from tests.faults.wire import Fault, Kind

_names = (f"lie-{number}" for number in itertools.count())


def nothing(_answer: Any) -> Any:
    return None


NONSENSE: list[tuple[str, str, Lie]] = [
    ("null", "eth_call", nothing),
    ("empty", "eth_call", lambda _: "0x"),
    ("half a word", "eth_call", lambda answer: answer[:-1]),
    ("a word too few", "eth_call", lambda answer: answer[:66] if len(answer) > 66 else "0x00"),
    ("an object", "eth_call", lambda answer: {"result": answer}),
    ("no block", "eth_getBlockByNumber", lambda _: {}),
]


@pytest.mark.parametrize(("what", "method", "lie"), NONSENSE, ids=[what for what, _, _ in NONSENSE])
def test_an_operator_serves_nothing_on_nonsense(
    market: FaultyMarket,
    answered: Answered,
    what: str,
    method: str,
    lie: Lie,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reservation was not read, so nothing is assumed about it, and the model is not asked."""
    monkeypatch.setattr(gate, "READING_SECONDS", 0.0)  # nor was it five seconds ago
    key, asked = next(_names), market.model.calls
    market.nodes["operator"].lie(method, lie)
    assert market.ask("vault", key) == (502, "upstream_error")
    assert market.model.calls == asked
    market.recover()
    market.until_served("vault", key)
    answered["vault"][key] = 1


def test_an_operator_whose_node_lags_serves_by_the_older_reservation(
    market: FaultyMarket, answered: Answered
) -> None:
    """What it has read covers less than the truth, so it never serves more than is locked."""
    node = market.nodes["operator"]
    keys = [next(_names) for _ in range(3)]
    market.until_served("vault", keys[0])
    node.freeze()
    for key in keys[1:]:
        market.until_served("vault", key)
    answered["vault"] |= dict.fromkeys(keys, 1)
    consumer = dev_key(PAYERS["vault"]).address
    tab = market.operator.tabs.newest(consumer)
    pair = market.vault.ops(consumer, dev_key("operator").address)
    assert tab is not None and tab.owed <= tab.collectable <= pair.redeemed + pair.locked


def test_a_sidecar_whose_node_talks_nonsense_reserves_nothing(
    market: FaultyMarket, answered: Answered
) -> None:
    key = next(_names)
    market.run(_forget_purses(market))
    market.nodes["vault"].lie("eth_call", lambda _: "0x")
    assert market.ask("vault", key) == (502, "chain_unavailable")
    market.recover()
    market.until_served("vault", key)
    answered["vault"][key] = 1


async def _forget_purses(market: FaultyMarket) -> None:
    rail = market.sidecars["vault"].vault
    assert rail is not None
    rail.reservations.purses.clear()


@pytest.mark.parametrize(
    ("method", "lie"),
    [
        ("eth_getCode", lambda _: "0x"),  # there is no vault
        ("eth_call", lambda _: "0x" + "11" * 32),  # it has another domain
        ("eth_call", nothing),
    ],
)
def test_a_vault_that_cannot_be_verified_is_not_paid(
    market: FaultyMarket, answered: Answered, method: str, lie: Lie
) -> None:
    key, deposited = next(_names), market.vault.balance(dev_key(PAYERS["vault"]).address)
    market.run(_forget_identity(market))
    market.nodes["vault"].lie(method, lie)
    assert market.ask("vault", key) == (502, "vault_unverified")
    assert market.vault.balance(dev_key(PAYERS["vault"]).address) == deposited
    market.recover()
    market.until_served("vault", key)
    answered["vault"][key] = 1


async def _forget_identity(market: FaultyMarket) -> None:
    """As after an hour."""
    identity = market.sidecars["vault"]._identity
    identity._found = None
    await _forget_purses(market)


HIDDEN = [
    ("no receipt", "eth_getTransactionReceipt", nothing),
    ("another's receipt", "eth_getTransactionReceipt",
     lambda answer: answer and {**answer, "transactionHash": "0x" + "22" * 32}),
    ("a failed receipt of nonsense", "eth_getTransactionReceipt", lambda answer: answer and {}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "method", "lie"), HIDDEN, ids=[what for what, _, _ in HIDDEN])
def test_a_facilitator_never_pays_twice_because_a_node_hides_the_first(
    market: FaultyMarket, answered: Answered, what: str, method: str, lie: Lie
) -> None:
    """The payment is mined and its receipt kept from us: pending, however often it is asked for."""
    key, node = next(_names), market.nodes["facilitator"]
    before = market.dollar.balance_of(dev_key("operator").address)
    node.lie(method, lie)
    status, code = market.ask("exact", key)
    assert code in ("payment_unknown", f"echo {key}"), (status, code)  # the chain may tell in time
    assert market.ask("exact", key)[1] in ("payment_unknown", f"echo {key}")
    market.recover()
    market.until_served("exact", key)
    answered["exact"][key] = 1
    paid = market.dollar.balance_of(dev_key("operator").address) - before
    row = market.run(_row(market, key))
    assert row is not None and paid == row.charged > 0


async def _row(market: FaultyMarket, key: str) -> Any:
    sidecar = market.sidecars["exact"]
    return (await sidecar.workers.journal(sidecar.journal.under_key, key))[0]


def test_a_send_whose_answer_is_an_error_is_sent_again_as_it_was(
    market: FaultyMarket, answered: Answered
) -> None:
    """The bytes went out and the node says that it is busy: identical bytes, one transaction."""
    key, node = next(_names), market.nodes["facilitator"]
    before = market.chain.nonce(dev_key("facilitator").address)

    def swallow(_answer: Any) -> Any:
        raise NodeError("timed out", None)

    node.lie("eth_sendRawTransaction", swallow)
    market.ask("exact", key)
    market.recover()
    market.until_served("exact", key)
    answered["exact"][key] = 1
    assert market.chain.nonce(dev_key("facilitator").address) == before + 1


def test_a_watcher_writes_nothing_off_by_two_nodes_that_disagree(
    market: FaultyMarket, answered: Answered
) -> None:
    """One shows a block after the authorisation's end, the other has not seen its payment yet."""
    watcher, node = market.sidecars["exact"]._watcher, market.nodes["exact"]
    key = next(_names)
    node.fail()  # until both stories are in place
    market.wires["exact_relay"].break_(Fault(Kind.ANSWER_LOST, b"/v1/chat", skip=1))
    assert market.ask("exact", key)[1] == "payment_unknown"
    row = market.run(_row(market, key))
    assert row is not None and row.state.open
    node.lie("eth_getBlockByNumber", lambda block: {**block, "timestamp": hex(2**40)})
    node.lie("eth_call", lambda _: "0x" + "00" * 32, lambda params: params[1] == "latest")
    node.answer_again()
    eventually(lambda: market.run(watcher.resolve(row.id)), "the payment's end")
    found = market.run(_row(market, key))
    assert (found.state, found.charged) == (RequestState.SETTLED, row.hold)
    market.recover()
    market.until_served("exact", key)
    answered["exact"][key] = 1


def test_nobody_is_accused_because_a_receipt_was_away_for_a_moment(
    market: FaultyMarket, answered: Answered
) -> None:
    """As when the block of the payment leaves the chain between two reads, and comes back."""
    watcher, node = market.sidecars["exact"]._watcher, market.nodes["exact"]
    eventually(lambda: len(watcher) == 0, "the end of earlier payments")
    hidden = iter([True])
    node.lie("eth_getTransactionReceipt", lambda receipt: None if next(hidden, False) else receipt)
    market.until_served("exact", key := next(_names))
    answered["exact"][key] = 1
    eventually(lambda: len(watcher) == 0, "the payment's end")
    assert next(hidden, None) is None, "nobody asked"
    assert market.run(_row(market, key)).state is RequestState.SETTLED


def test_the_end_of_a_payment_is_written_once(market: FaultyMarket, answered: Answered) -> None:
    """The watcher looks at the moment that its client asks again: one of them writes it down."""
    watcher, node = market.sidecars["exact"]._watcher, market.nodes["exact"]
    key = next(_names)
    node.fail()  # nobody looks before we do
    market.wires["exact_relay"].break_(Fault(Kind.ANSWER_LOST, b"/v1/chat", skip=1))
    assert market.ask("exact", key)[1] == "payment_unknown"
    row = market.run(_row(market, key))
    node.tell_the_truth()

    async def both() -> list[bool]:
        return list(await asyncio.gather(*(watcher.resolve(row.id) for _ in range(4))))

    assert True in market.run(both())
    market.recover()
    market.until_served("exact", key)
    answered["exact"][key] = 1


def test_an_indexer_waits_for_a_node_that_lags_and_reads_on(
    market: FaultyMarket, answered: Answered
) -> None:
    follower, node = market.indexer.follower, market.nodes["indexer"]
    eventually(lambda: follower.head is not None, "the first look")
    node.freeze()
    key = next(_names)
    market.until_served("exact", key)
    answered["exact"][key] = 1
    mined = market.chain.block().number
    eventually(lambda: node.asked["eth_getBlockByNumber"] > 3, "some looks")
    assert follower.head is not None and follower.head.followed < mined
    rolled_back = follower.rolled_back
    market.recover()
    eventually(lambda: follower.head.followed >= mined, "catching up")  # type: ignore[union-attr]
    assert follower.rolled_back == rolled_back  # late is not otherwise


@pytest.mark.parametrize(
    "lie", [nothing, lambda _: [{}], lambda logs: [{**log, "blockNumber": "0x0"} for log in logs]]
)
def test_an_indexer_keeps_nothing_of_nonsense(
    market: FaultyMarket, answered: Answered, lie: Lie
) -> None:
    """It stays where it is and says so; told the truth, it has the same as one that never heard a lie."""
    follower, node = market.indexer.follower, market.nodes["indexer"]
    node.lie("eth_getLogs", lie)
    key = next(_names)
    market.until_served("exact", key)
    answered["exact"][key] = 1
    asked = node.asked["eth_getLogs"]
    eventually(lambda: node.asked["eth_getLogs"] > asked + 1, "a look or two")
    market.recover()
    mined = market.chain.block().number
    eventually(lambda: follower.head.followed >= mined, "catching up")  # type: ignore[union-attr]


def test_nobody_starts_on_another_chain(market: FaultyMarket, tmp_path: Path) -> None:
    """A node of another chain is refused by name before anything is served."""
    world, chain_id = market.world, market.chain.chain_id
    tmp_path.chmod(0o700)
    for node in market.nodes.values():
        node.lie("eth_chainId", lambda _: hex(8_453))
    ways: list[Callable[[], Any]] = [
        lambda: open_facilitator(
            FacilitatorSettings(
                rpc="", chain_id=chain_id, key="0x" + "11" * 32, state=tmp_path, assets=(world.dollar,)
            ),
            chain_of(market, "facilitator"),
        ),
        lambda: open_indexer(
            IndexerSettings(rpc="", chain_id=chain_id, diamond=world.diamond, usdc=world.dollar, state=tmp_path),
            chain_of(market, "indexer"),
        ),
        lambda: Operator(
            market.operator.settings, dev_key("operator"), Router([MockProvider(("mock-echo",))]),
            chain_of(market, "operator"),
        ),
    ]  # fmt: skip
    for way in ways:
        with pytest.raises((NodeError, ConfigError), match="8453"):
            way()
    with pytest.raises(NodeError, match="8453"):
        _ = chain_of(market, "vault").chain_id
