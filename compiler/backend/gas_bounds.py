"""How much gas a piece of code can take at most, or that no bound is known.

The code is run with what is known beforehand: words that are constants, the free-memory pointer, how much memory is
in use; a branch on anything else goes both ways, and the dearer one counts. Every storage access is taken as the first
of its transaction, every write as the dearest kind. Loops whose end is not known, calls, creation and memory at
addresses that are not known have no bound.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from compiler.backend.gas_costs import MemoryUse, cost_of, memory_cost
from compiler.evm.opcodes import OPCODES, name_of
from compiler.evm.words import FOLD

MOST_STATES = 1_000
FREE_MEMORY_POINTER = 0x40
SELECTOR_SIZE = 4


class Table(NamedTuple):
    """A word of code addresses, pushed by the dispatcher."""

    targets: tuple[int, ...]


class Symbol(NamedTuple):
    """A word that is not known, but something about it is."""

    name: str


CALLDATA_START = Symbol("first word of calldata")
CALLDATA_SIZE = Symbol("size of calldata that begins with a selector")
OTHER_SELECTOR = Symbol("a selector that no function has")
NOT_ZERO = Symbol("not zero")
RETURN = Symbol("where the function returns to")

Word = Any  # an integer, a Table, a Symbol, or None where nothing is known


class Code(NamedTuple):
    """The bytes up to the data, and what they do not show: tables, and pushes that are filled in later."""

    code: bytes
    tables: dict[int, tuple[int, ...]]
    holes: frozenset[int]
    selectors: frozenset[int] = frozenset()


class State(NamedTuple):
    """Where execution stands; `pointer` is the free-memory pointer, `words` the memory in use."""

    at: int
    stack: tuple[Word, ...]
    pointer: Word
    words: int


class _Unbounded(Exception):
    """No bound is known."""


def gas_bound(code: Code, start: State, selector: Word = None) -> int | None:
    """The most gas from a state to the end of the call or the return of the function, None where unknown.

    `selector` is what calldata begins with: a number, OTHER_SELECTOR, or None."""
    try:
        return _longest(_Walker(code, selector), start)
    except _Unbounded:
        return None


def _longest(walker: _Walker, start: State) -> int:
    """The dearest way through the states; one that leads back to itself is a loop without a known end."""
    known: dict[State, int] = {}
    open_states: dict[State, tuple[int, list[State]]] = {}
    todo = [start]
    while todo:
        state = todo[-1]
        if state in known:
            todo.pop()
        elif state in open_states:
            spent, following = open_states.pop(state)
            known[state] = spent + max((known[s] for s in following), default=0)
            todo.pop()
        else:
            if len(known) + len(open_states) > MOST_STATES:
                raise _Unbounded
            spent, following = open_states[state] = walker.run(state)
            for successor in following:
                if successor in open_states:
                    raise _Unbounded
                if successor not in known:
                    todo.append(successor)
    return known[start]


class _Walker:
    """Runs straight code."""

    def __init__(self, code: Code, selector: Word) -> None:
        self.code = code
        self.selector = selector

    def run(self, state: State) -> tuple[int, list[State]]:
        """Gas until control can go on in more ways than one, or back; and those ways."""
        code = self.code.code
        at, stack, spent = state.at, list(state.stack), 0
        memory = MemoryUse(state.words, state.pointer)
        while at < len(code):
            byte = code[at]
            if 0x5F <= byte <= 0x7F:
                size = byte - 0x5F
                spent += 3 if size else 2
                stack.append(self._pushed(at, size))
                at += 1 + size
                continue
            name = name_of(byte)
            if name is None or name == "invalid":
                raise _Unbounded  # takes all gas there is
            if name.startswith("dup"):
                spent += 3
                stack.append(stack[-int(name[3:])])
            elif name.startswith("swap"):
                spent += 3
                depth = -1 - int(name[4:])
                stack[-1], stack[depth] = stack[depth], stack[-1]
            else:
                row = OPCODES[name]
                operands = [stack.pop() for _ in range(row.pops)]
                before = memory.words
                cost = cost_of(name, operands, memory)
                if cost is None:
                    raise _Unbounded
                spent += cost + memory_cost(memory.words) - memory_cost(before)
                if name in ("jump", "jumpi"):
                    ways = self._jump(name, operands, at)
                    return spent, [
                        State(way, tuple(stack), memory.pointer, memory.words) for way in ways
                    ]
                if name in ("stop", "return", "revert", "selfdestruct"):
                    return spent, []
                if row.pushes:
                    stack.append(self._result(name, operands, memory))
            at += 1
        return spent, []

    def _pushed(self, at: int, size: int) -> Word:
        if at in self.code.tables:
            return Table(self.code.tables[at])
        if at in self.code.holes:
            return None
        return int.from_bytes(self.code.code[at + 1 : at + 1 + size], "big")

    def _jump(self, name: str, operands: list[Word], at: int) -> list[int]:
        target = operands[0]
        if name == "jumpi":
            condition = operands[1]
            if condition == 0 and isinstance(condition, int):
                return [at + 1]
            if not isinstance(condition, int) and condition not in (NOT_ZERO, CALLDATA_SIZE):
                return [at + 1, *self._targets(target)]
        return self._targets(target)

    def _targets(self, target: Word) -> list[int]:
        if isinstance(target, Table):
            return sorted(set(target.targets))
        if target is RETURN:
            return []
        if not isinstance(target, int):
            raise _Unbounded
        return [target]

    def _result(self, name: str, operands: list[Word], memory: MemoryUse) -> Word:
        if name == "calldataload" and operands[0] == 0 and self.selector is not None:
            return CALLDATA_START
        if name == "calldatasize" and isinstance(self.selector, int):
            return CALLDATA_SIZE
        if name == "lt" and operands[0] is CALLDATA_SIZE and operands[1] == SELECTOR_SIZE:
            return 0
        if name == "iszero" and operands[0] is CALLDATA_SIZE:
            return 0
        if name == "mload":
            return memory.pointer if operands[0] == FREE_MEMORY_POINTER else None
        if name == "shr" and operands[1] is CALLDATA_START and operands[0] == 0xE0:
            return self.selector
        if any(isinstance(word, Table) for word in operands):
            return _of_table(name, operands)
        if OTHER_SELECTOR in operands and name in ("eq", "sub"):
            other = operands[0] if operands[1] is OTHER_SELECTOR else operands[1]
            if isinstance(other, int) and other in self.code.selectors:
                return 0 if name == "eq" else NOT_ZERO
        if name in FOLD and all(isinstance(word, int) for word in operands):
            return FOLD[name](*operands)
        return None


def _of_table(name: str, operands: list[Word]) -> Word:
    """`shift, table` and `0xffff and`: an entry, of which only the selector decides which."""
    if name == "shr" and isinstance(operands[1], Table):
        shift, table = operands
        if isinstance(shift, int):
            number, rest = divmod(shift, 16)
            return table.targets[number] if number < len(table.targets) and not rest else None
        return table
    if name == "and":
        return next((word for word in operands if isinstance(word, Table)), None)
    return None
