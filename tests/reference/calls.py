"""Calls: of functions inside, through pointers, of other contracts, and creation."""

from __future__ import annotations

from typing import Any

from compiler.semantics import typed
from compiler.semantics.check_members import function_selector
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol
from compiler.semantics.types import FunctionType
from tests.reference.builtins import Builtins
from tests.reference.chain import ENOUGH_GAS, create_address, salted_address
from tests.reference.encoding import Encoder
from tests.reference.memory import Bytes
from tests.reference.objects import raw_bytes
from tests.reference.outcomes import POINTER, Halted, Reverted, Unsupported, panic


class Calls(Builtins):
    """Everything that runs other functions."""

    # -- inside ------------------------------------------------------------------------------------

    def resolve(self, function: FunctionSymbol, dispatch: Any) -> FunctionSymbol:
        """The function that a name means in the contract that runs."""
        owner = function.contract
        if dispatch == "exact" or owner is None or owner.kind == "library":
            return function
        if function.visibility == "private":
            return function
        order = self.contract.linearized
        if isinstance(dispatch, ContractSymbol):
            order = order[order.index(dispatch) + 1 :]
        for contract in order:
            for other in contract.functions:
                if other.name != function.name or other.shape != function.shape:
                    continue
                if other.visibility != "private" and other.has_body:
                    return other
        raise AssertionError(f"nothing implements {function.name}")

    def internal_call(self, node: typed.Call) -> Any:
        bound = [] if node.bound is None else [self.evaluate(node.bound)]
        arguments = [*bound, *self.evaluate_all(node.arguments)]
        return self.unpack(
            self.invoke(self.resolve(node.function, node.dispatch), arguments), node.type
        )

    def function_pointer(self, node: typed.FunctionPointer) -> int:
        return self.program.number(self.resolve(node.function, node.dispatch))

    def external_pointer(self, node: typed.ExternalPointer) -> int:
        address = self.evaluate(node.address)
        return int(address << 96 | function_selector(node.function) << 64)

    def pointer_call(self, node: typed.PointerCall) -> Any:
        pointer = self.evaluate(node.pointer)
        arguments = self.evaluate_all(node.arguments)
        function = self.program.pointed(pointer)
        if function is None:
            raise panic(POINTER)
        return self.unpack(self.invoke(function, arguments), node.type)

    # -- outside -----------------------------------------------------------------------------------

    def outside(self, node: Any) -> Any:
        """A call of other code as an expression: its failure is ours."""
        ok, data = self.attempt(node)
        if not ok:
            raise Reverted(data)
        return self.result(node, data)

    def attempt(self, node: Any) -> tuple[bool, bytes]:
        """Whether the call succeeds, and what comes back."""
        if isinstance(node, typed.ContractNew):
            return self._create(node)
        if isinstance(node, typed.LibraryCall):
            return self._library(node)
        return self._external(node)

    def result(self, node: Any, data: bytes) -> Any:
        """What a successful call gives."""
        if isinstance(node, typed.ContractNew):
            return int.from_bytes(data, "big")
        return self.unpack(self.decode_results(data, node.type), node.type)

    def _options(self, node: Any, *names: str) -> list[Any]:
        """What was given for these names, None where nothing was; evaluated as they are written."""
        found = {option.name: self.evaluate(option.value) for option in node.options}
        return [found.get(name) for name in names]

    def _external(self, node: typed.ExternalCall) -> tuple[bool, bytes]:
        callee = self.evaluate(node.address)
        value, gas = self._options(node, "value", "gas")
        values = self.evaluate_all(node.arguments)
        if isinstance(node.address.type, FunctionType):
            address, selector = callee >> 96, (callee >> 64) & 0xFFFFFFFF
        else:
            address, selector = callee, function_selector(node.function)
        to = address.to_bytes(20, "big")
        if not self._results(node) and self.frame.chain.account(to).code is None:
            raise Reverted
        data = selector.to_bytes(4, "big")
        data += Encoder(self.slots).tuple(values, [a.type for a in node.arguments])
        function = node.function
        static = function.mutability in ("view", "pure") or function.getter_of is not None
        return self._send(to, data, value or 0, gas, static)

    def _results(self, node: Any) -> bool:
        return node.type.words > 0

    def _send(
        self, to: bytes, data: bytes, value: int, gas: int | None, static: bool
    ) -> tuple[bool, bytes]:
        if gas is not None and gas < ENOUGH_GAS:
            raise Unsupported("a limit of gas")
        if self.frame.static and value:
            raise Halted
        return self.frame.chain.call(
            to, data, self.frame.address, value, static=self.frame.static or static,
            depth=self.frame.depth + 1,
        )  # fmt: skip

    def _library(self, node: typed.LibraryCall) -> tuple[bool, bytes]:
        values = self.evaluate_all(node.arguments)
        to = self._library_place(node.function.contract)
        data = function_selector(node.function).to_bytes(4, "big")
        encoder = Encoder(self.slots, libraries=True)
        data += encoder.tuple(values, [a.type for a in node.arguments])
        return self.frame.chain.delegate(to, data, self.frame)

    def _library_place(self, library: ContractSymbol | None) -> bytes:
        place = self.program.libraries.get(library) if library is not None else None
        if place is None:
            raise Unsupported("a library that is not linked")
        return place

    def library_address(self, node: typed.LibraryAddress) -> int:
        return int.from_bytes(self._library_place(node.library), "big")

    def low_level_call(self, node: typed.LowLevelCall) -> list[Any]:
        to = self.evaluate(node.address).to_bytes(20, "big")
        value, gas = self._options(node, "value", "gas")
        data = raw_bytes(self.evaluate(node.data), node.data.type, self.slots)
        if node.kind == "delegatecall":
            if gas is not None and gas < ENOUGH_GAS:
                raise Unsupported("a limit of gas")
            ok, back = self.frame.chain.delegate(to, data, self.frame)
        else:
            ok, back = self._send(to, data, value or 0, gas, node.kind == "staticcall")
        return [int(ok), Bytes(back)]

    # -- creation ----------------------------------------------------------------------------------

    def _create(self, node: typed.ContractNew) -> tuple[bool, bytes]:
        value, salt = self._options(node, "value", "salt")
        values = self.evaluate_all(node.arguments)
        arguments = Encoder(self.slots).tuple(values, [a.type for a in node.arguments])
        frame, chain = self.frame, self.frame.chain
        if frame.static:
            raise Halted
        account = chain.account(frame.address)
        if account.balance < (value or 0):
            return False, b""
        account.nonce += 1
        if salt is None:
            address = create_address(frame.address, account.nonce - 1)
        else:
            codes = self.program.codes.get(node.contract.full_name)
            if codes is None:
                raise Unsupported("code that was not made")
            address = salted_address(frame.address, salt, codes[0] + arguments)
        from tests.reference.contract import Maker

        maker = Maker(self.program, node.contract, arguments)
        ok, back = chain.create(maker, address, frame.address, value or 0, frame.depth + 1)
        return ok, address if ok else back
