"""`try`: a call whose failure is looked at instead of handed on.

Only the failure of the called contract is caught. What fails here, before the call or while its results are decoded,
reverts as it would without `try`. Data that begins like `Error` or `Panic` but cannot be decoded counts as
unknown: it goes to the clause without a name, and to the caller where there is none.
"""

from __future__ import annotations

from compiler.ir.ops import SCRATCH_WORD
from compiler.ir.values import Block, Value
from compiler.lowering.assembly import AssemblyLowering
from compiler.lowering.calls import Attempt
from compiler.lowering.failures import ERROR_SELECTOR
from compiler.lowering.frame import BUBBLE, MAX_LENGTH
from compiler.semantics import typed

PANIC_SELECTOR = 0x4E487B71  # Panic(uint256)
SHORTEST_ERROR, SHORTEST_PANIC = (
    0x44,
    0x24,
)  # bytes: selector and head; a string has its length, too


class TryCatch(AssemblyLowering):
    """`try` and its clauses."""

    def statements(self, nodes: list[typed.Statement]) -> None:
        raise NotImplementedError

    def try_statement(self, node: typed.Try) -> None:
        builder = self.builder
        ok, results = self._attempt(node.call)
        success, failure, done = (builder.new_block() for _ in range(3))
        builder.branch(ok, success, failure)
        builder.resume(success)
        words = results()
        for variable, (_, part) in zip(
            node.returns, self._split(words, node.call.type), strict=bool(node.returns)
        ):
            if variable is not None:
                self.write_variable(variable, part)
        self.statements(node.body)
        builder.jump(done)
        builder.resume(failure)
        self._catch({c.kind: c for c in node.catches}, done)
        builder.resume(done)

    def _attempt(self, node: typed.Expr) -> Attempt:
        if isinstance(node, typed.ContractNew):
            return self.attempt_creation(node)
        if isinstance(node, typed.LibraryCall):
            return self.attempt_library_call(node)
        assert isinstance(node, typed.ExternalCall)
        return self.attempt_call(node)

    # -- clauses -----------------------------------------------------------------------------------

    def _catch(self, clauses: dict[str, typed.Catch], done: Block) -> None:
        builder = self.builder
        unknown = builder.new_block()
        if "Error" in clauses or "Panic" in clauses:
            selector = self._returned_selector(unknown)
            if "Error" in clauses:
                self._catch_error(clauses["Error"], selector, unknown, done)
            if "Panic" in clauses:
                self._catch_panic(clauses["Panic"], selector, unknown, done)
            builder.jump(unknown)
        else:
            builder.jump(unknown)
        builder.resume(unknown)
        rest = clauses.get("")
        if rest is None:
            builder.fail(BUBBLE)
            return
        self._run(rest, self.returned_bytes() if rest.variable is not None else None, done)

    def _run(self, clause: typed.Catch, caught: Value | None, done: Block) -> None:
        if clause.variable is not None and caught is not None:
            self.write_variable(clause.variable, [caught])
        self.statements(clause.body)
        self.builder.jump(done)

    def _returned_selector(self, unknown: Block) -> Value:
        """The first four bytes of what came back; fewer go to `unknown`."""
        inside = self.builder.new_block()
        short = self.emit("lt", self.emit("returndatasize"), self.const(4))
        self.builder.branch(short, unknown, inside)
        self.builder.resume(inside)
        nothing = self.const(0)
        self.emit("returndatacopy", nothing, nothing, self.const(4), imm=SCRATCH_WORD)
        return self.emit("shr", self.const(224), self.scratch_load(0))

    def _catch_error(
        self, clause: typed.Catch, selector: Value, unknown: Block, done: Block
    ) -> None:
        builder = self.builder
        matches, caught, other = (builder.new_block() for _ in range(3))
        builder.branch(self.emit("eq", selector, self.const(ERROR_SELECTOR)), matches, other)
        builder.resume(matches)
        message = self.routine("caught_message", [], 1, lambda f, p: f.caught_message_routine())[0]
        builder.branch(message, caught, unknown)
        builder.resume(caught)
        self._run(clause, message, done)
        builder.resume(other)

    def _catch_panic(
        self, clause: typed.Catch, selector: Value, unknown: Block, done: Block
    ) -> None:
        builder = self.builder
        matches, caught, other = (builder.new_block() for _ in range(3))
        builder.branch(self.emit("eq", selector, self.const(PANIC_SELECTOR)), matches, other)
        builder.resume(matches)
        short = self.emit("lt", self.emit("returndatasize"), self.const(SHORTEST_PANIC))
        builder.branch(short, unknown, caught)
        builder.resume(caught)
        self.emit("returndatacopy", self.const(0), self.const(4), self.const(32), imm=SCRATCH_WORD)
        self._run(clause, self.scratch_load(0), done)
        builder.resume(other)

    # -- decoding a message ------------------------------------------------------------------------

    def caught_message_routine(self) -> None:
        """The text of `Error(string)` in memory; 0 where the data is no such thing."""
        size = self.emit("returndatasize")
        self._give_up_if(self.emit("lt", size, self.const(SHORTEST_ERROR)))
        data = self.emit("fmp")
        body = self.emit("sub", size, self.const(4))
        self.emit("returndatacopy", data, self.const(4), body)
        offset = self.emit("mload", data)
        far = self.emit("gt", offset, self.const(MAX_LENGTH))
        beyond = self.emit("gt", self.add(offset, 4 + 32), size)
        self._give_up_if(self.emit("or", far, beyond))
        message = self.emit("add", data, offset)
        length = self.emit("mload", message)
        self._give_up_if(self.emit("gt", length, self.const(MAX_LENGTH)))
        end = self.emit("add", self.add(message, 32), length)
        self._give_up_if(self.emit("gt", end, self.emit("add", data, body)))
        self.finish_allocation(data, self.emit("sub", end, data))
        self.ret(message)

    def _give_up_if(self, condition: Value) -> None:
        builder = self.builder
        none, go_on = builder.new_block(), builder.new_block()
        builder.branch(condition, none, go_on)
        builder.resume(none)
        self.ret(self.const(0))
        builder.resume(go_on)
