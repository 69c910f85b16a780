"""A compiled contract as everything here uses it, whichever compiler made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.chain.abi import Interface, constructor_inputs, encode

Abi = Sequence[Mapping[str, Any]]

CODE_LIMIT = 24_576  # bytes of runtime code (EIP-170)


@dataclass(frozen=True)
class ContractArtifact:
    """`bytecode` is creation code without arguments; interfaces have none."""

    name: str
    source_path: str
    abi: Abi
    bytecode: bytes
    runtime: bytes

    @cached_property
    def interface(self) -> Interface:
        return Interface.from_json(self.abi)

    @property
    def deployable(self) -> bool:
        return bool(self.bytecode)

    def creation(self, *arguments: Any) -> bytes:
        """Creation code with encoded constructor arguments; ValueError when they do not fit."""
        return self.bytecode + encode(constructor_inputs(self.abi), arguments)
