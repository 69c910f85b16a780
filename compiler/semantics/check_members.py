"""`base.member`: of values, types, modules and built-in objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from compiler.diagnostics.errors import StageStop
from compiler.diagnostics.suggest import closest
from compiler.evm.keccak import selector as selector_of
from compiler.evm.words import MASK
from compiler.semantics import typed
from compiler.semantics.advice import ARRAY_WORDS, contract_with
from compiler.semantics.builtins import ABI_FUNCTIONS, ADDRESS_MEMBERS, ENVIRONMENT
from compiler.semantics.check_expressions import ExpressionChecker
from compiler.semantics.check_function_pointers import is_inner, is_plain
from compiler.semantics.check_names import named
from compiler.semantics.conversions import implicit
from compiler.semantics.declare import exported
from compiler.semantics.library_calls import in_library, library_signature
from compiler.semantics.symbols import (
    ContractSymbol,
    EventSymbol,
    FunctionSymbol,
    VariableSymbol,
)
from compiler.semantics.types import (
    BYTES,
    BYTES4,
    BYTES32,
    UINT256,
    AddressType,
    ArrayType,
    BytesType,
    ContractType,
    EnumType,
    FixedBytesType,
    FunctionType,
    IntType,
    MappingType,
    StringLiteralType,
    StructType,
    Type,
    UserType,
)
from compiler.semantics.using import in_force
from compiler.syntax import ast
from compiler.syntax.walk import bare


class MemberChecker(ExpressionChecker):
    """Member access."""

    def member(self, node: ast.Member) -> typed.Expr:
        name = node.member.name
        query = bare(node.base)
        if isinstance(query, ast.Call) and _is_type_query(query):
            return self._type_information(node, query)
        outer = self.only_named
        self.only_named = outer or (name == "selector" and _is_own_function(node.base))
        try:
            base = self.expression(node.base)
        finally:
            self.only_named = outer
        if isinstance(base, typed.Named):
            return self._named_member(node, base, name)
        found = self._value_member(node, base, name)
        attached = self.attached_functions(base.type, name)
        if found is not None:
            fitting = [f for f in attached if implicit(base.type, f.parameters[0].type) is None]
            if fitting:
                return named(node.pos, node.end, "member", (found, fitting), base)
            return found
        if attached:
            return named(node.pos, node.end, "functions", attached, base)
        if self.unit.usings_broken or (self.contract is not None and self.contract.usings_broken):
            raise StageStop  # it may be what a broken `using` was to attach
        if name in ("value", "gas") and isinstance(node.base, (ast.Call, ast.Member)):
            self.fail(
                "SL0207", node.member.span, f"`.{name}(…)` on calls was removed from Solidity",
                hint=f"options stand in braces in front of the arguments: `f{{{name}: …}}(…)`",
            )  # fmt: skip
        hint = self._foreign_member(base.type, node)
        self._no_member(node, base.type.name, self._member_names(base.type), hint)

    def _no_member(
        self, node: ast.Member, what: str, known: Iterable[str], hint: str | None = None
    ) -> NoReturn:
        near = closest(node.member.name, known)
        self.fail(
            "SL0207", node.member.span, f"{what} has no member `{node.member.name}`",
            hint=hint or (f"did you mean `{near}`?" if near else None),
        )  # fmt: skip

    def _foreign_member(self, type_: Type, node: ast.Member) -> str | None:
        """Advice for a member that values of this type have elsewhere."""
        name = node.member.name
        if isinstance(type_, ArrayType):
            return ARRAY_WORDS.get(name)
        if isinstance(type_, AddressType):
            home = contract_with(name, self.scope)
            text = self.reporter.quoted(node.base.span)
            return f"say what is at the address: `{home}({text}).{name}`" if home else None
        return None

    def _member_names(self, type_: Type) -> list[str]:
        if isinstance(type_, StructType):
            return [m.name for m in type_.symbol.members]
        if isinstance(type_, ContractType):
            return [f.name for c in type_.symbol.linearized for f in c.functions if f.is_external]
        if isinstance(type_, AddressType):
            return sorted(ADDRESS_MEMBERS)
        if isinstance(type_, (ArrayType, BytesType)):
            return ["length", "push", "pop"]
        if isinstance(type_, FunctionType) and type_.external:
            return ["selector", "address"]
        return []

    # -- members of values -------------------------------------------------------------------------

    def _value_member(self, node: ast.Member, base: typed.Expr, name: str) -> typed.Expr | None:
        type_ = base.type
        pos, end = node.pos, node.end
        if isinstance(type_, StructType):
            member = type_.member(name)
            if member is not None:
                self.not_in_constant(node.span, f"the member `{name}` of a struct")
                self.note_storage(type_, node.span)
                return typed.Field(pos, end, member, base, type_.symbol, name)
        elif isinstance(type_, (ArrayType, BytesType)):
            return self._array_member(node, base, name)
        elif isinstance(type_, FixedBytesType) and name == "length":
            self.not_in_constant(node.span, "a length")
            return self._known_length(pos, end, base, type_.size)
        elif isinstance(type_, AddressType):
            return self._address_member(node, base, name)
        elif isinstance(type_, ContractType):
            functions = [f for f in external_functions(type_.symbol) if f.name == name]
            self.need_sound(functions or (type_.symbol,))
            if functions:
                self._not_while_created(base)
                return named(pos, end, "functions", functions, base)
            if name in ADDRESS_MEMBERS and not self.attached_functions(type_, name):
                self.fail(
                    "SL0207", node.member.span, f"contract {type_.symbol.name} has no function `{name}`",
                    hint=f"convert it first: `address(…).{name}`",
                )  # fmt: skip
            self._hidden_member(node, type_.symbol, name)
        elif isinstance(type_, FunctionType):
            return self.pointer_member(node, base, name)
        elif isinstance(type_, MappingType) and name in ("length", "push", "pop", "keys"):
            if not self.attached_functions(type_, name):
                self.fail(
                    "SL0207", node.member.span, f"a mapping has no `{name}`: it does not know its keys",
                    hint="keep the keys in an array beside it",
                )  # fmt: skip
        return None

    def _not_while_created(self, base: typed.Expr) -> None:
        """`this.f` in a constructor: the contract has no code yet that could answer."""
        itself = isinstance(base, typed.Environment) and isinstance(base.type, ContractType)
        in_constructor = self.function is not None and self.function.function_kind == "constructor"
        if itself and in_constructor and not self.only_named:
            self.reporter.report(
                "SL6007", (base.pos, base.end), "`this` has no code while the contract is being created",
                hint="call an internal or public function by its name alone",
            )  # fmt: skip

    def _hidden_member(self, node: ast.Member, contract: ContractSymbol, name: str) -> None:
        """A contract has what is named, but not for others."""
        if self.attached_functions(contract.contract_type, name):
            return
        for base in contract.linearized:
            for symbol in base.scope.names.get(name, ()):
                visibility = getattr(symbol, "visibility", None)
                if visibility is None or visibility in ("public", "external"):
                    continue
                self.fail(
                    "SL0207", node.member.span, f"`{name}` of `{base.name}` is {visibility}: other contracts cannot see it",
                    hint="make it `public`" if isinstance(symbol, VariableSymbol) else "make it `external` or `public`",
                    labels=((symbol.span, "declared here"),) if symbol.span else (),
                )  # fmt: skip

    @staticmethod
    def _known_length(pos: int, end: int, base: typed.Expr, length: int) -> typed.Expr:
        """A number, unless finding what has it may fail or have effects."""
        if isinstance(base, (typed.Local, typed.State, typed.Const, typed.Literal)):
            return typed.Const(pos, end, UINT256, length)
        return typed.Length(pos, end, UINT256, base)

    def _array_member(self, node: ast.Member, base: typed.Expr, name: str) -> typed.Expr | None:
        type_ = base.type
        assert isinstance(type_, (ArrayType, BytesType))
        pos, end = node.pos, node.end
        is_string = isinstance(type_, BytesType) and type_.is_string
        fixed = isinstance(type_, ArrayType) and type_.length is not None
        if name == "length" and not is_string:
            self.not_in_constant(node.span, "a length")
            if isinstance(type_, ArrayType) and type_.length is not None:
                return self._known_length(pos, end, base, type_.length)
            self.note_storage(type_, node.span)
            return typed.Length(pos, end, UINT256, base)
        if name == "length" and not self.attached_functions(type_, name):
            self.fail(
                "SL0207", node.member.span, "a string has no length", hint="write `bytes(s).length`"
            )
        if name in ("push", "pop") and not is_string:
            if fixed or type_.location != "storage":
                if self.attached_functions(type_, name):
                    return None
                self.fail(
                    "SL0207", node.member.span, f"{type_.name} has no `{name}`",
                    hint="only dynamic arrays in storage grow and shrink",
                )  # fmt: skip
            return named(pos, end, "array function", name, base)
        return None

    def _address_member(self, node: ast.Member, base: typed.Expr, name: str) -> typed.Expr | None:
        pos, end = node.pos, node.end
        if name not in ADDRESS_MEMBERS:
            return None
        if name in ("balance", "code", "codehash"):
            self.require("view", node.span, f"`.{name}`")
            types: dict[str, Type] = {
                "balance": UINT256,
                "code": BYTES["memory"],
                "codehash": BYTES32,
            }
            return typed.Builtin(pos, end, types[name], name, [base])
        if name in ("send", "transfer") and base.type.name != "address payable":
            if self.attached_functions(base.type, name):
                return None
            text = self.reporter.quoted((base.pos, base.end))
            self.fail(
                "SL0207", node.member.span, f"`{name}` needs an `address payable`",
                hint=f"write `payable({text}).{name}(…)`",
            )  # fmt: skip
        return named(pos, end, "address function", name, base)

    # -- members of names --------------------------------------------------------------------------

    def _named_member(self, node: ast.Member, base: typed.Named, name: str) -> typed.Expr:
        what, meaning = base.what, base.meaning
        if what == "built-in object":
            return self._object_member(node, meaning, name)
        if what == "module":
            names = exported(meaning)
            if name in names:
                return self.symbols(names[name], node)
            self._no_member(node, f"module {meaning.name}", names)
        if what == "super":
            return self._super_member(node, meaning, name)
        if what == "type":
            return self._type_member(node, meaning, name)
        if what == "functions":
            return self._function_member(node, base, name)
        if what == "function with options" and base.bound is not None:
            self.need_plain_options(base)
            member = self.pointer_member(node, base.bound, name)
            if member is not None:
                return member
        if what == "event" and name == "selector":
            event: EventSymbol = meaning[0]
            if event.anonymous:
                self.fail(
                    "SL0207",
                    node.member.span,
                    f"event `{event.name}` is anonymous and has no selector",
                )
            return typed.Const(node.pos, node.end, BYTES32, event.topic)
        if what == "error" and name == "selector":
            return typed.Const(node.pos, node.end, BYTES4, meaning.selector << 224)
        if what == "built-in function":
            if meaning == "type":
                self.fail("SL0305", node.span, "`type` needs a type: `type(uint256).max`")
            if (meaning, name) == ("bytes", "concat"):
                return named(node.pos, node.end, "built-in function", "bytes.concat")
        self.need_value(base)
        raise AssertionError

    def _object_member(self, node: ast.Member, name: str, member: str) -> typed.Expr:
        pos, end = node.pos, node.end
        if name == "abi":
            if member not in ABI_FUNCTIONS:
                self._no_member(node, "`abi`", ABI_FUNCTIONS)
            return named(pos, end, "abi function", member)
        words = ENVIRONMENT.get(name, {})
        word = words.get(member)
        if word is None:
            self._no_member(node, f"`{name}`", words)
        self.require_opcode(word.opcode, node.span, f"`{name}.{member}`")
        if (name, member) == ("msg", "value"):
            self.require_payable(node.span)
        if (name, member) == ("msg", "data") and self.function is not None:
            if self.function.function_kind == "receive":
                self.fail("SL0207", node.span, "`msg.data` is always empty in `receive`")
        self.not_in_constant(node.span, f"`{name}.{member}`")
        if word.mutability != "pure":
            self.require(word.mutability, node.span, f"`{name}.{member}`")
        return typed.Environment(pos, end, word.type, word.opcode)

    def _super_member(self, node: ast.Member, contract: ContractSymbol, name: str) -> typed.Expr:
        found: list[FunctionSymbol] = []
        for base in contract.linearized[1:]:
            for function in base.functions:
                if (
                    function.name == name
                    and function.visibility in ("internal", "public")
                    and function.has_body
                ):
                    if all(f.signature != function.signature for f in found):
                        found.append(function)
        if not found:
            self.fail(
                "SL0207", node.member.span, f"no base of `{contract.name}` has a function `{name}`"
            )
        result = named(node.pos, node.end, "functions", found)
        result.options = {"super": typed.Literal(node.pos, node.end, contract.contract_type)}
        return result

    def _type_member(self, node: ast.Member, type_: Type, name: str) -> typed.Expr:
        pos, end = node.pos, node.end
        if isinstance(type_, EnumType):
            if name in type_.symbol.values:
                return typed.Const(pos, end, type_, type_.symbol.values.index(name))
            self._no_member(node, f"enum {type_.symbol.name}", type_.symbol.values)
        if isinstance(type_, ContractType):
            return self._contract_member(node, type_.symbol, name)
        if isinstance(type_, UserType) and name in ("wrap", "unwrap"):
            return named(pos, end, "conversion function", (type_, name))
        if isinstance(type_, BytesType) and name == "concat":
            return named(
                pos, end, "built-in function", f"{'string' if type_.is_string else 'bytes'}.concat"
            )
        if isinstance(type_, IntType) and name in ("max", "min"):
            self.fail(
                "SL0207",
                node.member.span,
                f"{type_.name} has no `{name}`",
                hint=f"write `type({type_.name}).{name}`",
            )
        self._no_member(node, f"type {type_.plain_name}", [])

    def _contract_member(self, node: ast.Member, contract: ContractSymbol, name: str) -> typed.Expr:
        found = contract.scope.names.get(name, [])
        if not found:
            self.need_sound((contract,))
            self._no_own_member(node, contract, name)
        self.need_sound(found)
        first = found[0]
        if getattr(first, "visibility", "") == "private":
            inside = contract is self.contract
            self.fail(
                "SL0207", node.member.span, f"`{name}` is private to `{contract.name}`",
                hint=f"inside of it write `{name}`" if inside else None,
            )  # fmt: skip
        inherited = self.contract is not None and self.contract.derives_from(contract)
        if isinstance(first, FunctionSymbol):
            result = named(node.pos, node.end, "functions", found)
            if contract.kind != "library" and not inherited:
                result.options = {
                    "foreign": typed.Literal(node.pos, node.end, contract.contract_type)
                }
            else:
                result.options = {
                    "exact": typed.Literal(node.pos, node.end, contract.contract_type)
                }
            return result
        if isinstance(first, VariableSymbol) and not first.is_constant and not inherited:
            self.fail(
                "SL0207",
                node.member.span,
                f"`{name}` of `{contract.name}` cannot be read from here",
            )
        return self.symbols(found, node)

    def _no_own_member(self, node: ast.Member, contract: ContractSymbol, name: str) -> NoReturn:
        """`C.name` means what `C` itself defines."""
        for base in contract.linearized[1:]:
            if name in base.scope.names:
                self.fail(
                    "SL0207", node.member.span, f"`{name}` is not defined in `{contract.name}` but in its base `{base.name}`",
                    hint=f"write `{base.name}.{name}`",
                )  # fmt: skip
        self._no_member(node, f"{contract.kind} {contract.name}", contract.scope.names)

    def _function_member(self, node: ast.Member, base: typed.Named, name: str) -> typed.Expr:
        functions: list[FunctionSymbol] = base.meaning
        if len(functions) > 1:
            self.fail(
                "SL0402",
                node.span,
                f"`{functions[0].name}` is overloaded: it is not clear which one is meant",
            )
        function = functions[0]
        self.need_plain_options(base)
        inherited = function.visibility == "public" and function.contract is not self.contract
        visible = inherited or not is_inner(base, function)
        if name == "selector" and function.visibility in ("public", "external") and visible:
            if base.bound is not None and not is_plain(base.bound):
                return typed.Convert(node.pos, node.end, BYTES4, self.as_value(base))
            return typed.Const(node.pos, node.end, BYTES4, function_selector(function) << 224)
        if (
            name == "address"
            and base.bound is not None
            and isinstance(base.bound.type, ContractType)
        ):
            return self.convert_explicitly(base.bound, elementary_address(), node)
        pointer = self.as_value(base)
        attached = self.attached_functions(pointer.type, name)
        if attached:
            return named(node.pos, node.end, "functions", attached, pointer)
        self.fail("SL0207", node.member.span, f"function `{function.name}` has no member `{name}`")

    def convert_explicitly(self, value: typed.Expr, target: Type, node: ast.Node) -> typed.Expr:
        raise NotImplementedError

    # -- type(X) -----------------------------------------------------------------------------------

    def _type_information(self, node: ast.Member, query: ast.Call) -> typed.Expr:
        """`type(X).max` and the like."""
        type_, name = self.type_query(query).meaning, node.member.name
        pos, end = node.pos, node.end
        if isinstance(type_, (IntType, EnumType)) and name in ("max", "min"):
            bound = type_.maximum if name == "max" else getattr(type_, "minimum", 0)
            return typed.Const(pos, end, type_, bound & MASK)
        if isinstance(type_, ContractType):
            return self._contract_information(node, type_.symbol, name)
        self._no_member(
            node, f"type({type_.plain_name})", ["max", "min"] if isinstance(type_, IntType) else []
        )

    def type_query(self, query: ast.Call) -> typed.Named:
        """`type(X)`, of which only the members have values."""
        if len(query.arguments) != 1:
            self.fail("SL0305", query.span, "`type` takes one type")
        argument = self.expression(query.arguments[0])
        if not (isinstance(argument, typed.Named) and argument.what == "type"):
            self.fail("SL0305", query.arguments[0].span, "`type` takes a type, not a value")
        if not isinstance(argument.meaning, (IntType, EnumType, ContractType)):
            self.fail(
                "SL0305", query.arguments[0].span, f"nothing is known of the type {argument.meaning.plain_name}",
                hint="`type` takes integers, enums, contracts and interfaces",
            )  # fmt: skip
        return named(query.pos, query.end, "type query", argument.meaning)

    def _contract_information(
        self, node: ast.Member, symbol: ContractSymbol, name: str
    ) -> typed.Expr:
        pos, end = node.pos, node.end
        if name == "name":
            return typed.Literal(pos, end, StringLiteralType(symbol.name.encode(), "string"))
        if name == "interfaceId" and symbol.kind == "interface":
            return typed.Const(pos, end, BYTES4, interface_id(symbol) << 224)
        if name in ("creationCode", "runtimeCode"):
            if not symbol.deployable:
                self.fail("SL0321", node.span, f"there is no {name} of `{symbol.name}` here")
            if name == "runtimeCode" and any(
                v.immutable for c in symbol.linearized for v in c.state_variables
            ):
                self.fail(
                    "SL0321", node.span, f"`{symbol.name}` has immutables: its runtime code is only known once it is created",
                    hint="read it from the address of a created one: `address(…).code`",
                )  # fmt: skip
            self.depends_on(symbol, node)
            return typed.ContractCode(pos, end, BYTES["memory"], symbol, name == "runtimeCode")
        self._no_member(
            node, f"type({symbol.name})", ["name", "interfaceId", "creationCode", "runtimeCode"]
        )

    def depends_on(self, symbol: ContractSymbol, node: ast.Node) -> None:
        """Whoever runs this code carries the code of `symbol`."""
        self.uses.creates.setdefault(symbol, node)

    # -- using for ---------------------------------------------------------------------------------

    def attached_functions(self, type_: Type, name: str) -> list[FunctionSymbol]:
        """Functions that `using … for …` attaches to a type under this name."""
        found = [
            function
            for attachment in in_force(type_, self.unit, self.contract)
            for known, function in attachment.functions
            if known == name
        ]
        self.need_sound(found)
        return list(dict.fromkeys(found))


def _is_type_query(node: ast.Call) -> bool:
    return isinstance(node.function, ast.Name) and node.function.name == "type"


def _is_own_function(node: ast.Expr) -> bool:
    """`this.f`"""
    if not isinstance(node, ast.Member) or not isinstance(node.base, ast.Name):
        return False
    return node.base.name == "this"


def elementary_address() -> Type:
    from compiler.semantics.types import ADDRESS

    return ADDRESS


def external_functions(contract: ContractSymbol) -> list[FunctionSymbol]:
    """The functions of a contract's ABI, the most derived of each signature, getters included."""
    found: dict[str, FunctionSymbol] = {}
    for base in contract.linearized:
        for function in base.functions:
            if function.is_external:
                found.setdefault(function_signature(function), function)
    return list(found.values())


def function_signature(function: FunctionSymbol) -> str:
    """Canonical signature; a getter takes its parameters from the variable's type."""
    if in_library(function):
        return library_signature(function)
    if function.getter_of is None:
        return function.signature
    from compiler.semantics.getters import getter_parameters

    types = ",".join(t.abi or "" for t in getter_parameters(function.getter_of.type))
    return f"{function.name}({types})"


def function_selector(function: FunctionSymbol) -> int:
    return selector_of(function_signature(function))


def interface_id(contract: ContractSymbol) -> int:
    """ERC-165: the XOR of the selectors an interface itself declares."""
    result = 0
    for function in contract.functions:
        result ^= function_selector(function)
    return result
