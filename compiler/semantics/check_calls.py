"""Calls: conversions, functions, built-ins, external and low-level calls, creation."""

from __future__ import annotations

from compiler.semantics import typed
from compiler.semantics.advice import count_of, explicit_hint
from compiler.semantics.check_function_pointers import CALL_OPTIONS, is_attached
from compiler.semantics.check_members import function_signature
from compiler.semantics.check_names import make_conversion, named
from compiler.semantics.check_pointer_calls import PointerCallChecker, call_options
from compiler.semantics.conversions import explicit, implicit
from compiler.semantics.getters import getter_names, getter_parameters, getter_results
from compiler.semantics.library_calls import is_delegated, library_call
from compiler.semantics.same_members import called_member
from compiler.semantics.symbols import (
    ContractSymbol,
    FunctionSymbol,
    VariableSymbol,
)
from compiler.semantics.types import (
    ADDRESS,
    BOOL,
    BYTES,
    BYTES32,
    EMPTY_TUPLE,
    UINT256,
    ArrayType,
    BytesType,
    ContractType,
    MappingType,
    StructType,
    TupleType,
    Type,
    UserType,
)
from compiler.syntax import ast


class CallChecker(PointerCallChecker):
    """Everything that is written with parentheses."""

    def call(self, node: ast.Call) -> typed.Expr:
        callee = self.expression(node.function)
        if isinstance(callee, typed.Named) and callee.what == "member":
            callee = called_member(self, node, callee)
        if not isinstance(callee, typed.Named):
            return self.pointer_call(node, callee, {})
        what = callee.what
        if what == "function with options":
            assert callee.bound is not None
            return self.pointer_call(node, callee.bound, callee.options)
        if what == "functions":
            return self._function_call(node, callee)
        if what == "type":
            return self._type_call(node, callee.meaning)
        creates = what == "new" and isinstance(callee.meaning, ContractType)
        if node.names is not None and what != "error" and not creates:
            self.fail(
                "SL0404",
                node.span,
                "named arguments only work for functions, structs, events, errors and `new` of a contract",
            )
        if what == "built-in function":
            return self.builtin_call(node, callee.meaning)
        if what == "abi function":
            return self.abi_call(node, callee.meaning)
        if what == "array function":
            return self._array_call(node, callee)
        if what == "address function":
            return self._address_call(node, callee)
        if what == "new":
            return self._new_call(node, callee)
        if what == "conversion function":
            return self._wrap_call(node, callee)
        if what == "event":
            self.fail(
                "SL0401", node.span, "an event is not a function", hint="write `emit` before it"
            )
        if what == "error":
            self.fail(
                "SL0401", node.span, "an error is not a function", hint="write `revert` before it"
            )
        self.need_value(callee)
        raise AssertionError

    def call_options(self, node: ast.CallOptions) -> typed.Expr:
        """`f{value: v}` without the call: remembered in the name."""
        callee = self.expression(node.function)
        if isinstance(callee, typed.Named) and callee.what == "member":
            callee = callee.meaning[0]  # what is attached takes no options
        if not isinstance(callee, typed.Named):
            callee = self.pointer_with_options(node, callee)
        if callee.what not in ("functions", "function with options", "address function", "new"):
            made = isinstance(callee.meaning, StructType)
            self.fail(
                "SL0406", node.span, "call options only apply to external calls and `new`",
                hint=f"a struct is made with parentheses, too: `{self.reporter.quoted((callee.pos, callee.end))}({{…}})`"
                if made else None,
            )  # fmt: skip
        if call_options(callee.options):
            self.fail(
                "SL0406", node.span, "the call has options already",
                hint="write all of them in one pair of braces: `f{value: v, gas: g}(…)`",
            )  # fmt: skip
        options = dict(callee.options)
        for name, value in node.options:
            if name.name not in CALL_OPTIONS or name.name in options:
                known = "repeated" if name.name in options else "unknown"
                self.fail(
                    "SL0406",
                    name.span,
                    f"{known} call option `{name.name}`",
                    hint="options are value, gas and salt",
                )
            wanted: Type = BYTES32 if name.name == "salt" else UINT256
            options[name.name] = self.convert(self.value(value), wanted)
        result = named(node.pos, node.end, callee.what, callee.meaning, callee.bound)
        result.options = options
        return result

    # -- conversions and structs -------------------------------------------------------------------

    def _type_call(self, node: ast.Call, type_: Type) -> typed.Expr:
        if isinstance(type_, StructType):
            return self._struct(node, type_)
        library = self._library_named(node, type_)
        if library is not None:
            return typed.LibraryAddress(node.pos, node.end, type_, library)
        if node.names is not None or len(node.arguments) != 1:
            self.fail(
                "SL0404", node.span, f"a conversion to {type_.plain_name} takes one value",
                hint=f"to create one write `new {type_.plain_name.removeprefix('contract ')}(…)`"
                if isinstance(type_, ContractType) else None,
            )  # fmt: skip
        return self.convert_explicitly(self.value(node.arguments[0]), type_, node)

    def _library_named(self, node: ast.Call, type_: Type) -> ContractSymbol | None:
        """The library in `address(L)`."""
        if type_ is not ADDRESS or node.names is not None or len(node.arguments) != 1:
            return None
        argument = node.arguments[0]
        if not isinstance(argument, (ast.Name, ast.Member)):
            return None
        named_type = self.expression(argument)
        if isinstance(named_type, typed.Named) and named_type.what == "type":
            meaning = named_type.meaning
            if isinstance(meaning, ContractType) and meaning.symbol.kind == "library":
                return meaning.symbol
        return None

    def convert_explicitly(self, value: typed.Expr, target: Type, node: ast.Node) -> typed.Expr:
        """`target(value)`"""
        same_kind = (BytesType, ArrayType)
        if isinstance(target, same_kind) and isinstance(value.type, same_kind):
            target = target.in_location(value.type.location or "memory")
        reason = explicit(value.type, target)
        if reason is not None:
            text = self.reporter.quoted((value.pos, value.end))
            self.fail(
                "SL0303", node.span,
                f"cannot convert {value.type.name} to {target.name}{': ' + reason if reason else ''}",
                hint=explicit_hint(value.type, target, text),
            )  # fmt: skip
        converted = make_conversion(value, target)
        if converted is value:
            return value
        converted.pos, converted.end = node.pos, node.end
        return converted

    def _struct(self, node: ast.Call, type_: StructType) -> typed.Expr:
        symbol = type_.symbol
        if type_.contains_mapping:
            self.fail(
                "SL0322",
                node.span,
                f"struct `{symbol.name}` holds a mapping and only exists in storage",
            )
        arguments = self.in_order(
            node, [m.name for m in symbol.members], f"struct `{symbol.name}`", symbol.span
        )
        converted = [
            self.convert(self.value(argument), member.type.in_location("memory"))
            for argument, member in zip(arguments, symbol.members, strict=True)
        ]
        return typed.StructNew(node.pos, node.end, type_, symbol, converted)

    def _wrap_call(self, node: ast.Call, callee: typed.Named) -> typed.Expr:
        type_, direction = callee.meaning
        assert isinstance(type_, UserType)
        if len(node.arguments) != 1:
            self.fail("SL0404", node.span, f"`{direction}` takes one value")
        source, target = (
            (type_.underlying, type_) if direction == "wrap" else (type_, type_.underlying)
        )
        value = self.convert(self.value(node.arguments[0]), source)
        if isinstance(value, typed.Const):
            return typed.Const(node.pos, node.end, target, value.word)
        return typed.Convert(node.pos, node.end, target, value)

    # -- functions ---------------------------------------------------------------------------------

    def _function_call(self, node: ast.Call, callee: typed.Named) -> typed.Expr:
        external = _is_external(callee)
        arguments = [self.value(a) for a in node.arguments]
        function, ordered = self._pick(node, callee, arguments, external)
        self.not_in_constant(node.span, f"a call of `{function.name}`")
        if "foreign" in callee.options:
            self.fail(
                "SL0405", node.span, f"`{function.name}` belongs to a contract this one does not inherit",
                hint="call it on an address: `Contract(address).f()`",
            )  # fmt: skip
        if external:
            return self._external_call(node, callee, function, ordered)
        if is_delegated(function, callee):
            self._no_options(node, callee, "a library call")
            return library_call(self, node, function, ordered)
        return self._internal_call(node, callee, function, ordered)

    def _pick(
        self, node: ast.Call, callee: typed.Named, arguments: list[typed.Expr], external: bool
    ) -> tuple[FunctionSymbol, list[typed.Expr]]:
        """The one overload that takes these arguments, and the arguments in its order."""
        candidates: list[FunctionSymbol] = callee.meaning
        matches, reasons = self._matches(node, callee, arguments, external)
        if len(matches) == 1:
            return matches[0]
        name = candidates[0].name
        if not matches and len(candidates) == 1:
            self._explain_mismatch(node, candidates[0], reasons[0])
        notes = tuple(
            f"{function_signature(c)}: {r}" for c, r in zip(candidates, reasons, strict=False)
        ) if not matches else tuple(function_signature(f) for f, _ in matches)  # fmt: skip
        problem = (
            "no overload of `{}` takes these arguments"
            if not matches
            else "the call of `{}` is ambiguous"
        )
        self.fail(
            "SL0403" if not matches else "SL0402", node.span, problem.format(name), notes=notes
        )

    def fits(self, node: ast.Call, callee: typed.Named, arguments: list[typed.Expr]) -> bool:
        """Whether one of the functions a name means takes these arguments."""
        return bool(self._matches(node, callee, arguments, _is_external(callee))[0])

    def _matches(
        self, node: ast.Call, callee: typed.Named, arguments: list[typed.Expr], external: bool
    ) -> tuple[list[tuple[FunctionSymbol, list[typed.Expr]]], list[str]]:
        """The functions that take these arguments, in their order, and why the others do not."""
        bound = None if external else callee.bound
        matches: list[tuple[FunctionSymbol, list[typed.Expr]]] = []
        reasons: list[str] = []
        for candidate in callee.meaning:
            names = [n for n, _ in parameters_of(candidate)]
            given = self._arrange(node, arguments, names[1:] if bound is not None else names)
            if isinstance(given, str):
                reasons.append(given)
                continue
            if bound is not None:
                given = [bound, *given]
            reason = _mismatch(candidate, given, external, is_delegated(candidate, callee))
            if reason is None:
                matches.append((candidate, given))
            else:
                reasons.append(reason)
        return matches, reasons

    def _explain_mismatch(self, node: ast.Call, function: FunctionSymbol, reason: str) -> None:
        labels = ((function.span, "declared here"),) if function.span else ()
        self.fail(
            "SL0404", node.span, f"`{function.name}` cannot be called like this: {reason}", labels=labels,
            notes=(f"it takes ({', '.join(t.name for _, t in parameters_of(function))})",),
        )  # fmt: skip

    def _arrange(
        self, node: ast.Call, arguments: list[typed.Expr], names: list[str]
    ) -> list[typed.Expr] | str:
        if len(arguments) != len(names):
            return f"{count_of(len(names), 'argument')} expected, {len(arguments)} given"
        if node.names is None:
            return arguments
        given = {n.name: a for n, a in zip(node.names, arguments, strict=True)}
        if set(given) != set(names):
            return f"its parameters are named {', '.join(names)}"
        return [given[n] for n in names]

    def _internal_call(
        self,
        node: ast.Call,
        callee: typed.Named,
        function: FunctionSymbol,
        arguments: list[typed.Expr],
    ) -> typed.Expr:
        self._no_options(node, callee, "an internal call")
        dispatch = self.dispatch_of(callee, function, node.span)
        self._require_callee(function, node)
        converted = [
            self.convert(argument, parameter.type)
            for argument, parameter in zip(arguments, function.parameters, strict=True)
        ]
        bound = converted.pop(0) if len(converted) > len(node.arguments) else None
        return typed.Call(
            node.pos, node.end, function.return_type, function, bound, converted, dispatch
        )

    def _no_options(self, node: ast.Call, callee: typed.Named, what: str) -> None:
        options = set(callee.options) & set(CALL_OPTIONS)
        if options:
            self.fail("SL0406", node.span, f"{what} has no option `{sorted(options)[0]}`")

    def _require_callee(self, function: FunctionSymbol, node: ast.Node) -> None:
        if function.mutability != "pure":
            needed = "view" if function.mutability == "view" else "nonpayable"
            self.require(needed, node.span, f"calling `{function.name}`")

    def _external_call(
        self,
        node: ast.Call,
        callee: typed.Named,
        function: FunctionSymbol,
        arguments: list[typed.Expr],
    ) -> typed.Expr:
        assert callee.bound is not None
        if function.mutability != "pure" or function.getter_of is not None:
            reads = function.mutability == "view" or function.getter_of is not None
            self.require("view" if reads else "nonpayable", node.span, f"calling `{function.name}`")
        options = callee.options
        if "salt" in options:
            self.fail("SL0406", node.span, "`salt` only applies to `new`")
        if "value" in options and function.mutability != "payable":
            self.fail(
                "SL0406", node.span, f"`{function.name}` is not payable and takes no value",
                hint="declare it `payable`, or delete `value`",
                labels=((function.span, "declared here"),) if function.span else (),
            )  # fmt: skip
        converted = [
            self.for_encoding(argument, type_)
            for argument, (_, type_) in zip(arguments, parameters_of(function), strict=True)
        ]
        results = tuple(t for _, t in results_of(function))
        type_ = results[0] if len(results) == 1 else TupleType(results) if results else EMPTY_TUPLE
        return typed.ExternalCall(
            node.pos,
            node.end,
            type_,
            callee.bound,
            function,
            call_options(options),
            converted,
        )

    # -- arrays, addresses, creation ---------------------------------------------------------------

    def _array_call(self, node: ast.Call, callee: typed.Named) -> typed.Expr:
        base = callee.bound
        assert base is not None and isinstance(base.type, (ArrayType, BytesType))
        self.require("nonpayable", node.span, "changing a storage array")
        if callee.meaning == "pop":
            if node.arguments:
                self.fail("SL0404", node.span, "`pop` takes no argument")
            return typed.Pop(node.pos, node.end, EMPTY_TUPLE, base)
        if isinstance(base.type, ArrayType):
            element = base.type.element.in_location("storage")
        else:
            from compiler.semantics.types import BYTES1

            element = BYTES1
        if not node.arguments:
            return typed.Push(node.pos, node.end, element, base, None)
        if len(node.arguments) != 1:
            self.fail("SL0404", node.span, "`push` takes at most one value")
        if element.contains_mapping:
            self.fail(
                "SL0310", node.span, f"{element.plain_name} is or holds a mapping and cannot be copied",
                hint="write `push()` and fill the new element in place",
            )  # fmt: skip
        value = self.convert(self.value(node.arguments[0]), element, into_state=True)
        return typed.Push(node.pos, node.end, EMPTY_TUPLE, base, value)

    def _address_call(self, node: ast.Call, callee: typed.Named) -> typed.Expr:
        assert callee.bound is not None
        kind, address = callee.meaning, callee.bound
        if kind in ("send", "transfer"):
            self.require("nonpayable", node.span, f"`{kind}`")
            if len(node.arguments) != 1:
                self.fail("SL0404", node.span, f"`{kind}` takes the amount in wei")
            amount = self.convert(self.value(node.arguments[0]), UINT256)
            result = BOOL if kind == "send" else EMPTY_TUPLE
            return typed.Builtin(node.pos, node.end, result, kind, [address, amount])
        needed = "view" if kind == "staticcall" else "nonpayable"
        self.require(needed, node.span, f"`{kind}`")
        if len(node.arguments) != 1:
            self.fail(
                "SL0404",
                node.span,
                f"`{kind}` takes the call data, one `bytes` value",
                hint='for none, write `""`',
            )
        data = self.for_encoding(self.value(node.arguments[0]), BYTES["memory"])
        options = callee.options
        if "value" in options and kind != "call":
            self.fail("SL0406", node.span, f"`{kind}` sends no value")
        if "salt" in options:
            self.fail("SL0406", node.span, "`salt` only applies to `new`")
        type_ = TupleType((BOOL, BYTES["memory"]))
        return typed.LowLevelCall(
            node.pos, node.end, type_, kind, address, call_options(options), data
        )

    def _new_call(self, node: ast.Call, callee: typed.Named) -> typed.Expr:
        type_ = callee.meaning
        if isinstance(type_, ContractType):
            return self._create(node, callee, type_.symbol)
        if callee.options:
            self.fail("SL0406", node.span, "call options only apply to `new` of a contract")
        dynamic = isinstance(type_, BytesType) or (
            isinstance(type_, ArrayType) and type_.length is None
        )
        if not dynamic:
            self.fail(
                "SL0323", node.function.span, f"`new` makes contracts and dynamic arrays, not {type_.plain_name}",
                hint="structs are made with `S(…)`",
            )  # fmt: skip
        if type_.contains_mapping:
            self.fail(
                "SL0322",
                node.span,
                f"{type_.plain_name} holds a mapping and only exists in storage",
            )
        if len(node.arguments) != 1:
            self.fail("SL0404", node.span, "`new` of an array takes its length")
        length = self.convert(self.value(node.arguments[0]), UINT256)
        return typed.ArrayNew(node.pos, node.end, type_, length)

    def _create(self, node: ast.Call, callee: typed.Named, symbol: ContractSymbol) -> typed.Expr:
        self.require("nonpayable", node.span, "creating a contract")
        if not symbol.deployable or symbol.kind == "library":
            hint = {
                "interface": "it has no code: create a contract that implements it",
                "library": "its functions are called by name; nobody needs to create it",
            }.get(symbol.kind, "it is abstract: create a contract that inherits it")
            self.fail(
                "SL0321", node.span, f"{symbol.kind} `{symbol.name}` cannot be created", hint=hint
            )
        self.depends_on(symbol, node)
        options = callee.options
        constructor = symbol.constructor
        self.need_sound([symbol] if constructor is None else [symbol, constructor])
        if "gas" in options:
            self.fail("SL0406", node.span, "`gas` does not apply to `new`")
        if "value" in options and (constructor is None or constructor.mutability != "payable"):
            self.fail("SL0406", node.span, f"the constructor of `{symbol.name}` is not payable")
        parameters: list[VariableSymbol] = constructor.parameters if constructor else []
        ordered = self.in_order(
            node, [p.name for p in parameters], f"the constructor of `{symbol.name}`",
            constructor.span if constructor else symbol.span,
        )  # fmt: skip
        arguments = [
            self.for_encoding(self.value(a), p.type)
            for a, p in zip(ordered, parameters, strict=True)
        ]
        return typed.ContractNew(
            node.pos,
            node.end,
            symbol.contract_type,
            symbol,
            call_options(options),
            arguments,
        )


