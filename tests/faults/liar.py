"""A node that lies, lags or answers nonsense: a Transport in front of an honest one.

It lags by answering reads of state from what it answered before, as a node that stopped following the chain
does. A lie is a function of an honest answer.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from harness.chain.errors import NodeError
from harness.chain.json_rpc import Transport

Lie = Callable[[Any], Any]
When = Callable[[Sequence[Any]], bool]
READS = (
    "eth_blockNumber", "eth_getBlockByNumber", "eth_getBalance", "eth_getTransactionCount", "eth_call",
    "eth_getTransactionReceipt", "eth_getLogs", "eth_getCode",
)  # fmt: skip


class Liar:
    """Honest until told otherwise; safe to use from several threads."""

    def __init__(self, honest: Transport) -> None:
        self._honest = honest
        self._lies: dict[str, tuple[Lie, When]] = {}
        self._errors: dict[str, NodeError] = {}
        self._seen: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self.asked: Counter[str] = Counter()

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        with self._lock:
            self.asked[method] += 1
            failing = self._errors.get(method, self._errors.get("*"))
            if failing is not None:
                raise NodeError(failing.message, failing.code, failing.data)
            lie = self._lies.get(method)
            seen = self._seen
        if seen is not None and method in READS:
            return self._stale(seen, method, params)
        answer = self._honest.request(method, params)
        return lie[0](answer) if lie is not None and lie[1](params) else answer

    def _stale(self, seen: dict[str, Any], method: str, params: Sequence[Any]) -> Any:
        """What was answered first since it stopped following. What is sent it still passes on."""
        name = f"{method} {list(params)}"
        if name not in seen:
            seen[name] = self._honest.request(method, params)
        return seen[name]

    # -- what it does --------------------------------------------------------------------------

    def lie(self, method: str, lie: Lie, when: When = lambda params: True) -> None:
        """Answer this method with `lie(honest answer)`, for parameters of which `when` is true."""
        with self._lock:
            self._lies[method] = lie, when

    def fail(self, method: str = "*", code: int | None = -32000, message: str = "busy") -> None:
        """Answer with an error object; with code None as a node that does not answer at all."""
        with self._lock:
            self._errors[method] = NodeError(message, code)

    def freeze(self) -> None:
        """Stop following the chain."""
        with self._lock:
            self._seen = {}

    def answer_again(self) -> None:
        """No errors any more; lies stay."""
        with self._lock:
            self._errors.clear()

    def tell_the_truth(self) -> None:
        with self._lock:
            self._lies.clear()
            self._errors.clear()
            self._seen = None
