"""JSON-RPC: transport failures are never answers; node messages get one meaning each."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.chain.errors import ContractError, NodeError, Refusal, TransactionRejected
from harness.chain.json_rpc import HttpTransport
from harness.chain.node import NodeChain
from harness.chain.records import Call, LogFilter
from harness.protocol.addresses import ZERO_ADDRESS


@contextmanager
def node(answer: Callable[[dict[str, Any]], bytes | None]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers with these bytes, or hangs up when there are none."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append(body["method"])
            reply = answer(body)
            if reply is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(200)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


class Scripted:
    """A transport that answers from a table; an error member raises."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        found = self._answers[method]
        if isinstance(found, NodeError):
            raise found
        return found


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"<html>", "answered"),
        (b"[]", "something else than an object"),
        (b"{}", "without a result"),
        (b'{"error": "down"}', "down"),
        (b'{"id": 1, "result": "0x7a', "answered"),
        (b'{"result":' + b"[" * 30_000, "answered"),
        (b'{"id": 7, "result": "0x1"}', "the answer to another request"),
        (b'{"error": {"code": -32000, "message": "busy", "data": "0x12"}}', "busy"),
    ],
)
def test_what_is_no_result_is_an_error(reply: bytes, words: str) -> None:
    with (
        node(lambda _: reply) as (url, _),
        pytest.raises(NodeError, match=words) as caught,
    ):
        HttpTransport(url).request("eth_chainId")
    if words == "busy":
        assert (caught.value.code, caught.value.data) == (-32000, "0x12")


def test_reads_are_repeated_once_and_sends_never() -> None:
    def hang_up(_body: dict[str, Any]) -> None:
        return None

    with node(hang_up) as (url, seen):
        transport = HttpTransport(url)
        with pytest.raises(NodeError, match=r"no answer from http://127\.0\.0\.1"):
            transport.request("eth_blockNumber")
        assert seen == ["eth_blockNumber"] * 2
        seen.clear()
        with pytest.raises(NodeError):
            transport.request("eth_sendRawTransaction", ["0x"])
        assert seen == ["eth_sendRawTransaction"]


def test_a_node_that_is_not_there_is_an_error_without_secrets() -> None:
    transport = HttpTransport("http://user:secret@127.0.0.1:9/v3/token?key=other")
    with pytest.raises(NodeError) as caught:
        transport.request("eth_chainId")
    for secret in ("secret", "token", "other"):
        assert secret not in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "url",
    ["ws://x", "nowhere", "localhost:8545", "http://x:abc", "http://x:99999", "http://[::1", ""],
)
def test_what_is_no_address_is_told_without_its_text(url: str) -> None:
    with pytest.raises(
        NodeError, match="not a node address; write it as http://HOST:PORT"
    ) as caught:
        HttpTransport(url)
    assert not url or url not in str(caught.value)


def test_another_chain_than_expected_is_refused() -> None:
    with pytest.raises(NodeError, match="serves chain 5, expected 1"):
        _ = NodeChain(Scripted(eth_chainId="0x5"), 1).chain_id


BLOCK = {"number": "0x5", "hash": "0x" + "ab" * 32, "timestamp": "0x1", "gasLimit": "0x1", "gasUsed": "0x0",
         "transactions": []}  # fmt: skip
RECEIPT = {"transactionHash": "0x" + "11" * 32, "blockNumber": "0x5", "blockHash": "0x" + "ab" * 32,
           "status": "0x1", "from": ZERO_ADDRESS, "gasUsed": "0x1", "logs": []}  # fmt: skip
