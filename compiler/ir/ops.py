"""One row per FIR operation: operands, results, and what it reads and writes.

Operations named like an opcode take their operands in the opcode's order (first operand = top of
the stack). The effect columns are the single source of truth about what may be moved past what.
"""

from __future__ import annotations

from typing import NamedTuple

# Resources. Memory is three: the heap, the scratch words below 0x40, and the free-memory pointer.
HEAP, SCRATCH, FMP, STORAGE, TRANSIENT, WORLD, RETURNDATA, LOG, GAS = (1 << i for i in range(9))
MEMORY = HEAP | SCRATCH | FMP
EVERYTHING = (1 << 9) - 1


class Op(NamedTuple):
    """`arity` -1 means any number. `halts` marks an instruction that can end the call."""

    name: str
    arity: int
    results: int
    reads: int = 0
    writes: int = 0
    commutative: bool = False
    halts: bool = False

    @property
    def pure(self) -> bool:
        """Same operands, same result, nothing else happens."""
        return not (self.reads or self.writes or self.halts)


def _pure(names: str, arity: int, commutative: bool = False) -> list[Op]:
    return [Op(name, arity, 1, commutative=commutative) for name in names.split()]


_CALL = EVERYTHING & ~LOG
_ROWS = [
    *_pure("add mul and or xor eq", 2, commutative=True),
    *_pure("sub div sdiv mod smod exp signextend lt gt slt sgt byte shl shr sar", 2),
    *_pure("iszero not clz calldataload blockhash blobhash", 1),
    *_pure("addmod mulmod", 3),
    *_pure(
        """address origin caller callvalue calldatasize codesize gasprice coinbase timestamp number
        prevrandao gaslimit chainid basefee blobbasefee""",
        0,
    ),
    # Constants that only the assembler knows, or who links the code.
    *_pure("dataoffset datasize immutable libraryaddress", 0),
    # Storage slots of mapping entries and dynamic arrays; the hash is made in scratch memory.
    Op("mapslot", 2, 1, writes=SCRATCH),
    Op("arrayslot", 1, 1, writes=SCRATCH),
    # The world outside this frame.
    Op("selfbalance", 0, 1, reads=WORLD),
    Op("balance", 1, 1, reads=WORLD),
    Op("extcodesize", 1, 1, reads=WORLD),
    Op("extcodehash", 1, 1, reads=WORLD),
    Op("extcodecopy", 4, 0, reads=WORLD, writes=HEAP),
    Op("returndatasize", 0, 1, reads=RETURNDATA),
    Op("gas", 0, 1, reads=EVERYTHING, writes=GAS),
    Op("msize", 0, 1, reads=MEMORY | GAS),
    # Memory.
    Op("mload", 1, 1, reads=HEAP),
    Op("mstore", 2, 0, writes=HEAP),
    Op("mstore8", 2, 0, writes=HEAP),
    Op("mcopy", 3, 0, reads=HEAP, writes=HEAP),
    Op("calldatacopy", 3, 0, writes=HEAP),
    Op("codecopy", 3, 0, writes=HEAP),
    Op("returndatacopy", 3, 0, reads=RETURNDATA, writes=HEAP, halts=True),
    Op("keccak256", 2, 1, reads=HEAP),
    # Patch every use of an immutable in the runtime code that stands at the first operand.
    Op("setimmutable", 2, 0, writes=HEAP),
    Op("fmp", 0, 1, reads=FMP),
    Op("setfmp", 1, 0, writes=FMP),
    # Storage.
    Op("sload", 1, 1, reads=STORAGE),
    Op("sstore", 2, 0, writes=STORAGE, halts=True),
    Op("tload", 1, 1, reads=TRANSIENT),
    Op("tstore", 2, 0, writes=TRANSIENT, halts=True),
    # Logs, calls, creation.
    *[Op(f"log{n}", n + 2, 0, reads=HEAP, writes=LOG, halts=True) for n in range(5)],
    Op("call", 7, 1, reads=_CALL, writes=_CALL & ~SCRATCH & ~FMP, halts=True),
    Op("callcode", 7, 1, reads=_CALL, writes=_CALL & ~SCRATCH & ~FMP, halts=True),
    Op("delegatecall", 6, 1, reads=_CALL, writes=_CALL & ~SCRATCH & ~FMP, halts=True),
    Op("staticcall", 6, 1, reads=_CALL, writes=HEAP | RETURNDATA, halts=True),
    Op("create", 3, 1, reads=_CALL, writes=STORAGE | TRANSIENT | WORLD | RETURNDATA, halts=True),
    Op("create2", 4, 1, reads=_CALL, writes=STORAGE | TRANSIENT | WORLD | RETURNDATA, halts=True),
    # Checks and inner calls. `guard c`: if c is not zero, revert with the reason in `imm`.
    Op("guard", 1, 0, halts=True),
    Op("icall", -1, -1, reads=EVERYTHING, writes=EVERYTHING, halts=True),
    # Values that are not instructions.
    Op("const", 0, 1),
    Op("param", 0, 1),
    Op("result", 1, 1),
    Op("undefined", 0, 1),
    # What ends a block.
    Op("jump", 0, 0, halts=True),
    Op("branch", 1, 0, halts=True),
    Op("switch", 1, 0, halts=True),
    Op("ret", -1, 0, halts=True),
    Op("return", 2, 0, reads=EVERYTHING, halts=True),
    Op("revert", 2, 0, reads=MEMORY, halts=True),
    Op("fail", 0, 0, halts=True),
    Op("stop", 0, 0, halts=True),
    Op("invalid", 0, 0, halts=True),
    Op("selfdestruct", 1, 0, reads=EVERYTHING, halts=True),
]

OPS: dict[str, Op] = {row.name: row for row in _ROWS}
_EFFECTS = {name: (row.reads, row.writes) for name, row in OPS.items()}
PURE = frozenset(name for name, row in OPS.items() if row.pure)
COMMUTATIVE = frozenset(name for name, row in OPS.items() if row.commutative)
TERMINATORS = frozenset(
    "jump branch switch ret return revert fail stop invalid selfdestruct".split()
)
HALTING = frozenset("return revert fail stop invalid selfdestruct".split())
# Memory operations whose `imm` may say "raw": written by hand, any address possible; or, of those that only read,
# "counted": so, too, and `msize` is asked how far memory was touched.
ADDRESSED = frozenset(
    """mload mstore mstore8 mcopy calldatacopy codecopy extcodecopy returndatacopy keccak256 log0
    log1 log2 log3 log4 call callcode delegatecall staticcall create create2 return revert""".split()
)
RAW = "raw"
COUNTED = "counted"
SCRATCH_WORD = "scratch"


def effects(op: str, imm: object) -> tuple[int, int]:
    """(resources read, resources written) by one instruction."""
    found = _EFFECTS[op]
    if imm is not None and op in ADDRESSED:
        reads, writes = found
        if imm in (RAW, COUNTED):
            reads = reads | MEMORY if reads & HEAP else reads
            writes = writes | MEMORY if writes & HEAP else writes
            if imm == COUNTED:
                writes |= GAS
        elif imm == SCRATCH_WORD:
            reads = reads & ~HEAP | SCRATCH if reads & HEAP else reads
            writes = writes & ~HEAP | SCRATCH if writes & HEAP else writes
        return reads, writes
    return found
