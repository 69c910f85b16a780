"""Calls of a library's code on chain. It runs in the caller's place: storage pointers are slot numbers there, too."""

from __future__ import annotations

from compiler.ir.values import Value
from compiler.lowering.calls import Attempt, Calls
from compiler.lowering.frame import BUBBLE
from compiler.semantics import typed
from compiler.semantics.check_members import function_selector
from compiler.semantics.library_calls import passed, returned


class LibraryCalls(Calls):
    """`L.f(…)` by delegatecall."""

    def library_call(self, node: typed.LibraryCall) -> list[Value]:
        ok, results = self.attempt_library_call(node)
        self.guard(self.is_zero(ok), BUBBLE)
        return results()

    def attempt_library_call(self, node: typed.LibraryCall) -> Attempt:
        """Encode and call: whether it succeeded, and how to decode the results if it did."""
        function = node.function
        items = [
            (words, passed(parameter.type) if parameter.type.location == "storage" else type_)
            for (words, type_), parameter in zip(
                self.items(node.arguments), function.parameters, strict=True
            )
        ]
        results = [passed(returned(r.type)) for r in function.returns]
        assert function.contract is not None
        address = self.library_address(function.contract.full_name)
        selector = self.const(function_selector(function) << 224)
        return self.send("delegatecall", address, [], selector, items, results)

    def library_address(self, name: str) -> Value:
        """The address of the library "path:Name", filled in by whoever links the code."""
        return self.emit("libraryaddress", imm=name)
