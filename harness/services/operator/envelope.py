"""What a consumer asks, taken out of its envelope and checked: the body that is priced and forwarded."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from harness.inference.request import BadRequest, sanitise
from harness.protocol.addresses import Address
from harness.protocol.json_text import parse_json, refuse_halves
from harness.protocol.sealed import OperatorKey, SealError
from harness.services.operator.answers import refuse
from harness.services.operator.job import Job

_OPEN = frozenset({"model", "stream", "_enc"})
_NOTHING = [{"role": "user", "content": ""}]
MAX_EXCHANGES = 100_000


class Envelopes:
    """Opens requests, and knows which exchanges were answered already.

    A sealed stream uses each of its numbers once, so an envelope that was answered is never answered with
    another stream, and never buys new work on a tab.
    """

    def __init__(self, key: OperatorKey, operator: Address) -> None:
        self._operator = operator
        self._used: set[str] = set()
        self.key = key

    @property
    def worn(self) -> bool:
        """Whether it is time for another key: what was answered must be remembered as long as one is used."""
        return len(self._used) >= MAX_EXCHANGES

    def renew(self, key: OperatorKey) -> None:
        self.key = key
        self._used.clear()

    def open(self, job: Job, *, quoted_only: bool) -> None:
        """Fill in the job's body, channel and fingerprint. Raises Refusal (400)."""
        body = job.request.body
        if "_enc" in body:
            body = self._unsealed(job, body)
        if quoted_only and "messages" not in body and "prompt" not in body:
            body = {**body, "messages": _NOTHING}  # a quote never needs the prompt
        try:
            job.body = sanitise(body, enclosed="x-client-pub-key" in job.headers)
        except BadRequest as bad:
            raise refuse(
                400,
                bad.code,
                f"{bad}; correct it and send the request again",
                field=bad.field,
            ) from None
        canonical = json.dumps(job.body, sort_keys=True, separators=(",", ":"))
        job.fingerprint = "0x" + hashlib.sha256(canonical.encode()).hexdigest()

    def close(self, job: Job) -> None:
        """The job is over: an exchange in which nothing was sealed may come again."""
        if job.channel is not None and not job.sealed and not job.repeated:
            self._used.discard(job.channel.exchange)

    def _unsealed(self, job: Job, outer: dict[str, Any]) -> dict[str, Any]:
        if set(outer) - _OPEN:
            raise refuse(
                400,
                "mixed_plaintext",
                "an encrypted request carries only model, stream and _enc in the open; "
                "put everything else inside the envelope",
            )
        try:
            plain, channel = self.key.open(outer["_enc"], self._operator)
        except SealError as bad:
            raise refuse(
                400,
                "seal_error",
                f"{bad}; read the operator's encryption key again and seal the request anew",
            ) from None
        try:
            body = parse_json(plain)
            refuse_halves(plain, body)
        except ValueError as bad:
            raise refuse(400, "bad_request", f"the envelope holds no JSON: {bad}") from None
        if not isinstance(body, dict) or body.get("model") != outer.get("model"):
            raise refuse(
                400,
                "model_mismatch",
                "the model inside the envelope is not the one outside; send the same in both",
            )
        job.channel = channel
        job.repeated = channel.exchange in self._used
        self._used.add(channel.exchange)
        # How the relay carries the answer was decided by what it could read.
        return {**body, "stream": outer.get("stream") is True}
