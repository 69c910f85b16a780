"""Our clients believe only what a service is documented to say, and never lose a receipt to nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.errors import NoSuchRoute, Refused, ServiceError, Unreachable
from harness.clients.facilitator import FacilitatorClient
from harness.clients.redeeming import Disposition
from harness.protocol.vault import Receipt, SignedReceipt

A, B = "0x00000000000000000000000000000000000000A1", "0x00000000000000000000000000000000000000B2"
HASH = "0x" + "ab" * 32
STATE = {
    "balance": "5", "lockedTotal": "0", "withdrawable": "5", "sessionKey": A, "reserveNonce": "0",
    "keyEpoch": "0", "withdrawRequestedAt": "0", "withdrawAuthorized": "0",
}  # fmt: skip
SIGNED = SignedReceipt(Receipt(A, B, 700, 0, 3), b"\1" * 65)
CONFIRMED = {"status": "confirmed", "transaction": HASH, "cumulative": "700", "cycle": "3"}

Work = Callable[[FacilitatorClient], Awaitable[Any]]


def asked(work: Work, *answers: httpx.Response | Exception) -> Any:
    """What `work` makes of these answers, each by a URL of its own."""
    waiting = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        found = waiting.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def main() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            urls = [f"http://facilitator{number}" for number in range(len(answers))]
            return await work(FacilitatorClient(urls, http))

    return asyncio.run(main())


def told(document: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=document)


def state(client: FacilitatorClient) -> Awaitable[Any]:
    return client.vault_state(A)


def redeemed(*answers: httpx.Response | Exception) -> Disposition:
    answer = asked(lambda client: client.redeem(SIGNED), *answers)
    found: Disposition = answer.disposition(SIGNED.receipt)
    return found


def test_a_documented_answer_is_read() -> None:
    assert asked(state, told(STATE)).withdrawable == 5


@pytest.mark.parametrize(
    "change",
    [{"balance": 5}, {"balance": "-5"}, {"balance": "5.0"}, {"balance": None}, {"sessionKey": "0x12"}, {"sessionKey": 1}],
)  # fmt: skip
def test_any_other_answer_is_no_answer(change: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        asked(state, told({**STATE, **change}))


@pytest.mark.parametrize("missing", STATE)
def test_a_missing_member_is_no_answer(missing: str) -> None:
    with pytest.raises(Unreachable):
        asked(state, told({k: v for k, v in STATE.items() if k != missing}))


@pytest.mark.parametrize(
    "first",
    [httpx.ConnectError("away"), httpx.ReadTimeout("slow"), told({}, 500), httpx.Response(200, content=b"[" * 100_000),
     httpx.Response(200, content=b"<html>"), told([1])],
)  # fmt: skip
def test_the_next_url_is_asked_when_one_does_not_answer(first: httpx.Response | Exception) -> None:
    assert asked(state, first, told(STATE)).balance == 5


def test_a_refusal_is_an_answer() -> None:
    with pytest.raises(Refused) as refused:
        asked(state, told({"error": {"code": "bad_consumer", "message": "no"}}, 400), told(STATE))
    assert (refused.value.status, refused.value.code) == (400, "bad_consumer")


def test_a_receipt_is_collected_only_by_what_covers_it() -> None:
    assert redeemed(told(CONFIRMED)) is Disposition.COLLECTED
    for change in ({"cumulative": "699"}, {"cycle": "2"}, {"cycle": "4"}):
        assert redeemed(told({**CONFIRMED, **change})) is Disposition.RETRY
    already = {"status": "already-redeemed", "redeemed": "700", "cycle": "3"}
    assert redeemed(told(already)) is Disposition.COLLECTED
    assert redeemed(told({**already, "redeemed": "699"})) is Disposition.RETRY
    assert redeemed(httpx.ConnectError("away")) is Disposition.RETRY


LOST_WAY = [
    httpx.Response(404, content=b"<html>no such page</html>"),
    httpx.Response(404),
    httpx.Response(405, content=b"Method Not Allowed"),
]


@pytest.mark.parametrize("answer", LOST_WAY, ids=lambda a: f"{a.status_code} {a.content!r}")
def test_a_proxy_that_knows_no_such_path_says_nothing_about_money(answer: httpx.Response) -> None:
    with pytest.raises(NoSuchRoute):
        asked(lambda client: client.settlement(HASH), answer, answer)
    assert redeemed(answer, answer) is Disposition.RETRY
    assert asked(state, answer, told(STATE)).balance == 5


def test_a_settlement_is_unknown_by_the_facilitators_own_word() -> None:
    unknown = {"error": {"code": "not_found", "message": "no settlement with this digest"}}
    assert asked(lambda client: client.settlement(HASH), told(unknown, 404)) is None
    for document in ({}, {"detail": "Not Found"}, {"error": "not_found"}):
        with pytest.raises(Unreachable):
            asked(lambda client: client.settlement(HASH), told(document, 404))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([HASH, "700", "3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from([*CONFIRMED, "redeemed", "reason", "error", "coalesced"]), ANYTHING),
    st.sampled_from([200, 400, 404, 426, 429]),
)  # fmt: skip
def test_no_nonsense_makes_a_receipt_collected(document: dict[str, Any], status: int) -> None:
    documented = document.get("status") in ("confirmed", "already-redeemed")
    if not documented:
        assert redeemed(told(document, status)) is not Disposition.COLLECTED


@given(ANYTHING, st.sampled_from([200, 400, 500]))
def test_whatever_is_answered_ends_in_a_result_or_in_words(document: Any, status: int) -> None:
    for work in (state, lambda client: client.vault_info(), lambda client: client.vault_ops(A, B)):
        try:
            asked(work, told(document, status))
        except ServiceError:
            continue
