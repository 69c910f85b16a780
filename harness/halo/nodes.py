"""A chain behind several nodes: the next one is asked when one does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.chain.errors import NodeError
from harness.chain.json_rpc import HttpTransport, Transport
from harness.chain.node import NodeChain

SECONDS = 8.0


class NodesInTurn:
    """A Transport over nodes in their order. An error a node answers with is an answer."""

    def __init__(self, nodes: Sequence[Transport]) -> None:
        self._nodes = nodes

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        for node in self._nodes[:-1]:
            try:
                return node.request(method, params)
            except NodeError as failure:
                if failure.code is not None:
                    raise
        return self._nodes[-1].request(method, params)


def open_chain(rpc: str, further: Sequence[str], chain_id: int) -> NodeChain:
    """The chain as `rpc` tells it, or one of the further nodes; NodeError when the chain is another."""
    urls = [rpc, *(url for url in further if url != rpc)]
    return NodeChain(NodesInTurn([HttpTransport(url, SECONDS) for url in urls]), chain_id)
