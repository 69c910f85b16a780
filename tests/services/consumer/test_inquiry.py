"""What becomes of requests that a crash cut off, by what their operators say of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.protocol.spending import RequestState
from harness.protocol.vault_request import UNKNOWN
from harness.services.consumer.inquiry import TRAVEL_SECONDS, Inquiry
from harness.services.consumer.purse import Orphan, Purse
from harness.services.consumer.relay import Broken, RelayReply
from harness.store.consumer import ConsumerJournal

from .test_tab import SOMEBODY, Slow, bookkeeper, journal

__all__ = ["journal"]

RELEASED, RECEIPTED = RequestState.RELEASED, RequestState.RECEIPTED


def told(state: str, amount: Any = "7", cycle: Any = "1", **more: Any) -> RelayReply:
    body = {"object": "halo.charge", "state": state, "amountUsdc": amount, "cycle": cycle} | more
    return RelayReply(200, {}, b"", body)


def failed(status: int, code: str) -> RelayReply:
    return RelayReply(status, {}, b"", {"error": {"code": code}})


class Relay:
    """Gives its answers in turn, the last one for ever."""

    def __init__(self, *answers: RelayReply | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, dict[str, str]]] = []

    async def post(self, body: Any, headers: dict[str, str], seconds: float) -> RelayReply:
        self.asked.append((body, headers))
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found


def inquire(
    journal: ConsumerJournal, relay: Relay, charged: int = 0, seconds: float = 0.0
) -> tuple[Purse, tuple[RequestState, int]]:
    """`r0`, sent with a ceiling of 10 so many seconds ago, after some rounds of asking."""
    journal.advance("r0", RequestState.SENT, "", charged=charged, digest=b"\xab" * 32)
    row = journal.find("r0")
    assert row is not None
    purse = Purse(SOMEBODY, 0, 1, 100, 0, 10**10, 0)  # type: ignore[arg-type]
    purse.orphans["r0"] = Orphan(10 - charged, charged)

    def prove(operator: str, key: str) -> str:
        assert (operator, key) == (SOMEBODY, "ab" * 32)
        return "proof"

    inquiry = Inquiry(
        SOMEBODY, {SOMEBODY: purse}, relay, prove, bookkeeper(journal, Slow()), journal, Slow(),
        lambda: row.created_at + seconds, 0.001,
    )  # type: ignore[arg-type]  # fmt: skip

    async def scene() -> None:
        try:
            async with asyncio.timeout(0.2):
                await inquiry.run()
        except TimeoutError:
            pass

    asyncio.run(scene())
    row = journal.find("r0")
    assert row is not None
    return purse, (row.state, row.charged)


@pytest.mark.parametrize(
    ("reply", "charged", "outcome", "owed"),
    [
        (told("delivered"), 0, (RECEIPTED, 7), 7),
        (told("delivered"), 4, (RECEIPTED, 7), 3),  # interim receipts were for 4
        (told("delivered"), 7, (RECEIPTED, 7), 0),
        (told("delivered", "3"), 4, (RECEIPTED, 4), 0),  # nothing is taken back
        (told("delivered", "5000"), 4, (RECEIPTED, 10), 6),  # the ceiling it was sent with
        (told("delivered", cycle="2"), 0, (RELEASED, 0), 0),  # nothing of this cycle
        (told("voided"), 0, (RELEASED, 0), 0),
        (told("released"), 4, (RECEIPTED, 4), 0),
    ],
)
def test_what_it_came_to_is_owed_once(
    journal: ConsumerJournal,
    reply: RelayReply,
    charged: int,
    outcome: tuple[RequestState, int],
    owed: int,
) -> None:
    relay = Relay(reply)
    purse, found = inquire(journal, relay, charged)
    assert found == outcome and purse.cumulative == owed and purse.orphans == {}
    ((body, headers),) = relay.asked
    assert body == {"model": "m"}, "no prompt is kept, so none is sent"
    assert headers["X-Halo-Probe"] == "charge" and headers["X-Halo-Vault-Proof"] == "proof"
    assert headers["Idempotency-Key"] == "ab" * 32


@pytest.mark.parametrize(
    "reply",
    [
        told("admitted"),
        told("answered"),
        told("delivered", "-7"),
        told("delivered", None),
        told("delivered", object="chat.completion"),
        failed(503, "operator_unavailable"),
        failed(404, "not_found"),  # somebody else's 404
        failed(404, UNKNOWN),  # it may be on its way
        failed(401, "vault_proof_invalid"),
        RelayReply(200, {}, b"", None),
        Broken("ended"),
    ],
)
def test_what_is_not_known_is_asked_again(
    journal: ConsumerJournal, reply: RelayReply | Exception
) -> None:
    relay = Relay(reply)
    purse, found = inquire(journal, relay)
    assert found == (RequestState.SENT, 0) and "r0" in purse.orphans and len(relay.asked) > 1
    relay.answers = [Broken("ended"), told("admitted"), told("delivered")]
    purse, found = inquire(journal, relay)
    assert found == (RECEIPTED, 7)


def test_an_operator_that_never_heard_of_it_is_owed_nothing(journal: ConsumerJournal) -> None:
    _, found = inquire(journal, Relay(failed(404, UNKNOWN)), seconds=TRAVEL_SECONDS + 1)
    assert found == (RELEASED, 0)
