"""Several nodes of one chain: who is asked, in which order, and who never again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from harness.chain.errors import NodeError
from harness.chain.nodes import LIMITED, REST_SECONDS, NodesInTurn, open_chain

from .test_node import node

SILENT = NodeError("silent")


class Scripted:
    """A node of a chain that gives one answer to everything else."""

    def __init__(self, answer: Any, chain: str = "0x1") -> None:
        self.answer = answer
        self.chain = chain
        self.asked: list[str] = []

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked.append(method)
        found = self.chain if method == "eth_chainId" else self.answer
        if isinstance(found, NodeError):
            raise found
        return found


def test_the_next_node_is_asked_when_one_is_silent() -> None:
    first, second = Scripted(SILENT), Scripted("0x7")
    assert NodesInTurn([first, second]).request("eth_blockNumber") == "0x7"
    assert first.asked == second.asked == ["eth_chainId", "eth_blockNumber"]


@pytest.mark.parametrize("code", [3, -32_000, -32_601])
def test_an_error_that_a_node_answers_with_is_an_answer(code: int) -> None:
    second = Scripted("0x7")
    with pytest.raises(NodeError, match="reverted"):
        NodesInTurn([Scripted(NodeError("reverted", code)), second]).request("eth_call")
    assert second.asked == []


def test_a_node_that_has_no_time_is_passed_over() -> None:
    busy = Scripted(NodeError("limit exceeded", LIMITED))
    assert NodesInTurn([busy, Scripted("0x7")]).request("eth_call") == "0x7"
    with pytest.raises(NodeError) as caught:
        NodesInTurn([busy, busy]).request("eth_call")
    assert caught.value.code == LIMITED


def test_who_was_silent_is_asked_last_for_half_a_minute() -> None:
    now = [0.0]
    first, second = Scripted(SILENT), Scripted("0x7")
    nodes = NodesInTurn([first, second], monotonic=lambda: now[0])
    nodes.request("eth_blockNumber")
    first.answer = "0x8"
    for _ in range(3):
        assert nodes.request("eth_blockNumber") == "0x7"
    second.answer = SILENT  # better the one that was silent than nobody
    assert nodes.request("eth_blockNumber") == "0x8"
    first.answer, second.answer = SILENT, "0x7"
    nodes.request("eth_blockNumber")
    first.answer = "0x8"
    now[0] = REST_SECONDS + 1
    assert nodes.request("eth_blockNumber") == "0x8"


def test_a_node_of_another_chain_is_asked_for_nothing() -> None:
    other, good = Scripted("0x666", chain="0x5"), Scripted("0x7")
    assert NodesInTurn([other, good], 1).request("eth_blockNumber") == "0x7"
    assert other.asked == ["eth_chainId"]
    with pytest.raises(NodeError, match="serves chain 5, expected 1"):
        NodesInTurn([other], 1).request("eth_blockNumber")
    # Where nobody said which chain it is, the first that answers does.
    both = NodesInTurn([good, other])
    assert both.request("eth_blockNumber") == "0x7"
    good.answer = SILENT
    with pytest.raises(NodeError, match=r"silent; the node serves chain 5, expected 1"):
        both.request("eth_blockNumber")
    assert set(other.asked) == {"eth_chainId"}


def test_a_chain_number_that_is_none_is_no_answer() -> None:
    odd, good = Scripted("0x666", chain="mainnet"), Scripted("0x7")
    assert NodesInTurn([odd, good], 1).request("eth_blockNumber") == "0x7"
    with pytest.raises(NodeError, match="no node is named"):
        NodesInTurn([])


def test_signed_bytes_go_to_the_next_node_when_the_first_hangs_up() -> None:
    """They are the same transaction there."""

    def hang_up(body: dict[str, Any]) -> bytes | None:
        return answer(body) if body["method"] == "eth_chainId" else None

    def answer(body: dict[str, Any]) -> bytes:
        found = "0x1" if body["method"] == "eth_chainId" else "0x" + "ab" * 32
        return json.dumps({"jsonrpc": "2.0", "id": body["id"], "result": found}).encode()

    with node(hang_up) as (first, asked), node(answer) as (second, taken):
        chain = open_chain(f"http://127.0.0.1:9, {first} ,{second},", 1)
        assert chain.chain_id == 1
        chain.broadcast(b"\x01\x02")
    assert asked == ["eth_chainId", "eth_chainId", "eth_sendRawTransaction"]
    assert taken == ["eth_chainId", "eth_sendRawTransaction"]
