"""A case: the bytes of one request, drawn from what an endpoint describes and then, mostly, bent."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.fuzz_http.bends import bend, mangled, odd, odd_text, to_bytes
from tests.fuzz_http.corpus import Corpus, headers
from tests.fuzz_http.shapes import Shapes
from tests.fuzz_http.targets import Endpoint

METHODS = (
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "post", "G\x00T",
    "", "POST POST", "A" * 400,
)  # fmt: skip
KINDS = (
    "right",
    "bent",
    "bent",
    "bent",
    "mangled",
    "mangled",
    "head",
    "query",
    "path",
    "method",
    "frame",
)


@dataclass(frozen=True)
class Case:
    """`answered` False where a closed connection is an answer, too: what was sent is hardly HTTP."""

    endpoint: Endpoint
    kind: str
    request: bytes
    answered: bool = True
    close: bool = False


@dataclass
class _Draft:
    """A request before it is put into bytes."""

    method: str
    path: str
    body: bytes | None
    head: list[tuple[str, str]] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)

    def bytes(self, length: int | None = None) -> bytes:
        """HTTP/1.1, for one answer; `length` other than the body's on request."""
        target = self.path
        if self.query:
            target += "?" + "&".join(f"{quote(n)}={quote(v, safe='%')}" for n, v in self.query)
        lines = [f"{self.method} {target} HTTP/1.1"]
        given = {name.lower() for name, _ in self.head}
        usual = {"host": "127.0.0.1", "connection": "close"}
        if self.body is not None:
            usual["content-type"] = "application/json"
            usual["content-length"] = str(len(self.body) if length is None else length)
        lines += [f"{name}: {value}" for name, value in usual.items() if name not in given]
        lines += [f"{name}: {value}" for name, value in self.head]
        head = "\r\n".join(lines).encode("utf-8", "surrogatepass")
        return head + b"\r\n\r\n" + (self.body or b"")


