"""Which contracts each test runs and how long it takes: measured once, kept in .cache.

A mutant is only worth running against tests that run the contract it changes. A record lasts until
the contracts change or its test file does; after changing what tests share, delete the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eth.vm.computation import BaseComputation

from tests.contracts.build import ROOT, build, read_sources

PATH = ROOT / ".cache" / "mutation.json"


@dataclass(frozen=True)
class Record:
    """What one test did; `ran` holds names of contracts and `name:selector`.

    `swift` says that it passes on revm too, where a mutant is tried several times as fast.
    """

    digest: str
    seconds: float
    passed: bool
    ran: tuple[str, ...]
    swift: bool = False


def digest(file: Path) -> str:
    """Changes with the contracts and with the test file."""
    return hashlib.sha256(f"{_contracts()}{file.read_text()}".encode()).hexdigest()[:16]


def _contracts() -> str:
    code = b"".join(artifact.runtime for artifact in build("facetworks").values())
    return hashlib.sha256(code + str(sorted(read_sources())).encode()).hexdigest()


def load() -> dict[str, Record]:
    if not PATH.exists():
        return {}
    stored = json.loads(PATH.read_text())
    return {name: Record(**{**r, "ran": tuple(r["ran"])}) for name, r in stored.items()}


def save(records: dict[str, Record]) -> None:
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps({name: asdict(record) for name, record in records.items()}))


@contextmanager
def watching(ran: set[str]) -> Iterator[None]:
    """Every message inside adds the contract whose code it runs, and the selector it starts with."""
    names: dict[tuple[int, bytes], str] = {}
    for artifact in build("facetworks").values():
        # Immutables are filled in later, so code is known by its length and its first bytes.
        names[len(artifact.runtime), artifact.runtime[:48]] = artifact.name
    creations = {a.init_code[:400]: a.name for a in build("facetworks").values()}
    original = BaseComputation.__init__

    def started(self: Any, state: Any, message: Any, context: Any) -> None:
        original(self, state, message, context)
        code = message.code
        name = names.get((len(code), bytes(code[:48]))) or creations.get(bytes(code[:400]))
        if name is not None:
            ran.add(name)
            ran.add(f"{name}:{bytes(message.data[:4]).hex()}")

    BaseComputation.__init__ = started  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseComputation.__init__ = original  # type: ignore[method-assign]
