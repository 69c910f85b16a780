"""Frames survive the wire; what is no frame is refused in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol import frames
from harness.protocol.frames import (
    Announce,
    Announcement,
    FrameError,
    InferenceChunk,
    decode,
    encode,
)

A = "0x00000000000000000000000000000000000000A1"
ALL = [
    frames.Connected(peer_id="p"),
    Announce(data=Announcement(address=A, pricing={"m": "0.5"}, cli_version="1.2.3")),
    frames.Announced(superseded=True),
    frames.Ping(),
    frames.Pong(),
    frames.Warning_(message="w"),
    frames.InferenceRequest(request_id="r", headers={"a": "b"}, body={"model": "m"}),
    frames.InferenceAccepted(request_id="r"),
    InferenceChunk(request_id="r", seq=3, data="{}"),
    frames.InferenceResponse(request_id="r", status=200, body={"x": [1]}),
    frames.StreamAbort(request_id="r", reason="left"),
    frames.StreamComplete(request_id="r"),
    frames.ReceiptFrame(receipt_id="i", consumer=A, operator=A, cumulative="5", signature="0x"),
    frames.ReceiptAck(receipt_id="i", accepted=True),
    frames.Drain(),
    frames.ErrorFrame(code="c", message="m"),
]


@pytest.mark.parametrize("frame", ALL, ids=lambda frame: frame.type)
def test_there_and_back(frame: frames.Frame) -> None:
    assert decode(encode(frame)) == frame


def test_names_on_the_wire_are_camel_case() -> None:
    document = json.loads(encode(ALL[1]))
    assert document["type"] == "announce"
    assert document["data"]["cliVersion"] == "1.2.3"
    assert {"teeModels", "contextLength", "vaultPayments", "pubkeyAttestation"} <= set(
        document["data"]
    )


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "1", '{"type":"unknown"}', '{"type":"inference-chunk","requestId":"r","seq":-1,"data":""}',
     '{"type":"inference-response","requestId":"r","status":99}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_frame(text: str) -> None:
    with pytest.raises(FrameError):
        decode(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_a_frame_error(data: bytes) -> None:
    try:
        decode(data)
    except FrameError:
        return


def test_unknown_members_are_ignored() -> None:
    assert decode('{"type":"ping","later":1}') == frames.Ping()


def test_what_wallets_sign() -> None:
    assert frames.announce_message(A, "p1") == f"halo-announce:{A.lower()}:p1"
    assert frames.pubkey_message(A, "00ff") == f"halo-pubkey:{A.lower()}:00ff"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type":"inference-request","requestId":"\\ud800","body":{}}', "surrogate"),
        (b'{"type":"pong"}\xff', "not in UTF-8"),
        ('{"type":"pong"}'.encode("utf-16"), "UTF-8"),
        (
            '{"type":"inference-request","requestId":"r","body":{},"deadlineMs":' + "9" * 400 + "}",
            "deadlineMs",
        ),
    ],
)
def test_what_could_not_be_answered_is_no_frame(text: str | bytes, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        decode(text)
