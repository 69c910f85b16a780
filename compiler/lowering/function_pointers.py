"""Functions as values: making pointers, and calling what they hold."""

from __future__ import annotations

from compiler.ir.values import Block, Value
from compiler.lowering.frame import PANIC_POINTER
from compiler.lowering.library_calls import LibraryCalls
from compiler.semantics import typed
from compiler.semantics.abi import resolve_function
from compiler.semantics.check_members import function_selector
from compiler.semantics.symbols import FunctionSymbol


class FunctionPointers(LibraryCalls):
    """Internal pointers are numbers, see `function_table.py`; external ones address and selector."""

    def function_pointer(self, node: typed.FunctionPointer) -> list[Value]:
        function = resolve_function(self.context.contract, node.function, node.dispatch)
        return [self.const(self.context.functions.number_of(function))]

    def external_pointer(self, node: typed.ExternalPointer) -> list[Value]:
        address = self.emit("shl", self.const(96), self.word(node.address))
        return [self.emit("or", address, self.const(function_selector(node.function) << 64))]

    def pointer_call(self, node: typed.PointerCall) -> list[Value]:
        """A call through the routine that knows all functions taking and giving that many words."""
        pointer = self.word(node.pointer)
        words = [word for argument in self.arguments(node.arguments) for word in argument]
        results = node.type.words
        name = f"function_with_{len(words)}_words_to_{results}"
        return self.routine(
            name, [pointer, *words], results, lambda f, p: f.pointer_call_routine(p, results)
        )

    def pointer_call_routine(self, params: list[Value], results: int) -> None:
        """Call the function with the number in the first parameter; Panic(0x51) where there is none."""
        builder = self.builder
        number, *words = params
        targets: list[tuple[Block, FunctionSymbol]] = []
        cases: list[tuple[int, Block]] = []
        for own, function in self.context.functions.callable():
            takes = sum(p.type.words for p in function.parameters)
            gives = sum(r.type.words for r in function.returns)
            if (takes, gives) == (len(words), results):
                targets.append((builder.new_block(), function))
                cases.append((own, targets[-1][0]))
        none = builder.new_block()
        builder.switch(number, cases, none)
        for block, function in targets:
            builder.resume(block)
            self.ret(*builder.call(self.context.need_function(function, "exact"), words, results))
        builder.resume(none)
        builder.fail(("panic", PANIC_POINTER))
