"""Whether a request on credit comes from whom it names: signed by the session key the vault knows.

Without this a stranger could have work done up to a consumer's credit window, at the operator's cost.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.protocol.addresses import Address
from harness.protocol.vault import vault_domain
from harness.protocol.vault_request import MAX_LIFETIME, read_proof
from harness.services.operator.answers import Refusal, refuse
from harness.services.operator.gate import Gate
from harness.services.operator.job import Job

HEADER = "x-halo-vault-proof"


class ProofDesk:
    """Checks proofs for one operator and vault."""

    def __init__(
        self,
        chain_id: int,
        vault: Address,
        operator: Address,
        gate: Gate,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._separator = vault_domain(chain_id, vault).separator
        self._operator = operator
        self._gate = gate
        self._clock = clock

    async def check(self, job: Job, consumer: Address, proof: str | None) -> None:
        """Raises Refusal (401 vault_proof_invalid), ChainUnread."""
        exchange = job.channel.exchange if job.channel is not None else job.key
        if not proof:
            raise _refusal("X-Halo-Vault-Proof is missing")
        if exchange is None:
            raise _refusal("a request in the open needs an Idempotency-Key, which its proof covers")
        try:
            deadline, signer = read_proof(
                proof, consumer, self._operator, exchange, self._separator
            )
        except ValueError as bad:
            raise _refusal(f"X-Halo-Vault-Proof: {bad}") from None
        ahead = deadline - self._clock()
        if ahead <= 0:
            raise _refusal("the proof has expired; is the clock right?")
        if ahead > MAX_LIFETIME:
            raise _refusal(f"the proof is valid for more than {MAX_LIFETIME} s")
        known = await self._gate.session_key(consumer)
        if known.signer == signer or not known.set:  # without a key there is no credit to spend
            return
        # The key may have been changed since it was read.
        if (await self._gate.session_key(consumer, fresh=True)).signer != signer:
            raise _refusal("not signed by the session key that the vault knows for this consumer")


def _refusal(why: str) -> Refusal:
    return refuse(
        401,
        "vault_proof_invalid",
        f"{why}; sign each request with the consumer's session key",
        "authentication_error",
    )
