"""What a request is answered with, and the refusals that every rail shares."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

MAX_MESSAGE, MAX_CODE = 500, 100


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON body, before sealing.

    `raw` is the body as an enclave signed it, byte for byte; it is what gets sealed.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def success(self) -> bool:
        return 200 <= self.status < 300

    def to_bytes(self) -> bytes:
        """As it is kept for a retry."""
        parts = [self.status, self.headers, self.body, self.raw.decode("latin-1")]
        return json.dumps(parts, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Answer:
        status, headers, body, raw = json.loads(kept)
        return cls(status, body, headers, raw.encode("latin-1"))


class Refusal(Exception):
    """A request that is not served. Messages end with what to do."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        error = answer.body.get("error", {}) if isinstance(answer.body, dict) else {}
        self.code = str(error.get("code", ""))
        super().__init__(f"{answer.status} {self.code}")


def refuse(
    status: int,
    code: str,
    message: str,
    kind: str = "invalid_request_error",
    headers: dict[str, str] | None = None,
    beside: dict[str, Any] | None = None,
    **details: Any,
) -> Refusal:
    """A Refusal in the error envelope that all services share."""
    error = {
        "message": message[:MAX_MESSAGE],
        "type": kind[:MAX_CODE],
        "code": code[:MAX_CODE],
        **details,
    }
    return Refusal(Answer(status, {"error": error, **(beside or {})}, headers or {}))


def in_progress() -> Refusal:
    """The same request is being worked on."""
    return refuse(
        409,
        "in_progress",
        "this request is already being served; wait for its answer, or send a new request",
        headers={"Retry-After": "5"},
    )


def id_conflict() -> Refusal:
    """The request's id names another one."""
    return refuse(409, "request_id_conflict", "this request id was used by another request; retry")


def unwritten() -> Refusal:
    """The journal takes nothing: a full disk, mostly. Work without a record is not begun."""
    return refuse(
        503,
        "storage_unavailable",
        "the operator cannot write its records; send the identical request again, "
        "or use another operator",
        "server_error",
        headers={"Retry-After": "5"},
    )


def shutting_down() -> Refusal:
    """The operator drains."""
    return refuse(
        503,
        "operator_shutting_down",
        "this operator is shutting down; send the request to another one",
        "server_error",
    )


def broken() -> Refusal:
    """A mistake of ours: the log has it, the consumer is not charged."""
    return refuse(
        500,
        "operator_error",
        "the operator failed on this request and charged nothing; try again or use another operator",
        "server_error",
    )
