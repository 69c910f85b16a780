"""Calls: inside the contract, to other contracts, to precompiles, and creation."""

from __future__ import annotations

from collections.abc import Callable

from compiler.ir.values import Value
from compiler.lowering.abi_encode import Item
from compiler.lowering.failures import Failures
from compiler.lowering.frame import BUBBLE, EMPTY, MAX_LENGTH, PANIC_MEMORY, ZERO_POINTER
from compiler.semantics import typed
from compiler.semantics.check_calls import results_of
from compiler.semantics.check_members import function_selector
from compiler.semantics.types import BytesType, FunctionType, StringLiteralType, Type

_SIMPLE = {
    "gasleft": "gas",
    "blockhash": "blockhash",
    "blobhash": "blobhash",
    "codehash": "extcodehash",
}
_PRECOMPILES = {"sha256": 2, "ripemd160": 3}
TRANSFER_STIPEND = 2300

Attempt = tuple[Value, Callable[[], list[Value]]]  # whether it succeeded; the results, if it did


class Calls(Failures):
    """Everything that hands control to other code."""

    # -- internal ----------------------------------------------------------------------------------

    def internal_call(self, node: typed.Call) -> list[Value]:
        words = self.words(node.bound) if node.bound is not None else []
        words = [*words, *(w for argument in self.arguments(node.arguments) for w in argument)]
        name = self.context.need_function(node.function, node.dispatch)
        return self.builder.call(name, words, sum(r.type.words for r in node.function.returns))

    # -- built-ins ---------------------------------------------------------------------------------

    def builtin(self, node: typed.Builtin) -> list[Value]:
        name = node.name
        if name in ("addmod", "mulmod"):
            return [self._modular(node)]
        if name in _SIMPLE:
            return [self.emit(_SIMPLE[name], *(self.word(a) for a in node.arguments))]
        if name == "keccak256":
            return [self._keccak256(node.arguments[0])]
        if name == "ecrecover":
            return [self._ecrecover(node)]
        if name in _PRECOMPILES:
            return [self._precompile(node)]
        if name == "balance":
            address = self.word(node.arguments[0])
            if address.op == "address":
                return [self.emit("selfbalance")]
            return [self.emit("balance", address)]
        if name == "code":
            return [self._code_of(self.word(node.arguments[0]))]
        if name == "selfdestruct":
            self.builder.finish("selfdestruct", self.word(node.arguments[0]))
            return []
        return self._send(node)

    def _keccak256(self, node: typed.Expr) -> Value:
        """Its argument counts as copied to memory, which bytes from outside calldata cannot be."""
        while isinstance(node, typed.Convert) and isinstance(node.value.type, BytesType):
            node = node.value
        if not isinstance(node.type, BytesType) or node.type.location != "calldata":
            return self.keccak(node)
        words = self.words(node)
        self.refuse_bytes_outside(words)
        return self.hash_of(words, node.type)

    def _modular(self, node: typed.Builtin) -> Value:
        from compiler.lowering.frame import PANIC_DIVISION

        a, b, modulus = (self.word(x) for x in node.arguments)
        self.panic_if(self.is_zero(modulus), PANIC_DIVISION)
        return self.emit(node.name, a, b, modulus)

    def _ecrecover(self, node: typed.Builtin) -> Value:
        """Precompile 1: digest, v, r, s in; the address out, or nothing."""
        words = [self.word(a) for a in node.arguments]
        start = self.emit("fmp")
        for number, word in enumerate(words):
            self.emit("mstore", self.add(start, 32 * number), word)
        self.scratch_store(0, self.const(0))
        self._call_precompile(1, start, self.const(128))
        return self.scratch_load(0)

    def _precompile(self, node: typed.Builtin) -> Value:
        start, length = self.data_in_memory(node.arguments[0])
        self._call_precompile(_PRECOMPILES[node.name], start, length)
        word = self.scratch_load(0)
        return word if node.name == "sha256" else self.emit("shl", self.const(96), word)

    def _call_precompile(self, number: int, start: Value, length: Value) -> None:
        """The result, one word, goes to scratch word 0."""
        ok = self.emit(
            "staticcall",
            self.emit("gas"),
            self.const(number),
            start,
            length,
            self.const(0),
            self.const(32),
            imm="raw",
        )
        self.guard(self.is_zero(ok), BUBBLE)

    def _code_of(self, address: Value) -> Value:
        size = self.emit("extcodesize", address)
        pointer = self.allocate_bytes(size)
        self.emit("extcodecopy", address, self.add(pointer, 32), self.const(0), size)
        return pointer

    def _send(self, node: typed.Builtin) -> list[Value]:
        address, amount = self.word(node.arguments[0]), self.word(node.arguments[1])
        gas = self.emit("mul", self.is_zero(amount), self.const(TRANSFER_STIPEND))
        nothing = self.const(0)
        ok = self.emit("call", gas, address, amount, nothing, nothing, nothing, nothing)
        if node.name == "send":
            return [ok]
        self.guard(self.is_zero(ok), BUBBLE)
        return []

    # -- external ----------------------------------------------------------------------------------

    def external_call(self, node: typed.ExternalCall) -> list[Value]:
        """Encode, call, bubble a failure, decode."""
        ok, results = self.attempt_call(node)
        self.guard(self.is_zero(ok), BUBBLE)
        return results()

    def attempt_call(self, node: typed.ExternalCall) -> Attempt:
        """Encode and call: whether it succeeded, and how to decode the results if it did."""
        function = node.function
        address, selector = self._callee(node)
        options = self._options(node.options)
        items = self.items(node.arguments)
        results = [t for _, t in results_of(function)]
        reads = function.mutability in ("view", "pure") or function.getter_of is not None
        op, values = ("staticcall", []) if reads else ("call", [self._amount(options)])
        return self.send(op, address, values, selector, items, results, options.get("gas"))

    def _options(self, nodes: list[typed.CallOption]) -> dict[str, Value]:
        return {node.name: self.word(node.value) for node in nodes}

    def _amount(self, options: dict[str, Value]) -> Value:
        """Wei; none where the option is not given."""
        return options["value"] if "value" in options else self.const(0)

    def send(
        self,
        op: str,
        address: Value,
        value: list[Value],
        selector: Value,
        items: list[Item],
        results: list[Type],
        gas: Value | None = None,
    ) -> Attempt:
        """A call with a selector, at the high end of its word, and encoded arguments; `value` is there for `call` alone."""
        head = sum(t.head_size for t in results)
        if head == 0 or self.context.explains:  # nothing will be decoded that could be missing
            codeless = self.is_zero(self.emit("extcodesize", address))
            self.refuse(codeless, "Target contract does not contain code")
        start = self.emit("fmp")
        self.emit("mstore", start, selector)
        end = self.encode_tuple(self.add(start, 4), items)
        size = self.emit("sub", end, start)
        static = all(not t.dynamic for t in results)
        out = self.const(head if static else 0)
        if gas is None:
            gas = self.emit("gas")
        ok = self.emit(op, gas, address, *value, start, size, start, out)
        return ok, lambda: self._decode_results(start, results, head, static) if results else []

    def _callee(self, node: typed.ExternalCall) -> tuple[Value, Value]:
        """(address, selector at the high end) of the function called."""
        word = self.word(node.address)
        if isinstance(node.address.type, FunctionType):
            return self.emit("shr", self.const(96), word), self.emit("shl", self.const(160), word)
        return word, self.const(function_selector(node.function) << 224)

    def _decode_results(
        self, start: Value, results: list[Type], head: int, static: bool
    ) -> list[Value]:
        returned = self.emit("returndatasize")
        if static and all(t.is_value for t in results):
            # All values: nothing is allocated, the words are read where the call left them.
            short = self.emit("slt", returned, self.const(head))
            self.refuse(short, "ABI decoding: tuple data too short")
            words: list[Value] = []
            for number, type_ in enumerate(results):
                word = self.emit("mload", self.add(start, 32 * number))
                invalid = self.is_invalid(word, type_)
                if invalid is not None:
                    self.guard(invalid, EMPTY)
                words.append(word)
            return words
        if static:
            short = self.emit("lt", returned, self.const(head))
            size = self.select(short, lambda: [returned], lambda: [self.const(head)])[0]
        else:
            size = returned
            self.emit("returndatacopy", start, self.const(0), size)
        self.finish_allocation(start, size)
        end = self.emit("add", start, size)
        return [w for value in self.decode_tuple(start, end, results, "memory") for w in value]

    # -- low level ---------------------------------------------------------------------------------

    def low_level_call(self, node: typed.LowLevelCall, want_data: bool = True) -> list[Value]:
        """(success, returned bytes); the bytes are not copied when nobody looks at them."""
        address = self.word(node.address)
        options = self._options(node.options)
        start, length = self._call_data(node.data)
        gas = options["gas"] if "gas" in options else self.emit("gas")
        nothing = self.const(0)
        if node.kind == "call":
            amount = self._amount(options)
            ok = self.emit("call", gas, address, amount, start, length, nothing, nothing)
        else:
            ok = self.emit(node.kind, gas, address, start, length, nothing, nothing)
        return [ok, self.returned_bytes() if want_data else self.const(ZERO_POINTER)]

    def _call_data(self, node: typed.Expr) -> tuple[Value, Value]:
        inner = node.value if isinstance(node, typed.Convert) else node
        if isinstance(inner.type, StringLiteralType) and not inner.type.value:
            return self.const(0), self.const(0)
        if isinstance(inner.type, BytesType) and inner.type.location == "calldata":
            words = self.words(inner)
            start = self.emit("fmp")
            self.emit("calldatacopy", start, words[0], words[1])
            return start, words[1]
        return self.data_in_memory(node)

    def returned_bytes(self) -> Value:
        """What the last call returned, as `bytes memory`."""
        return self.routine("returned_bytes", [], 1, lambda f, p: f.returned_bytes_routine())[0]

    def returned_bytes_routine(self) -> None:
        size = self.emit("returndatasize")

        def copy() -> list[Value]:
            pointer = self.allocate_bytes(size)
            self.emit("returndatacopy", self.add(pointer, 32), self.const(0), size)
            return [pointer]

        self.ret(self.select(size, copy, lambda: [self.const(ZERO_POINTER)])[0])

    # -- creation ----------------------------------------------------------------------------------

    def create(self, node: typed.ContractNew) -> list[Value]:
        """`new C{value, salt}(…)`"""
        created, address = self.attempt_creation(node)
        self.guard(self.is_zero(created), BUBBLE)
        return address()

    def attempt_creation(self, node: typed.ContractNew) -> Attempt:
        """Run code with the encoded arguments behind it: the address, zero where that failed."""
        options = self._options(node.options)
        items = self.items(node.arguments)
        name = self.context.embed(node.contract)
        start = self.emit("fmp")
        size = self.emit("datasize", imm=name)
        end = self.emit("add", start, size)
        too_far = self.emit("gt", end, self.const(MAX_LENGTH))
        self.panic_if(self.emit("or", too_far, self.emit("lt", end, start)), PANIC_MEMORY)
        self.emit("codecopy", start, self.emit("dataoffset", imm=name), size)
        end = self.encode_tuple(end, items)
        total = self.emit("sub", end, start)
        amount = self._amount(options)
        if "salt" in options:
            created = self.emit("create2", amount, start, total, options["salt"])
        else:
            created = self.emit("create", amount, start, total)
        return created, lambda: [created]

    def contract_code(self, node: typed.ContractCode) -> list[Value]:
        """`type(C).creationCode`"""
        name = self.context.embed(node.contract, runtime=node.runtime)
        size = self.emit("datasize", imm=name)
        pointer = self.allocate_bytes(size)
        self.emit("codecopy", self.add(pointer, 32), self.emit("dataoffset", imm=name), size)
        return [pointer]
