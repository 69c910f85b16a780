"""The statements that an operator runs for every request, built once: building one costs more than running it.

Their parameters end with `_` where a column has the name. Values of an insert or an update are given when
it is run.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, or_, select, update

from harness.store.operator_tables import events, requests, tabs

_TAB = (
    (tabs.c.vault == bindparam("vault_"))
    & (tabs.c.consumer == bindparam("consumer_"))
    & (tabs.c.cycle == bindparam("cycle_"))
)

REQUEST = select(requests).where(requests.c.id == bindparam("id_"))
REQUEST_OF_KEY = select(requests).where(requests.c.idempotency == bindparam("idempotency_"))
REQUEST_OF_PAYMENT = select(requests).where(requests.c.payment == bindparam("payment_"))
ADD_REQUEST = insert(requests)
MARK_REQUEST = update(requests).where(requests.c.id == bindparam("id_"))
FORGET_UNCHARGED = delete(requests).where(
    or_(requests.c.state == bindparam("released_"), requests.c.state == bindparam("voided_")),
    or_(
        requests.c.id == bindparam("id_"),
        requests.c.idempotency == bindparam("idempotency_"),
    ),
)

TAB = select(tabs).where(_TAB)
ADD_TAB = insert(tabs)
CHANGE_TAB = update(tabs).where(_TAB)

EVENT = select(events.c.id).where(events.c.id == bindparam("id_"))
ADD_EVENT = insert(events)
RELEASE_EVENT = update(events).where(
    events.c.id == bindparam("id_"), events.c.state == bindparam("held_")
)
DUE_EVENTS = (
    select(events)
    .where(events.c.state == bindparam("pending_"), events.c.next_at <= bindparam("now_"))
    .order_by(events.c.next_at)
    .limit(bindparam("most_"))
)
RECORD_EVENT = (
    update(events)
    .where(events.c.id == bindparam("id_"))
    .values(
        attempts=events.c.attempts + 1,
        state=bindparam("state_"),
        next_at=bindparam("at_"),
        reason=bindparam("reason_"),
    )
)
