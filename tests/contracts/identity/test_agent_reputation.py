"""Feedback about agents: giving, revoking, answering, and every way to read it."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.identity.agents import NONE, Bureau
from tests.contracts.signing import nonce

MOST = 10**38


def test_giving_feedback(bureau: Bureau) -> None:
    args = (bureau.agent, -32, 1, "tradingYield", "week", "https://a", "ipfs://f", nonce(7))
    receipt = bureau.reputation.send("giveFeedback", *args, sender=bureau.dave)
    assert receipt.names() == ["NewFeedback"]
    assert receipt.only("NewFeedback") == {
        "agentId": bureau.agent,
        "clientAddress": bureau.dave,
        "feedbackIndex": 1,
        "value": -32,
        "valueDecimals": 1,
        "indexedTag1": keccak(text="tradingYield"),
        "tag1": "tradingYield",
        "tag2": "week",
        "endpoint": "https://a",
        "feedbackURI": "ipfs://f",
        "feedbackHash": nonce(7),
    }
    read = bureau.reputation.call
    assert read("readFeedback", bureau.agent, bureau.dave, 1) == (
        -32, 1, "tradingYield", "week", False,
    )  # fmt: skip
    assert read("getLastIndex", bureau.agent, bureau.dave) == 1
    assert read("getClients", bureau.agent) == (bureau.dave,)
    assert bureau.give(5).only("NewFeedback")["feedbackIndex"] == 2
    assert bureau.give(5, who=bureau.erin).only("NewFeedback")["feedbackIndex"] == 1
    assert read("getClients", bureau.agent) == (bureau.dave, bureau.erin)
    assert read("getLastIndex", bureau.agent, bureau.frank) == 0
    assert read("getIdentityRegistry") == bureau.economy.diamond


def test_the_registries_are_one_from_the_start(bureau: Bureau) -> None:
    for who in (bureau.economy.owner.address, bureau.dave):
        with reverts("AlreadyInitialised"):
            bureau.reputation.call("initialize", bureau.economy.diamond, sender=who)


def test_refused_feedback_in_order(bureau: Bureau) -> None:
    long, nobody = "x" * 129, 99

    def give(agent: int, value: int, decimals: int, tag1: str, tag2: str, who: bytes) -> None:
        args = (agent, value, decimals, tag1, tag2, "", "", NONE)
        bureau.reputation.send("giveFeedback", *args, sender=who)

    with reverts("BadDecimals"):
        give(nobody, MOST + 1, 19, long, long, bureau.alice)
    for value in (MOST + 1, -MOST - 1, 2**127 - 1, -(2**127)):
        with reverts("ValueOutOfRange"):
            give(nobody, value, 18, long, long, bureau.alice)
    for tags in ((long, ""), ("", long)):
        with reverts("TagTooLong"):
            give(nobody, MOST, 18, *tags, bureau.alice)
    with reverts("UnknownAgent"):
        give(nobody, MOST, 18, long[:128], long[:128], bureau.alice)
    with reverts("SelfFeedback"):
        give(bureau.agent, MOST, 18, long[:128], long[:128], bureau.alice)
    assert bureau.reputation.call("getClients", bureau.agent) == ()
    give(bureau.agent, MOST, 18, long[:128], long[:128], bureau.dave)
    give(bureau.agent, -MOST, 0, "", "", bureau.dave)
    assert bureau.reputation.call("readFeedback", bureau.agent, bureau.dave, 1)[2:4] == (
        long[:128],
        long[:128],
    )


def test_revoking(bureau: Bureau) -> None:
    bureau.give(10)
    bureau.give(20)
    receipt = bureau.reputation.send("revokeFeedback", bureau.agent, 1, sender=bureau.dave)
    assert receipt.only("FeedbackRevoked") == {
        "agentId": bureau.agent,
        "clientAddress": bureau.dave,
        "feedbackIndex": 1,
    }
    read = bureau.reputation.call
    assert read("readFeedback", bureau.agent, bureau.dave, 1) == (10, 0, "", "", True)
    assert bureau.summary() == (1, 20, 0)
    assert read("getLastIndex", bureau.agent, bureau.dave) == 2  # a number is not given out again
    for index in (0, 3, 2**64 - 1):
        with reverts("UnknownFeedback"):
            bureau.reputation.send("revokeFeedback", bureau.agent, index, sender=bureau.dave)
    with reverts("UnknownFeedback"):  # somebody else's is not one's own
        bureau.reputation.send("revokeFeedback", bureau.agent, 2, sender=bureau.erin)
    with reverts("AlreadyRevoked"):
        bureau.reputation.send("revokeFeedback", bureau.agent, 1, sender=bureau.dave)


def test_responding(bureau: Bureau) -> None:
    bureau.give(10)
    args = (bureau.agent, bureau.dave, 1, "ipfs://refund", nonce(3))
    receipt = bureau.reputation.send("appendResponse", *args, sender=bureau.alice)
    assert receipt.only("ResponseAppended") == {
        "agentId": bureau.agent,
        "clientAddress": bureau.dave,
        "feedbackIndex": 1,
        "responder": bureau.alice,
        "responseURI": "ipfs://refund",
        "responseHash": nonce(3),
    }
    assert bureau.reputation.call("readFeedback", bureau.agent, bureau.dave, 1) == (
        10, 0, "", "", False,
    )  # fmt: skip
    with reverts("EmptyResponse"):
        args = (bureau.agent, bureau.erin, 9, "", nonce(3))
        bureau.reputation.send("appendResponse", *args, sender=bureau.alice)
    for client, index in ((bureau.dave, 0), (bureau.dave, 2), (bureau.erin, 1), (ZERO, 1)):
        with reverts("UnknownFeedback"):
            bureau.respond(index, who=bureau.alice, client=client)


def test_counting_responses(bureau: Bureau) -> None:
    d, e, f = bureau.dave, bureau.erin, bureau.frank
    for who in (d, d, e):
        bureau.give(1, who=who)
    for client, index, who in (
        (d, 1, f), (d, 1, f), (d, 1, e), (d, 2, f), (e, 1, bureau.alice), (e, 1, e),
    ):  # fmt: skip
        bureau.respond(index, who=who, client=client)
    assert bureau.responses(d, 1) == 3 and bureau.responses(d, 2) == 1
    assert bureau.responses(d, 0) == 4 and bureau.responses(e, 0) == 2
    assert bureau.responses(ZERO, 0) == bureau.responses(ZERO, 1) == 6  # no client, no index
    assert bureau.responses(d, 1, f) == 2 and bureau.responses(d, 1, f, e) == 3
    assert bureau.responses(d, 0, f) == 3 and bureau.responses(e, 0, f) == 0
    assert bureau.responses(ZERO, 0, e) == 2 and bureau.responses(ZERO, 5, e, f) == 5
    assert bureau.responses(d, 1, bureau.bob) == bureau.responses(d, 9) == 0
    assert bureau.responses(d, 9, f) == bureau.responses(f, 0) == bureau.responses(f, 0, f) == 0
    bureau.reputation.send("revokeFeedback", bureau.agent, 1, sender=d)
    bureau.respond(1, who=bureau.alice)  # a revoked one can still be answered
    assert bureau.responses(d, 1) == 4


def test_reading_by_tags(bureau: Bureau) -> None:
    d, e = bureau.dave, bureau.erin
    bureau.give(1, 0, "starred", "", who=d)
    bureau.give(2, 1, "starred", "x" * 40, who=d)
    bureau.give(3, 2, "uptime", "week", who=e)
    bureau.give(4, 0, "", "week", who=d)
    bureau.reputation.send("revokeFeedback", bureau.agent, 1, sender=d)

    def values(*clients: bytes, tag1: str = "", tag2: str = "", revoked: bool = False) -> list[int]:
        args = (bureau.agent, list(clients), tag1, tag2, revoked)
        return list(bureau.reputation.call("readAllFeedback", *args)[2])

    assert values() == [2, 4, 3] and values(revoked=True) == [1, 2, 4, 3]
    assert values(e, d) == [3, 2, 4] and values(e) == [3] and values(bureau.frank) == []
    assert values(tag1="starred") == [2] and values(tag1="starred", revoked=True) == [1, 2]
    assert values(tag2="week") == [4, 3] and values(tag1="uptime", tag2="week") == [3]
    assert values(tag2="x" * 40) == [2] and values(tag1="starre") == values(tag1="x" * 200) == []
    everything = bureau.reputation.call("readAllFeedback", bureau.agent, [], "", "", True)
    assert everything == (
        (d, d, d, e), (1, 2, 3, 1), (1, 2, 4, 3), (0, 1, 0, 2),
        ("starred", "starred", "", "uptime"), ("", "x" * 40, "week", "week"),
        (True, False, False, False),
    )  # fmt: skip
    assert bureau.summary(d, e, tag2="week") == (2, 2, 0)  # (4 + 0.03) / 2 = 2.015, no decimals
    assert bureau.summary(d, tag1="starred") == (1, 2, 1)
    assert bureau.summary(bureau.frank) == (0, 0, 0)


def test_a_summary_needs_clients(bureau: Bureau) -> None:
    bureau.give(1)
    with reverts("NoClients"):
        bureau.reputation.call("getSummary", bureau.agent, [], "", "")


def three(mean: int) -> list[tuple[int, int]]:
    """Values whose mean, in tenths, is this; none of them is out of range."""
    whole = mean // abs(mean) * 5 * 10**37
    rest = 3 * mean - 10 * whole
    return [(whole, 0), (rest // 2, 1), (rest - rest // 2, 1)]


@pytest.mark.parametrize(
    ("given", "summary"),
    [
        ([(87, 0)], (1, 87, 0)),
        ([(1, 0), (2, 0)], (2, 1, 0)),
        ([(-1, 0), (-2, 0)], (2, -1, 0)),  # towards zero
        ([(-3, 0), (2, 0)], (2, 0, 0)),
        ([(9977, 2), (10000, 2)], (2, 9988, 2)),
        ([(1, 0), (15, 1)], (2, 1, 0)),  # a tie: fewer decimals
        ([(1, 0), (15, 1), (25, 1)], (3, 16, 1)),  # 5 / 3 = 1.66
        ([(1, 18), (2, 18)], (2, 1, 18)),
        ([(1, 18), (1, 0), (1, 0)], (3, 0, 0)),
        ([(5, 3), (5, 5)], (2, 2, 3)),  # 0.002525
        ([(MOST, 0), (-MOST, 0)], (2, 0, 0)),
        ([(MOST, 0), (MOST, 0)], (2, MOST, 0)),
        ([(-MOST, 18)], (1, -MOST, 18)),
        # The mean at one decimal is the smallest int128, one less, the largest, one more.
        (three(-(2**127)), (3, -(2**127), 1)),
        (three(-(2**127) - 1), (3, -(2**127 // 10), 0)),
        (three(2**127 - 1), (3, 2**127 - 1, 1)),
        (three(2**127), (3, 2**127 // 10, 0)),
    ],
)
def test_summaries(
    bureau: Bureau, given: list[tuple[int, int]], summary: tuple[int, int, int]
) -> None:
    for value, decimals in given:
        bureau.give(value, decimals)
    assert bureau.summary() == summary


def test_a_client_named_twice_counts_twice(bureau: Bureau) -> None:
    bureau.give(1)
    bureau.give(4, who=bureau.erin)
    assert bureau.summary(bureau.dave, bureau.dave, bureau.erin) == (3, 2, 0)


def test_pages(bureau: Bureau) -> None:
    for n in range(5):
        bureau.give(n, n, "t", str(n))
    bureau.reputation.send("revokeFeedback", bureau.agent, 2, sender=bureau.dave)
    page = lambda start, limit: bureau.reputation.call(  # noqa: E731
        "readFeedbackPage", bureau.agent, bureau.dave, start, limit
    )
    assert page(0, 2) == ((0, 1), (0, 1), ("t", "t"), ("0", "1"), (False, True), 2)
    assert page(2, 200) == (
        (2, 3, 4), (2, 3, 4), ("t",) * 3, ("2", "3", "4"), (False,) * 3, 5,
    )  # fmt: skip
    for start, limit in ((5, 2), (6, 2), (2**256 - 1, 2), (1, 0)):
        assert page(start, limit) == ((), (), (), (), (), 5)
    for who in (bureau.erin, bureau.frank):
        bureau.give(1, who=who)
    clients = bureau.reputation.call
    assert clients("getClientsPage", bureau.agent, 0, 2) == ((bureau.dave, bureau.erin), 2)
    assert clients("getClientsPage", bureau.agent, 2, 2**256 - 1) == ((bureau.frank,), 3)
    for start, limit in ((3, 1), (2**256 - 1, 2), (0, 0)):
        assert clients("getClientsPage", bureau.agent, start, limit) == ((), 3)


def test_agents_are_apart(bureau: Bureau) -> None:
    other = bureau.register()
    bureau.give(1)
    bureau.give(9, agent=other)
    assert bureau.summary() == (1, 1, 0)
    assert bureau.reputation.call("getSummary", other, [bureau.dave], "", "") == (1, 9, 0)
    bureau.respond(1, who=bureau.erin)
    assert bureau.reputation.call("getResponseCount", other, ZERO, 0, []) == 0


def test_what_was_said_outlives_the_agent(bureau: Bureau) -> None:
    economy = bureau.economy
    economy.main.send("clearMain", sender=bureau.alice)
    bureau.give(87)
    economy.release.send("releaseName", bureau.agent, sender=bureau.alice)
    assert bureau.summary() == (1, 87, 0)
    with reverts("UnknownAgent"):
        bureau.give(1)
    bureau.respond(1, who=bureau.erin)
    bureau.reputation.send("revokeFeedback", bureau.agent, 1, sender=bureau.dave)
    assert bureau.summary() == (0, 0, 0)


def test_named_identities_get_feedback_too(economy: Economy) -> None:
    named, dave = economy.register("alice", "alice"), economy.address("dave")
    args = (named, 5, 0, "", "", "", "", NONE)
    economy.agent_reputation.send("giveFeedback", *args, sender=dave)
    assert economy.agent_reputation.call("getSummary", named, [dave], "", "") == (1, 5, 0)
