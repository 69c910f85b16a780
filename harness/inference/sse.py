"""Server-sent events out of bytes that may be cut anywhere, of bounded size.

Follows the HTML standard, section 9.2.6, in what an event is; differs in one point: an event that the end
of the stream leaves open is still an event, because some servers forget the last blank line.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_EVENT = 1024 * 1024  # bytes of one event; also what one frame to a relay may have
_BOM = b"\xef\xbb\xbf"


class SseTooLarge(Exception):
    """One event exceeds the limit; nothing more will be read."""


@dataclass(frozen=True)
class ServerEvent:
    """`name` is "message" unless the server named it; `data` are the data lines joined."""

    name: str
    data: str


class SseParser:
    """Feed it bytes, get events. Not to be used again after SseTooLarge or `end`."""

    def __init__(self, most: int = MAX_EVENT) -> None:
        self._most = most
        self._rest = bytearray()  # of a line not ended yet
        self._size = 0  # bytes of the event not ended yet
        self._name = ""
        self._data: list[str] = []
        self._after_cr = False  # a line feed that follows belongs to it
        self._first_line = True

    def feed(self, part: bytes) -> list[ServerEvent]:
        """Events that end within these bytes. Raises SseTooLarge."""
        if self._after_cr and part:
            part = part.removeprefix(b"\n")
            self._after_cr = False
        if part.endswith(b"\r"):
            self._after_cr = True
        events = []
        *lines, rest = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._rest += line
            event = self._line(bytes(self._rest))
            self._rest.clear()
            if event is not None:
                events.append(event)
        self._rest += rest
        if self._size + len(self._rest) > self._most:
            raise SseTooLarge
        return events

    def end(self) -> list[ServerEvent]:
        """The event that the end of the stream left open, if any."""
        if self._rest:
            self._line(bytes(self._rest))
            self._rest.clear()
        event = self._dispatch()
        return [] if event is None else [event]

    def _line(self, line: bytes) -> ServerEvent | None:
        if self._first_line:
            line = line.removeprefix(_BOM)
            self._first_line = False
        if not line:
            return self._dispatch()
        self._size += len(line)
        if self._size > self._most:
            raise SseTooLarge
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._data.append(text)
        elif name == b"event":
            self._name = text
        return None  # comments, ids and retry times are of no use here

    def _dispatch(self) -> ServerEvent | None:
        event = ServerEvent(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = "", [], 0
        return event


def encode_event(data: str, name: str | None = None) -> bytes:
    """One event as bytes; line breaks in the data become several data lines."""
    head = f"event: {name}\n" if name else ""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{head}{lines}\n".encode()
