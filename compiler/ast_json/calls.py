"""Names, members and calls: what each refers to, and which overload is meant."""

from __future__ import annotations

from dataclasses import replace

from compiler.ast_json import builtins
from compiler.ast_json.expressions import ExpressionWriter
from compiler.ast_json.nodes import Arguments, Value
from compiler.ast_json.program import Declaration
from compiler.ast_json.types import (
    NOTHING,
    PAYABLE,
    Bytes,
    Contract,
    Elementary,
    Enum,
    Function,
    Magic,
    Module,
    Reference,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeName,
    UserValue,
    located,
)
from compiler.syntax import ast


class CallWriter(ExpressionWriter):
    """`tried` is the call of the `try` statement that is being written."""

    tried: ast.Expr | None = None

    # -- names ---------------------------------------------------------------------------------------

    def _name(self, node: ast.Name, is_written: bool, called: Arguments | None) -> Value:
        found = self.program.find(node.name, self.scope, self.unit)
        meanings = [m for declaration in found for m in self._meanings(declaration)]
        declaration, type_ = self._chosen(meanings, called)
        several = len(meanings) > 1 or self._redefined(declaration)
        overloads = [self._number_of(d) for d, _ in meanings] if several else []
        constant = isinstance(declaration, ast.Variable) and declaration.constant
        provided = isinstance(declaration, str) and isinstance(type_, Function)
        pure = constant or provided or _names_type(declaration, type_)
        variable = isinstance(declaration, (ast.Variable, ast.Parameter))
        json = self.make(
            "Identifier", node.span, name=node.name,
            referencedDeclaration=self._number_of(declaration), overloadedDeclarations=overloads,
            typeDescriptions=self.types_of(type_), argumentTypes=self.argument_types(called),
        )  # fmt: skip
        return Value(json, type_, pure, variable and not constant, constant, declaration)

    def _redefined(self, declaration: Declaration) -> bool:
        """Whether bases of the contract define the same name: solc then had to choose."""
        if not isinstance(declaration, (ast.Function, ast.Event)) or self.place.contract is None:
            return False
        owner, contract = self.program.owner(declaration), self.place.contract
        if owner not in contract.linearized:
            return False
        name = declaration.name.name
        known = [
            symbol for base in contract.linearized for symbol in base.scope.names.get(name, ())
            if getattr(symbol, "visibility", "") not in _hidden(base is contract)
        ]  # fmt: skip
        return len(known) > 1

    def _meanings(self, declaration: Declaration) -> list[tuple[Declaration, Type]]:
        if isinstance(declaration, ast.Parameter):
            return [(declaration, self.declared.variable(declaration, self.place))]
        if isinstance(declaration, ast.Node):
            return [(declaration, self.declared.type_of(declaration))]
        if declaration in builtins.FUNCTIONS:
            return [(declaration, function) for function in builtins.FUNCTIONS[declaration]]
        if declaration in builtins.OBJECTS:
            return [(declaration, builtins.OBJECTS[declaration])]
        assert self.place.contract is not None
        node = self.place.contract.node
        super_type = TypeName(Contract(node, True))
        return [(declaration, super_type if declaration == "super" else Contract(node))]

    def _chosen(
        self, meanings: list[tuple[Declaration, Type]], called: Arguments | None
    ) -> tuple[Declaration, Type]:
        if len(meanings) > 1 and called is not None:
            for declaration, type_ in meanings:
                if isinstance(type_, Function) and self.build.rules.takes(
                    type_, called.types, called.names
                ):
                    return declaration, type_
        return meanings[0]

    def _number_of(self, declaration: Declaration) -> int:
        if isinstance(declaration, str):
            return builtins.NUMBERS[declaration]
        return self.program.of(declaration)

    # -- members -------------------------------------------------------------------------------------

    def _member(self, node: ast.Member, is_written: bool, called: Arguments | None) -> Value:
        base = self.expression(node.base)
        name = node.member.name
        found = self.build.members.find(base.type, name, self.place)
        if len(found) > 1 and called is not None:
            fitting = [
                member for member in found
                if not isinstance(member.type, Function)
                or self.build.rules.takes(member.type, called.types, called.names, base.type)
            ]  # fmt: skip
            found = fitting or found
        declaration, type_ = found[0]
        value = Value({}, type_, False, declaration=declaration, base=base)
        value.lvalue = _is_place(base.type, declaration)
        value.pure = self._is_pure(node, base, value)
        number = self.program.of(declaration) if declaration is not None else None
        return self.written(
            "MemberAccess", node, value, is_written, called,
            memberName=name, memberLocation=self.text.src(node.member.span), expression=base.json,
            referencedDeclaration=number,
        )  # fmt: skip

    def _is_pure(self, node: ast.Member, base: Value, value: Value) -> bool:
        name, type_ = node.member.name, base.type
        if isinstance(type_, TypeName):
            if isinstance(type_.actual, (Enum, UserValue, Bytes)):
                return True
            if isinstance(value.type, Function) and value.type.kind == "declaration":
                return base.pure
        if isinstance(type_, Module):
            return base.pure
        if isinstance(type_, Function) and name == "selector":
            if type_.kind in ("event", "error"):
                return True
            return _selects_purely(node.base, base)
        if isinstance(type_, Magic):
            return type_.name == "abi" or type_.argument is not None
        return isinstance(value.declaration, ast.Variable) and value.declaration.constant

    # -- calls ---------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, is_written: bool, called: Arguments | None) -> Value:
        arguments = [self.expression(argument) for argument in node.arguments]
        names = [name.name for name in node.names] if node.names else None
        given = Arguments([argument.type for argument in arguments], names)
        callee = self.expression(node.function, False, given)
        value = Value({}, NOTHING, all(argument.pure for argument in arguments))
        kind = "functionCall"
        if isinstance(callee.type, TypeName):
            actual = callee.type.actual
            kind = "structConstructorCall" if isinstance(actual, Struct) else "typeConversion"
            value.type = _made(actual, arguments, kind)
        else:
            function = callee.type
            assert isinstance(function, Function)
            value.pure = value.pure and callee.pure and function.kind in builtins.PURE_KINDS
            value.lvalue = function.kind == "arraypush" and not function.taken
            value.type = self._result(function, arguments)
        return self.written(
            "FunctionCall", node, value, is_written, called,
            expression=callee.json, arguments=[argument.json for argument in arguments],
            names=names or [], nameLocations=[self.text.src(n.span) for n in node.names or ()],
            tryCall=node is self.tried, kind=kind,
        )  # fmt: skip

    def _result(self, function: Function, arguments: list[Value]) -> Type:
        if function.kind == "abidecode":
            types = arguments[1].type
            items = types.items if isinstance(types, Tuple) else (types,)
            decoded = [_decoded(item) for item in items]
            return decoded[0] if len(decoded) == 1 else Tuple(tuple(decoded))
        if function.kind == "metatype":
            asked = arguments[0].type
            assert isinstance(asked, TypeName)
            return Magic("type", asked.actual)
        return function.result

    def _options(self, node: ast.CallOptions, is_written: bool, called: Arguments | None) -> Value:
        callee = self.expression(node.function, False, called)
        assert isinstance(callee.type, Function)
        names = [name.name for name, _ in node.options]
        options = tuple(sorted({*callee.type.options, *names}))
        value = Value({}, replace(callee.type, options=options), False)
        return self.written(
            "FunctionCallOptions", node, value, is_written, called,
            expression=callee.json, names=names,
            options=[self.expression(option).json for _, option in node.options],
        )  # fmt: skip


