"""Values, blocks, functions, modules.

Every value is a 256-bit word. A block has parameters instead of phi nodes; each edge into it carries
the arguments. An instruction is its own (single) result; an inner call with several results is
followed by one `result` value for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.evm.words import MASK


class Value:
    """`op` and `args`, plus `imm` for what is not a value: a constant, a revert reason, a callee.

    `pos` and `end` are the source span the instruction came from (0 where there is none)."""

    __slots__ = ("args", "end", "id", "imm", "op", "pos")

    def __init__(
        self, op: str, args: list[Value], imm: Any = None, pos: int = 0, end: int = 0
    ) -> None:
        self.op = op
        self.args = args
        self.imm = imm
        self.pos = pos
        self.end = end
        self.id = 0

    def __repr__(self) -> str:
        if self.op == "const":
            return f"{self.imm:#x}" if self.imm > 9 else str(self.imm)
        return f"%{self.id}:{self.op}"


class Edge:
    """Control flow from one block to another, with the target's parameter values."""

    __slots__ = ("args", "source", "target")

    def __init__(self, source: Block, target: Block, args: list[Value]) -> None:
        self.source = source
        self.target = target
        self.args = args


class Block:
    """Straight-line instructions and one terminator."""

    __slots__ = ("edges", "id", "insts", "params", "term")

    def __init__(self, block_id: int) -> None:
        self.id = block_id
        self.params: list[Value] = []
        self.insts: list[Value] = []
        self.term: Value | None = None
        self.edges: list[Edge] = []

    def __repr__(self) -> str:
        return f"b{self.id}"

    @property
    def successors(self) -> list[Block]:
        return [edge.target for edge in self.edges]


# A revert reason: ("empty",), ("panic", code), ("message", bytes), ("error", selector), ("bubble",)
Reason = tuple[Any, ...]


class Function:
    """`kind` is "internal" (called, returns), "entry" (ends the call) or "constructor".

    Parameters are the entry block's parameters. `results` is how many words it returns."""

    __slots__ = (
        "_constants",
        "blocks",
        "kind",
        "name",
        "next_block",
        "next_value",
        "pos",
        "results",
    )

    def __init__(self, name: str, kind: str, results: int = 0, pos: int = 0) -> None:
        self.name = name
        self.kind = kind
        self.results = results
        self.pos = pos
        self.blocks: list[Block] = []
        self.next_value = 1
        self.next_block = 0
        self._constants: dict[int, Value] = {}

    @property
    def entry(self) -> Block:
        return self.blocks[0]

    @property
    def params(self) -> list[Value]:
        return self.blocks[0].params

    def constant(self, word: int) -> Value:
        """The value of a constant; one object per word and function."""
        word &= MASK
        found = self._constants.get(word)
        if found is None:
            found = self._constants[word] = Value("const", [], word)
        return found

    def new_block(self) -> Block:
        block = Block(self.next_block)
        self.next_block += 1
        return block

    def new_value(
        self, op: str, args: list[Value], imm: Any = None, pos: int = 0, end: int = 0
    ) -> Value:
        value = Value(op, args, imm, pos, end)
        value.id = self.next_value
        self.next_value += 1
        return value

    def instructions(self) -> Iterator[Value]:
        """Every instruction and terminator."""
        for block in self.blocks:
            yield from block.insts
            if block.term is not None:
                yield block.term


class Module:
    """One piece of code: a contract's runtime, or its creation code.

    Runtime code has `dispatch` (selector -> entry function), `receive` and `fallback`; creation code
    has `constructor`. `non_payable` says that no entry function accepts value. `embedded` names the
    data the code carries ("path:Name" creation code, "path:Name.runtime"); `reserved_words` is how
    many words from address 0x80 on are taken before free memory starts; `unsafe_memory` says that hand-written
    assembly which does not promise otherwise looks at memory, which may be any; `unmatched` is the message of a call that no function takes, empty where that
    reverts without data."""

    __slots__ = (
        "constructor", "dispatch", "embedded", "fallback", "functions", "name", "non_payable",
        "receive", "reserved_words", "unmatched", "unsafe_memory",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: dict[str, Function] = {}
        self.dispatch: dict[int, str] = {}
        self.receive: str | None = None
        self.fallback: str | None = None
        self.constructor: str | None = None
        self.non_payable = False
        self.embedded: list[str] = []
        self.reserved_words = 0
        self.unsafe_memory = False
        self.unmatched = b""

    def entries(self) -> list[str]:
        """Functions control can start in."""
        names = list(self.dispatch.values())
        names += [n for n in (self.receive, self.fallback, self.constructor) if n is not None]
        return names
