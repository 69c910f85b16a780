"""Validation requests and answers."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import ZERO
from tests.contracts.identity.agents import NONE, Bureau
from tests.contracts.signing import nonce

ONE, TWO, THREE = nonce(1), nonce(2), nonce(3)


def test_asking(bureau: Bureau) -> None:
    economy = bureau.economy
    for request, who in ((ONE, bureau.alice), (TWO, bureau.bob), (THREE, bureau.carol)):
        receipt = bureau.ask(request, who=who)
        assert receipt.names() == ["ValidationRequest"]
        assert receipt.only("ValidationRequest") == {
            "validatorAddress": bureau.dave,
            "agentId": bureau.agent,
            "requestURI": "ipfs://request",
            "requestHash": request,
        }
        assert bureau.validation.call("getValidationStatus", request) == (
            bureau.dave, bureau.agent, 0, NONE, "", economy.now,
        )  # fmt: skip
        economy.later(5)
    assert bureau.validation.call("getAgentValidations", bureau.agent) == (ONE, TWO, THREE)
    assert bureau.validation.call("getValidatorRequests", bureau.dave) == (ONE, TWO, THREE)
    assert bureau.validation.call("getValidatorRequests", bureau.erin) == ()
    assert bureau.validation.call("getSummary", bureau.agent, [], "") == (0, 0)


def test_refused_requests_in_order(bureau: Bureau) -> None:
    bureau.ask(ONE)
    send = bureau.validation.send
    with reverts("ZeroAddress"):
        send("validationRequest", ZERO, 99, "", ONE, sender=bureau.dave)
    with reverts("RequestExists"):
        send("validationRequest", bureau.dave, 99, "", ONE, sender=bureau.dave)
    for unknown in (99, 0, 2**256 - 1):
        with reverts("UnknownAgent"):
            send("validationRequest", bureau.dave, unknown, "", TWO, sender=bureau.dave)
    with reverts("NotAgentOperator"):
        send("validationRequest", bureau.dave, bureau.agent, "", TWO, sender=bureau.dave)
    assert bureau.validation.call("getAgentValidations", bureau.agent) == (ONE,)


def test_answering_again_and_again(bureau: Bureau) -> None:
    economy = bureau.economy
    bureau.ask(ONE)
    steps = (
        (50, nonce(9), "soft"),
        (100, nonce(8), "x" * 128),
        (0, NONE, ""),
        (7, nonce(9), "hard"),
    )
    for response, digest, tag in steps:
        economy.later(10)
        args = (ONE, response, "ipfs://answer", digest, tag)
        receipt = bureau.validation.send("validationResponse", *args, sender=bureau.dave)
        assert receipt.only("ValidationResponse") == {
            "validatorAddress": bureau.dave,
            "agentId": bureau.agent,
            "requestHash": ONE,
            "response": response,
            "responseURI": "ipfs://answer",
            "responseHash": digest,
            "tag": tag,
        }
        status = (bureau.dave, bureau.agent, response, digest, tag, economy.now)
        assert bureau.validation.call("getValidationStatus", ONE) == status
        assert bureau.validation.call("getSummary", bureau.agent, [], "") == (1, response)


def test_refused_answers_in_order(bureau: Bureau) -> None:
    bureau.ask(ONE)
    long = "x" * 129
    with reverts("UnknownRequest"):
        bureau.answer(TWO, 101, long, who=bureau.erin)
    for other in (bureau.erin, bureau.alice):
        with reverts("NotValidator"):
            bureau.answer(ONE, 101, long, who=other)
    for response in (101, 255):
        with reverts("BadResponse"):
            bureau.answer(ONE, response, long)
    with reverts("TagTooLong"):
        bureau.answer(ONE, 100, long)
    bureau.answer(ONE, 100, long[:128])
    with reverts("UnknownRequest"):
        bureau.validation.call("getValidationStatus", TWO)


def test_summaries(bureau: Bureau) -> None:
    d, e, f = bureau.dave, bureau.erin, bureau.frank
    for n, (validator, response, tag) in enumerate(
        ((d, 100, "hard"), (d, 51, "soft"), (e, 0, "hard"), (f, None, ""), (e, 70, ""))
    ):
        bureau.ask(nonce(n), validator=validator)
        if response is not None:
            bureau.answer(nonce(n), response, tag, who=validator)

    def summary(*validators: bytes, tag: str = "") -> tuple[int, int]:
        return bureau.validation.call("getSummary", bureau.agent, list(validators), tag)

    assert summary() == (4, 55)  # 221 / 4, rounded down
    assert summary(d) == (2, 75) and summary(e) == (2, 35) and summary(d, e) == (4, 55)
    assert summary(d, d) == (2, 75)  # one named twice counts once: this is about requests
    assert summary(f) == (0, 0) and summary(bureau.bob) == (0, 0)
    assert summary(tag="hard") == (2, 50) and summary(e, tag="hard") == (1, 0)
    assert summary(tag="x" * 40) == summary(f, tag="hard") == (0, 0)
    bureau.answer(nonce(1), 51, "hard")
    assert summary(tag="hard") == (3, 50)


@pytest.mark.parametrize(("named", "error"), [(50, None), (51, "BatchTooLarge")])
def test_how_many_validators_may_be_named(bureau: Bureau, named: int, error: str | None) -> None:
    args = ("getSummary", bureau.agent, [bureau.dave] * named, "")
    if error is None:
        assert bureau.validation.call(*args) == (0, 0)
    else:
        with reverts(error, 50):
            bureau.validation.call(*args)


def test_pages(bureau: Bureau) -> None:
    requests = [nonce(n) for n in range(1, 20)]
    for request in requests:
        bureau.ask(request)
    for name, key in (
        ("getAgentValidationsPage", bureau.agent),
        ("getValidatorRequestsPage", bureau.dave),
    ):
        page = lambda start, limit, name=name, key=key: bureau.validation.call(  # noqa: E731
            name, key, start, limit
        )
        assert page(0, 8) == (tuple(requests[:8]), 8)
        assert page(8, 8) == (tuple(requests[8:16]), 16)
        assert page(16, 2**256 - 1) == (tuple(requests[16:]), 19)
        for start, limit in ((19, 1), (2**256 - 1, 5), (0, 0)):
            assert page(start, limit) == ((), 19)
    assert bureau.validation.call("getAgentValidations", bureau.agent) == tuple(requests)
    assert bureau.validation.call("getValidatorRequests", bureau.dave) == tuple(requests)


def test_the_agent_may_change_hands_meanwhile(bureau: Bureau) -> None:
    bureau.ask(ONE)
    bureau.transfer(bureau.erin)
    bureau.answer(ONE, 80)
    assert bureau.validation.call("getSummary", bureau.agent, [], "") == (1, 80)
    for former in (bureau.alice, bureau.bob, bureau.carol):
        with reverts("NotAgentOperator"):
            bureau.ask(TWO, who=former)
    bureau.ask(TWO, who=bureau.erin)