def _is_external(callee: typed.Named) -> bool:
    """Whether functions are named on a contract's address, and not attached to it."""
    bound = callee.bound
    on_contract = bound is not None and isinstance(bound.type, ContractType)
    return on_contract and not is_attached(callee.meaning[0])


def parameters_of(function: FunctionSymbol) -> list[tuple[str, Type]]:
    """Name and type of each parameter, of getters too."""
    if function.getter_of is not None:
        names, _ = getter_names(function.getter_of.node.type)
        return list(zip(names, getter_parameters(function.getter_of.type), strict=True))
    return [(p.name, p.type) for p in function.parameters]


def results_of(function: FunctionSymbol) -> list[tuple[str, Type]]:
    """Name and type of each result as an external caller gets it: in memory."""
    if function.getter_of is not None:
        _, result = getter_names(function.getter_of.node.type)
        found = getter_results(function.getter_of.type)
        return [(name or result, type_) for name, type_ in found]
    return [(r.name, r.type.in_location("memory")) for r in function.returns]


def _mismatch(
    function: FunctionSymbol, arguments: list[typed.Expr], external: bool, delegated: bool
) -> str | None:
    parameters = parameters_of(function)
    for number, (argument, (_, type_)) in enumerate(zip(arguments, parameters, strict=True), 1):
        encoded = external or (delegated and type_.location != "storage")
        wanted = (
            type_.in_location("memory") if encoded and not isinstance(type_, MappingType) else type_
        )
        reason = implicit(argument.type, wanted)
        if reason is not None:
            more = f" ({reason})" if reason else ""
            return f"argument {number} is {argument.type.name}, not {type_.name}{more}"
    return None