LOG = {"address": ZERO_ADDRESS, "topics": [], "data": "0x", "blockNumber": "0x9", "logIndex": "0x0",
       "transactionHash": "0x" + "11" * 32}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "answer", "ask"),
    [
        ("eth_getBalance", None, lambda c: c.balance(ZERO_ADDRESS)),
        ("eth_getBalance", "0x", lambda c: c.balance(ZERO_ADDRESS)),
        ("eth_getBalance", {"busy": True}, lambda c: c.balance(ZERO_ADDRESS)),
        ("eth_getTransactionCount", "zero", lambda c: c.nonce(ZERO_ADDRESS)),
        ("eth_getCode", None, lambda c: c.code(ZERO_ADDRESS)),
        ("eth_call", "0xabc", lambda c: c.call(Call(ZERO_ADDRESS, b""))),
        ("eth_estimateGas", [], lambda c: c.estimate_gas(Call(ZERO_ADDRESS, b""))),
        ("eth_getBlockByNumber", {}, lambda c: c.block()),
        ("eth_getBlockByNumber", BLOCK, lambda c: c.block(4)),
        ("eth_getTransactionReceipt", {"blockNumber": "0x5"}, lambda c: c.receipt(b"\x11" * 32)),
        ("eth_getTransactionReceipt", RECEIPT, lambda c: c.receipt(b"\x22" * 32)),
        ("eth_getLogs", None, lambda c: c.logs(LogFilter(1, 5))),
        ("eth_getLogs", [LOG], lambda c: c.logs(LogFilter(1, 5))),
    ],
)
def test_a_malformed_answer_or_one_to_another_question_is_no_answer(
    method: str, answer: Any, ask: Callable[[NodeChain], Any]
) -> None:
    with pytest.raises(NodeError):
        ask(NodeChain(Scripted(**{method: answer})))


def test_the_answers_above_are_wrong_in_that_one_thing() -> None:
    chain = NodeChain(
        Scripted(eth_getBlockByNumber=BLOCK, eth_getTransactionReceipt=RECEIPT, eth_getLogs=[LOG])
    )
    assert chain.block(5).number == 5
    receipt = chain.receipt(b"\x11" * 32)
    assert receipt is not None and receipt.succeeded
    assert len(chain.logs(LogFilter(9, 9))) == 1


SELECTOR = "0xdeadbeef"


@pytest.mark.parametrize(
    "error",
    [
        NodeError("execution reverted", 3, SELECTOR),
        NodeError("VM execution error.", -32015, f"Reverted {SELECTOR}"),
        NodeError("execution reverted", -32000, {"data": SELECTOR}),
        NodeError("Internal error", -32603, {"message": "x", "data": {"data": SELECTOR}}),
    ],
)
def test_revert_data_is_found_wherever_nodes_put_it(error: NodeError) -> None:
    with pytest.raises(ContractError) as caught:
        NodeChain(Scripted(eth_call=error)).call(Call(ZERO_ADDRESS))
    assert caught.value.data == bytes.fromhex("deadbeef")


def test_a_failed_read_is_not_a_revert() -> None:
    chain = NodeChain(Scripted(eth_call=NodeError("missing trie node", -32000)))
    with pytest.raises(NodeError, match="missing trie node"):
        chain.call(Call(ZERO_ADDRESS))
    silent = NodeChain(Scripted(eth_call=NodeError("execution reverted", 3)))
    with pytest.raises(ContractError):
        silent.call(Call(ZERO_ADDRESS))


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ("nonce too low", Refusal.NONCE_TOO_LOW),
        ("replacement transaction underpriced", Refusal.UNDERPRICED),
        ("max fee per gas less than block base fee", Refusal.UNDERPRICED),
        ("insufficient funds for gas * price + value", Refusal.INSUFFICIENT_FUNDS),
        ("intrinsic gas too low", Refusal.OTHER),
    ],
)
def test_refusals_of_a_node_have_one_meaning(message: str, refusal: Refusal) -> None:
    error = NodeError(message, -32000)
    chain = NodeChain(Scripted(eth_sendRawTransaction=error, eth_getTransactionByHash=None))
    with pytest.raises(TransactionRejected) as caught:
        chain.broadcast(b"\2")
    assert caught.value.refusal is refusal
    assert message in str(caught.value)


def test_bytes_that_a_node_has_already_are_sent() -> None:
    known = NodeChain(Scripted(eth_sendRawTransaction=NodeError("already known", -32000)))
    assert len(known.broadcast(b"\2")) == 32
    mined = NodeChain(
        Scripted(
            eth_sendRawTransaction=NodeError("nonce too low", -32000),
            eth_getTransactionByHash={"hash": "0x"},
        )
    )
    assert mined.broadcast(b"\2") == known.broadcast(b"\2")


def test_a_node_without_a_tip_method_still_has_fees() -> None:
    block = {
        "number": "0x1", "hash": "0x" + "00" * 32, "timestamp": "0x1", "gasLimit": "0x1",
        "gasUsed": "0x0", "transactions": [], "baseFeePerGas": "0x7",
    }  # fmt: skip
    missing = NodeError("the method does not exist", -32601)
    fees = NodeChain(Scripted(eth_maxPriorityFeePerGas=missing, eth_getBlockByNumber=block)).fees()
    assert fees.base_fee == 7 and fees.priority_fee > 0
