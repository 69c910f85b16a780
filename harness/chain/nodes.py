"""A chain behind one node or several: the next one is asked when one does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from harness.chain.errors import NodeError
from harness.chain.json_rpc import HttpTransport, Transport
from harness.chain.node import NodeChain

SECONDS = 8.0  # for one node's answer, where there is another to ask
REST_SECONDS = 30.0
LIMITED = -32_005  # EIP-1474: the node answers no more now, or not so much


def open_chain(rpc: str, chain_id: int | None = None) -> NodeChain:
    """The chain as a node tells it. `rpc` is its URL, or several in the order to ask them, commas between.

    NodeError, at the first question, when a node serves another chain than `chain_id`, or than the others.
    """
    urls = [url.strip() for url in rpc.split(",") if url.strip()]
    if len(urls) == 1:
        return NodeChain(HttpTransport(urls[0]), chain_id)
    return NodeChain(NodesInTurn([HttpTransport(url, SECONDS) for url in urls], chain_id), chain_id)


class NodesInTurn:
    """A Transport over nodes in their order. An error a node answers with is an answer, except that it has
    no time.

    Who was silent is asked last for half a minute. Every node is asked for its chain before anything else,
    and one of another chain is never asked again. Signed bytes may go to several nodes: they are one
    transaction wherever they arrive.
    """

    def __init__(
        self,
        nodes: Sequence[Transport],
        chain_id: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not nodes:
            raise NodeError("no node is named; give the URL of at least one")
        self._nodes = nodes
        self._chain_id = chain_id
        self._monotonic = monotonic
        self._serves: dict[int, int] = {}
        self._rests: dict[int, float] = {}  # by node, until when

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        failures: list[NodeError] = []
        for number in self._order():
            try:
                self._check(number)
                answer = self._nodes[number].request(method, params)
            except NodeError as failure:
                if failure.code not in (None, LIMITED):
                    raise
                self._rests[number] = self._monotonic() + REST_SECONDS
                failures.append(failure)
            else:
                self._rests.pop(number, None)
                return answer
        if len(failures) == 1:
            raise failures[0]
        raise NodeError("; ".join(map(str, failures)), failures[-1].code, failures[-1].data)

    def _order(self) -> list[int]:
        now = self._monotonic()
        return sorted(range(len(self._nodes)), key=lambda node: self._rests.get(node, 0.0) > now)

    def _check(self, number: int) -> None:
        """The first node that answers says which chain it is, where nobody else has."""
        found = self._serves.get(number)
        if found is None:
            answer = self._nodes[number].request("eth_chainId")
            try:
                found = self._serves[number] = int(answer, 16)
            except (TypeError, ValueError):
                raise NodeError(f"eth_chainId was answered with {str(answer)[:80]!r}") from None
            self._chain_id = self._chain_id or found
        if found != self._chain_id:
            raise NodeError(f"the node serves chain {found}, expected {self._chain_id}")
