"""HTTP/1.1 read strictly and with a clock: what uvicorn runs instead of its own protocol class.

h11 joins header lines that are folded, and uvicorn waits for ever for a head that does not come.
Folded heads are one way to smuggle a header past a proxy, and slow heads one way to use up sockets.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 65.0
MAX_HEAD = 32 * 1024  # bytes
SEND_BUFFER = 128 * 1024  # bytes
_FOLDED = re.compile(rb"\n[ \t]")
_END_OF_HEAD = re.compile(rb"\n\r?\n")


class _StrictConnection(h11.Connection):
    """Refuses folded header lines."""

    def next_event(self) -> Any:
        if self.their_state is h11.IDLE:
            head = self.trailing_data[0]
            end = _END_OF_HEAD.search(head)
            if _FOLDED.search(head, 0, end.start() + 1 if end else len(head)):
                raise h11.RemoteProtocolError("a header line is folded")
        return super().next_event()


class StrictHttp(H11Protocol):
    """A head must be whole within 65 seconds; bytes count as sent when the system has taken them."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = _StrictConnection(
            h11.SERVER, self.config.h11_max_incomplete_event_size or MAX_HEAD
        )
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)
        connected = transport.get_extra_info("socket")
        if connected is not None:  # the system would hold megabytes for a client that reads nothing
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        if self._patience is None and self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        super().data_received(data)
        if self._patience is not None and self.conn.their_state is not h11.IDLE:
            self._patience.cancel()
            self._patience = None

    def send_400_response(self, msg: str) -> None:
        """A body that is no body: answered here, so the handler that waits for it must not answer, too."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # an answer is half out already
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