class Author:
    """Writes the cases of one stage."""

    def __init__(self, shapes: dict[str, Shapes], corpus: Corpus) -> None:
        self._shapes = shapes
        self._corpus = corpus
        self._ways: dict[str, Callable[[Endpoint, random.Random], Case]] = {
            "right": self._right,
            "bent": self._bent,
            "mangled": self._mangled,
            "head": self._head,
            "query": self._query,
            "path": self._path,
            "method": self._method,
            "frame": self._frame,
        }

    def write(self, endpoint: Endpoint, rng: random.Random) -> Case:
        kind = rng.choice(KINDS)
        if endpoint.body is None and kind in ("bent", "mangled"):
            kind = rng.choice(("query", "path", "head", "method"))
        return self._ways[kind](endpoint, rng)

    # -- what is right -------------------------------------------------------------------------

    def _draft(self, endpoint: Endpoint, rng: random.Random) -> _Draft:
        shapes = self._shapes[endpoint.service]
        path = endpoint.path
        for parameter in endpoint.named("path"):
            value = str(shapes.draw(parameter["schema"], rng))
            path = path.replace("{" + parameter["name"] + "}", quote(value, safe=""))
        body = self._value(endpoint, rng)
        draft = _Draft(endpoint.method, path, None if body is None else to_bytes(body))
        for place, found in (("query", draft.query), ("header", draft.head)):
            for parameter in endpoint.named(place):
                if rng.random() < 0.3:
                    value = shapes.draw(parameter["schema"], rng)
                    found.append((parameter["name"], str(value)))
        return draft

    def _value(self, endpoint: Endpoint, rng: random.Random) -> Any:
        """A body in the shape of the schema, or one that is right in everything."""
        if endpoint.body is None:
            return None
        known = self._corpus.get((endpoint.service, endpoint.path), [])
        if known and rng.random() < 0.7:
            return rng.choice(known)
        return self._shapes[endpoint.service].draw(endpoint.body, rng)

    def _right(self, endpoint: Endpoint, rng: random.Random) -> Case:
        return Case(endpoint, "right", self._draft(endpoint, rng).bytes())

    # -- what is not ---------------------------------------------------------------------------

    def _bent(self, endpoint: Endpoint, rng: random.Random) -> Case:
        draft = self._draft(endpoint, rng)
        draft.head.clear()
        draft.body = to_bytes(bend(self._value(endpoint, rng), rng))
        return Case(endpoint, "bent", draft.bytes())

    def _mangled(self, endpoint: Endpoint, rng: random.Random) -> Case:
        draft = self._draft(endpoint, rng)
        draft.body = mangled(draft.body or b"{}", rng)
        return Case(endpoint, "mangled", draft.bytes())

    def _head(self, endpoint: Endpoint, rng: random.Random) -> Case:
        draft = self._draft(endpoint, rng)
        names = [each["name"] for each in endpoint.named("header")] + headers()
        for _ in range(rng.choice((1, 1, 2, 3))):
            name = rng.choice(names)
            draft.head += [(name, odd_text(rng))] * rng.choice((1, 1, 1, 2))
        if rng.random() < 0.1:
            draft.head += [(f"x-{n}", "a") for n in range(300)]
        return Case(endpoint, "head", draft.bytes(), answered=False, close=_waits(draft))

    def _query(self, endpoint: Endpoint, rng: random.Random) -> Case:
        draft = self._draft(endpoint, rng)
        names = [each["name"] for each in endpoint.named("query")] + ["a", "limit", "since", ""]
        for _ in range(rng.randint(1, 3)):
            draft.query.append((rng.choice(names), odd_text(rng).replace(" ", "+")))
        return Case(endpoint, "query", draft.bytes())

    def _path(self, endpoint: Endpoint, rng: random.Random) -> Case:
        """Something odd in the path, or a path that nobody has."""
        draft = self._draft(endpoint, rng)
        odd_part = quote(odd_text(rng), safe=rng.choice(("", "%", "%/")))
        named = endpoint.named("path")
        if named and rng.random() < 0.8:
            draft.path = endpoint.path
            for parameter in named:
                draft.path = draft.path.replace("{" + parameter["name"] + "}", odd_part)
        else:
            draft.path = rng.choice(
                (
                    f"{draft.path}/{odd_part}", f"/{odd_part}", f"/{draft.path}", f"{draft.path}/",
                    draft.path.upper(), f"/./{draft.path}", f"http://127.0.0.1{draft.path}", "*",
                    f"{draft.path}%00", f"{draft.path};a=b", f"{draft.path}#a",
                )
            )  # fmt: skip
        return Case(endpoint, "path", draft.bytes(), answered=False)

    def _method(self, endpoint: Endpoint, rng: random.Random) -> Case:
        draft = self._draft(endpoint, rng)
        draft.method = rng.choice(METHODS)
        if rng.random() < 0.3:
            draft.body = to_bytes(odd(rng))
        return Case(endpoint, "method", draft.bytes(), answered=False)

    def _frame(self, endpoint: Endpoint, rng: random.Random) -> Case:
        """Bodies and heads that are cut off, or that say two things."""
        draft = self._draft(endpoint, rng)
        draft.body = draft.body if draft.body is not None else b"{}"
        size = len(draft.body)
        whole = draft.bytes()
        chunked = ("transfer-encoding", "chunked")
        bare = _Draft(draft.method, draft.path, None, [chunked]).bytes()
        pieces = b"%x\r\n%s\r\n0\r\n\r\n" % (size, draft.body)
        request = rng.choice(
            (
                draft.bytes(length=size + rng.randint(1, 10_000)),
                draft.bytes(length=max(0, size - 1)),
                draft.bytes(length=10**20),
                draft.bytes(length=-1),
                whole[: rng.randrange(1, len(whole))],
                whole.replace(b"\r\n", b"\n", rng.randint(1, 9)),
                whole.replace(b"HTTP/1.1", rng.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"ICY"))),
                bare + pieces,
                bare + b"zz\r\n" + draft.body,
                bare + b"ffffffffffffffffffff\r\n" + draft.body,
                bare + pieces.replace(b"\r\n", b";a=b\r\n", 1),
                whole + whole,
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(rng.randrange(256) for _ in range(200)),
                b"\r\n\r\n" + whole,
                bytes(rng.randrange(256) for _ in range(rng.randrange(1, 300))),
            )
        )  # fmt: skip
        return Case(endpoint, "frame", request, answered=False, close=True)


def _waits(draft: _Draft) -> bool:
    """Whether the head promises a body that does not come: then our side must end it."""
    return any(
        name in ("content-length", "transfer-encoding", "expect", "upgrade", "connection")
        for name, _ in draft.head
    )
