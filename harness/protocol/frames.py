"""What a relay and an operator say to each other: one JSON object per WebSocket text frame."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from harness.protocol.addresses import Address
from harness.protocol.json_text import parse_json, refuse_halves

PROTOCOL = 1
MAX_FRAME = 1024 * 1024  # bytes
MAX_PEER_ID = 128
MAX_LABEL = 64  # characters
MAX_DEADLINE_MS = 24 * 3_600_000

CLOSE_NORMAL = 1000
CLOSE_PROTOCOL = 1002  # what the other side said, or did not say, is not this protocol
CLOSE_RESTART = 1012  # the relay restarts: come back at once
CLOSE_ANNOUNCE_FAILED = 4000
CLOSE_BAD_SIGNATURE = 4001
CLOSE_VERSION_FLOOR = 4003
CLOSE_SUPERSEDED = 4009  # a newer socket of the same address took over
CLOSE_OVERLOAD = 4013
CLOSE_RATE_LIMITED = 4029


class FrameError(Exception):
    """Not a frame of this protocol; the message says why."""


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Announcement(_Wire):
    """Who an operator is and what it sells. `pricing` is USD for a thousand tokens, as decimal text."""

    address: Address
    cli_version: str = Field(default="0.0.0", max_length=40)
    provider: str = Field(default="", max_length=64)
    providers: list[str] = Field(default_factory=list, max_length=64)
    models: list[str] = Field(default_factory=list, max_length=2_000)
    tee_models: list[str] = Field(default_factory=list, max_length=2_000)
    pricing: dict[str, str] = Field(default_factory=dict, max_length=2_000)
    context_length: dict[str, int] = Field(default_factory=dict, max_length=2_000)
    streaming: bool = True
    stream_receipts: bool = True
    vault_payments: bool = False
    privacy: bool = False
    flow_control: bool = False  # heeds stream-pause and stream-resume
    label: str = Field(default="", max_length=MAX_LABEL)
    data_retention: str = Field(default="unknown", max_length=16)
    encryption_pubkey: str = Field(default="", max_length=130)
    pubkey_attestation: str = Field(default="", max_length=132)
    max_concurrency: int = Field(default=8, ge=1, le=1_024)
    peer_id: str = Field(default="", max_length=MAX_PEER_ID)
    signature: str = Field(default="", max_length=132)


class Connected(_Wire):
    """First word of the relay; `peer_id` is what the announcement must sign."""

    type: Literal["connected"] = "connected"
    peer_id: str = Field(max_length=MAX_PEER_ID)
    node: str = ""
    protocol: int = PROTOCOL
    min_cli_version: str = "0.0.0"
    max_frame: int = Field(default=MAX_FRAME, ge=1)


class Announce(_Wire):
    type: Literal["announce"] = "announce"
    data: Announcement


class Announced(_Wire):
    type: Literal["announced"] = "announced"
    ok: bool = True
    superseded: bool = False


class Ping(_Wire):
    type: Literal["ping"] = "ping"


class Pong(_Wire):
    type: Literal["pong"] = "pong"


class Warning_(_Wire):
    """Something for the operator's owner to read."""

    type: Literal["warning"] = "warning"
    message: str


class InferenceRequest(_Wire):
    """`headers` are lower-case and already filtered; `deadline_ms` is how long the relay waits."""

    type: Literal["inference-request"] = "inference-request"
    request_id: str
    method: str = "POST"
    path: str = "/v1/chat/completions"
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any]
    deadline_ms: int = Field(default=120_000, ge=0, le=MAX_DEADLINE_MS)
    attempt: int = 1


class InferenceAccepted(_Wire):
    type: Literal["inference-accepted"] = "inference-accepted"
    request_id: str


class InferenceChunk(_Wire):
    """`data`: one event's JSON, or base64 of it sealed. `seq` counts from 0 without gaps."""

    type: Literal["inference-chunk"] = "inference-chunk"
    request_id: str
    seq: int = Field(ge=0)
    data: str
    encrypted: bool = False


class InferenceResponse(_Wire):
    """The last frame of a request; after chunks `body` is null."""

    type: Literal["inference-response"] = "inference-response"
    request_id: str
    status: int = Field(ge=200, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None


RELAY_RESTART = "relay_restart"
NODE_GONE = "relay_node_gone"
WAY_LOST = (RELAY_RESTART, NODE_GONE)  # not the consumer left, but what it was reached by


class StreamAbort(_Wire):
    """Nobody listens any more: settle only what was delivered and receipted.

    A consumer that hung up wants no more. Where `reason` is of WAY_LOST it may ask for its answer again.
    """

    type: Literal["stream-abort"] = "stream-abort"
    request_id: str
    reason: str = ""


class StreamComplete(_Wire):
    """The consumer's socket took the last byte."""

    type: Literal["stream-complete"] = "stream-complete"
    request_id: str


class StreamPause(_Wire):
    """The consumer reads slowly: send no more chunks of this request until told to go on."""

    type: Literal["stream-pause"] = "stream-pause"
    request_id: str


class StreamResume(_Wire):
    """The consumer caught up: go on."""

    type: Literal["stream-resume"] = "stream-resume"
    request_id: str


class ReceiptFrame(_Wire):
    """A consumer's receipt on its way; amounts in base units as decimal text."""

    type: Literal["receipt"] = "receipt"
    receipt_id: str
    consumer: Address
    operator: Address
    cumulative: str
    signature: str
    cycle: str = "0"


class ReceiptAck(_Wire):
    """Sent only when the receipt is on the operator's disk."""

    type: Literal["receipt-ack"] = "receipt-ack"
    receipt_id: str
    accepted: bool
    reason: str | None = None
    provisional: bool = False


class Drain(_Wire):
    """The operator is shutting down; give it no new work."""

    type: Literal["drain"] = "drain"


class ErrorFrame(_Wire):
    type: Literal["error"] = "error"
    code: str
    message: str


Frame = Annotated[
    Union[  # noqa: UP007 - a union for pydantic, discriminated below
        Connected, Announce, Announced, Ping, Pong, Warning_, InferenceRequest, InferenceAccepted, InferenceChunk,
        InferenceResponse, StreamAbort, StreamComplete, StreamPause, StreamResume, ReceiptFrame, ReceiptAck, Drain, ErrorFrame,
    ],
    Field(discriminator="type"),
]  # fmt: skip

_ADAPTER: TypeAdapter[Frame] = TypeAdapter(Frame)


def encode(frame: _Wire) -> str:
    """A frame as the text that is sent."""
    return frame.model_dump_json(by_alias=True, exclude_none=False)


def decode(text: str | bytes) -> Frame:
    """What arrived as a frame. Raises FrameError for anything else, unknown types among them."""
    try:
        document = parse_json(text)
        refuse_halves(text, document)
        return _ADAPTER.validate_python(document)
    except ValidationError as bad:
        first = bad.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FrameError(f"{where}: {first['msg']}") from None
    except ValueError as bad:
        raise FrameError(str(bad)) from None


def announce_message(address: Address, peer_id: str) -> str:
    """What an operator's wallet signs to announce itself on one connection."""
    return f"halo-announce:{address.lower()}:{peer_id}"


def pubkey_message(address: Address, public_hex: str) -> str:
    """What an operator's wallet signs to vouch for its encryption key."""
    return f"halo-pubkey:{address.lower()}:{public_hex}"