def _hidden(own: bool) -> tuple[str, ...]:
    """Visibilities of functions that a plain name does not find: others' private ones are hidden too."""
    return ("external",) if own else ("external", "private")


def _selects_purely(function: ast.Expr, value: Value) -> bool:
    """Whether `a.f.selector` needs nothing that is known at run time only."""
    if not isinstance(function, ast.Member) or value.base is None:
        return False
    if not isinstance(value.type, Function) or not isinstance(value.type.node, ast.Function):
        return False
    own = isinstance(function.base, ast.Name) and function.base.name in ("this", "super")
    return own or value.base.pure


def _names_type(declaration: Declaration, type_: Type) -> bool:
    """Whether a name stands for a type or a file, which are known beforehand."""
    return not isinstance(declaration, str) and isinstance(type_, (TypeName, Module))


def _is_place(base: Type, declaration: ast.Node | None) -> bool:
    """Whether a member can be assigned to."""
    if isinstance(base, Struct):
        return base.location != "calldata"
    if isinstance(base, TypeName) and isinstance(base.actual, Contract):
        return isinstance(declaration, ast.Variable) and not declaration.constant
    return False


def _made(actual: Type, arguments: list[Value], kind: str) -> Type:
    """What a conversion to a type, or a struct's constructor, gives."""
    if kind == "structConstructorCall":
        return located(actual, "memory")
    if not isinstance(actual, Reference):
        return actual
    source = arguments[0].type
    where = source.location if isinstance(source, (Reference, Slice)) else "memory"
    return located(actual, where or "memory", actual.pointer)


def _decoded(item: Type | None) -> Type:
    assert isinstance(item, TypeName)
    actual = located(item.actual, "memory")
    address = isinstance(actual, Elementary) and actual.family == "address"
    return PAYABLE if address else actual
