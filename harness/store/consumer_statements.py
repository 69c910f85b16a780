"""The statements that a sidecar runs for every request, built once: building one costs more than running it.

Their parameters end with `_` where a column has the name. Values of an insert or an update are given when
it is run.
"""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from harness.store.consumer_tables import audit, receipts, requests, results

_CYCLE = (
    (receipts.c.vault == bindparam("vault_"))
    & (receipts.c.operator == bindparam("operator_"))
    & (receipts.c.epoch == bindparam("epoch_"))
    & (receipts.c.cycle == bindparam("cycle_"))
)
_RECEIPT = _CYCLE & (receipts.c.cumulative == bindparam("cumulative_"))

ADD_REQUEST = insert(requests)
STATE = select(requests.c.state).where(requests.c.id == bindparam("id_"))
CHARGE = select(requests.c.charged, requests.c.state).where(requests.c.id == bindparam("id_"))
CHANGE_REQUEST = update(requests).where(requests.c.id == bindparam("id_"))
UNDER_KEY = (
    select(requests)
    .where(requests.c.idempotency == bindparam("idempotency_"))
    .order_by(requests.c.created_at)
)

CUMULATIVE = select(receipts.c.cumulative).where(_CYCLE)
ADD_RECEIPT = insert(receipts)
CHANGE_CYCLE = update(receipts).where(_CYCLE)
RECEIPT_STATE = select(receipts.c.state).where(_RECEIPT)
CHANGE_RECEIPT = update(receipts).where(_RECEIPT)

RESULT = select(results).where(results.c.idempotency == bindparam("idempotency_"))
ADD_RESULT = insert(results)

ADD_AUDIT = insert(audit)
