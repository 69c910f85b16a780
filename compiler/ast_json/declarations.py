"""Definitions that stand in contracts, and at file level beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from compiler.ast_json.nodes import Json
from compiler.ast_json.statements import StatementWriter
from compiler.semantics.check_members import function_selector
from compiler.semantics.symbols import (
    ContractSymbol,
    ErrorSymbol,
    EventSymbol,
    FunctionSymbol,
    ModifierSymbol,
    Scope,
)
from compiler.source import Span
from compiler.syntax import ast


class DefinitionWriter(StatementWriter):
    """`scope` is the number of the contract or file a definition stands in."""

    def definition(self, node: ast.Node, scope: int) -> Json:
        write: Callable[..., Json] = getattr(self, _WRITERS[type(node)])
        return write(node, scope)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """A scope for the names of a function or modifier."""
        outer = self.scope
        self.scope = Scope(outer)
        try:
            yield
        finally:
            self.scope, self.results, self.in_modifier = outer, None, False

    # -- functions and modifiers ---------------------------------------------------------------------

    def _function(self, node: ast.Function, scope: int) -> Json:
        symbol = self.program.symbols[node]
        assert isinstance(symbol, FunctionSymbol)
        number, results = self.program.of(node), self.program.fresh()
        documentation = self.documentation(node.pos)
        with self._inside():
            given = self.text.brackets(node.pos)
            parameters = self.parameters(node.parameters, given, number)
            returns = self._returns(node, given, number, results)
            for parameter in (*node.parameters, *node.returns):
                self.declare(parameter)
            modifiers = [self._invocation(invocation) for invocation in node.modifiers]
            self.results = results
            body = self.body(node.body) if node.body is not None else None
        free = symbol.contract is None
        named = node.kind == "function"
        return self.make(
            "FunctionDefinition", node.span, number,
            name=node.name.name if named else "",
            nameLocation=self.name_location(node.name if named else None),
            documentation=documentation, kind="freeFunction" if free else node.kind,
            stateMutability=node.mutability or "nonpayable", virtual=node.virtual,
            overrides=self._overrides(node.override, given[1]), parameters=parameters,
            returnParameters=returns, modifiers=modifiers, body=body,
            implemented=node.body is not None, scope=scope, visibility=_visibility(symbol),
            functionSelector=f"{function_selector(symbol):08x}" if symbol.is_external else None,
            baseFunctions=self._bases(symbol),
        )  # fmt: skip

    def _returns(self, node: ast.Function, given: Span, scope: int, number: int) -> Json:
        end = node.body.pos if node.body is not None else node.end - 1
        stated = self.text.find("returns", given[1], end)
        span = self.text.brackets(stated[1]) if stated is not None else (end, end)
        return self.parameters(node.returns, span, scope, number=number)

    def _invocation(self, node: ast.Invocation) -> Json:
        target = self.program.path(node.path, self.scope, self.unit)[-1]
        name = self.path(node.path, target)
        arguments = None
        if node.arguments is not None:
            arguments = [self.expression(argument).json for argument in node.arguments]
        base = isinstance(target, ast.Contract)
        return self.make(
            "ModifierInvocation", node.span, modifierName=name, arguments=arguments,
            kind="baseConstructorSpecifier" if base else "modifierInvocation",
        )  # fmt: skip

    def _modifier(self, node: ast.Modifier, scope: int) -> Json:
        symbol = self.program.symbols[node]
        assert isinstance(symbol, ModifierSymbol)
        number = self.program.of(node)
        documentation = self.documentation(node.pos)
        with self._inside():
            self.in_modifier = True
            after = self.text.following(node.name.end)
            bracketed = self.text.written(after) == "("
            span = self.text.brackets(after[0]) if bracketed else (after[0], after[0])
            parameters = self.parameters(node.parameters, span, number)
            for parameter in node.parameters:
                self.declare(parameter)
            body = self.body(node.body) if node.body is not None else None
        return self.make(
            "ModifierDefinition", node.span, number,
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=documentation, visibility="internal", parameters=parameters,
            virtual=node.virtual, overrides=self._overrides(node.override, span[1]), body=body,
            baseModifiers=self._bases(symbol),
        )  # fmt: skip

    def _overrides(self, override: list[list[ast.Identifier]] | None, after: int) -> Json | None:
        """`override(A, B)`; it is the first one after a position."""
        if override is None:
            return None
        word = self.text.find("override", after, self.text.file.end)
        assert word is not None
        end = self.text.brackets(word[1])[1] if override else word[1]
        paths = [self.path(path) for path in override]
        return self.make("OverrideSpecifier", (word[0], end), overrides=paths)

    def _bases(self, symbol: FunctionSymbol | ModifierSymbol) -> list[int] | None:
        """What a definition overrides."""
        if symbol.contract is None:
            return None
        bases = self.program.inheritance.bases(symbol)
        return sorted(self.program.of(base.node) for base in bases) or None

    # -- variables -----------------------------------------------------------------------------------

    def _variable(self, node: ast.Variable, scope: int) -> Json:
        contract = self.place.contract
        in_contract = contract is not None
        mutability = "constant" if node.constant else "immutable" if node.immutable else "mutable"
        getter = self._getter(node)
        documentation = self.documentation(node.pos) if in_contract else None
        value = self.expression(node.value).json if node.value is not None else None
        return self.make(
            "VariableDeclaration", (node.pos, node.value.end if node.value else node.name.end),
            self.program.of(node), name=node.name.name, nameLocation=self.name_location(node.name),
            typeName=self.type_name(node.type), constant=node.constant, mutability=mutability,
            stateVariable=in_contract, storageLocation="transient" if node.transient else "default",
            overrides=self._overrides(node.override, node.type.end),
            visibility=node.visibility or "internal", value=value, scope=scope,
            typeDescriptions=self.types_of(self.declared.type_of(node), bare=True),
            functionSelector=f"{function_selector(getter):08x}" if getter else None,
            documentation=documentation, baseFunctions=self._bases(getter) if getter else None,
        )  # fmt: skip

    def _getter(self, node: ast.Variable) -> FunctionSymbol | None:
        contract = self.place.contract
        for function in contract.functions if contract is not None else ():
            if function.getter_of is not None and function.node is node:
                return function
        return None

    # -- types ---------------------------------------------------------------------------------------

    def _struct(self, node: ast.Struct, scope: int) -> Json:
        number = self.program.of(node)
        return self.make(
            "StructDefinition", node.span, number,
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=self.documentation(node.pos), visibility="public", scope=scope,
            members=[self.parameter(member, number, "storage") for member in node.members],
            canonicalName=self.program.full_name(node),
        )  # fmt: skip

    def _enum(self, node: ast.Enum, scope: int) -> Json:
        values = [
            self.make(
                "EnumValue", value.span, self.program.of(value),
                name=value.name, nameLocation=self.name_location(value),
            )
            for value in node.values
        ]  # fmt: skip
        return self.make(
            "EnumDefinition", node.span, self.program.of(node),
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=self.documentation(node.pos), members=values,
            canonicalName=self.program.full_name(node),
        )  # fmt: skip

    def _user_type(self, node: ast.UserType, scope: int) -> Json:
        return self.make(
            "UserDefinedValueTypeDefinition", node.span, self.program.of(node),
            name=node.name.name, nameLocation=self.name_location(node.name),
            underlyingType=self.type_name(node.underlying),
            canonicalName=self.program.full_name(node),
        )  # fmt: skip

    def _using(self, node: ast.Using, scope: int) -> Json:
        paths = [(self.path(path), operator) for path, operator in node.functions]
        functions = [
            {"function": path} if operator is None else {"definition": path, "operator": operator}
            for path, operator in paths
        ]
        return self.make(
            "UsingForDirective", node.span,
            typeName=self.type_name(node.type) if node.type is not None else None,
            functionList=functions if node.braces else None,
            libraryName=None if node.braces else paths[0][0], **{"global": node.is_global},
        )  # fmt: skip

    # -- events and errors ---------------------------------------------------------------------------

    def _event(self, node: ast.Event, scope: int) -> Json:
        symbol = self.program.symbols[node]
        assert isinstance(symbol, EventSymbol)
        number = self.program.of(node)
        self.in_event = True
        parameters = self.parameters(
            node.parameters, self.text.brackets(node.pos), number, "memory"
        )
        self.in_event = False
        return self.make(
            "EventDefinition", node.span, number,
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=self.documentation(node.pos), anonymous=node.anonymous,
            parameters=parameters,
            eventSelector=f"{symbol.topic:064x}",
        )  # fmt: skip

    def _error(self, node: ast.Error, scope: int) -> Json:
        symbol = self.program.symbols[node]
        assert isinstance(symbol, ErrorSymbol)
        number = self.program.of(node)
        span = self.text.brackets(node.pos)
        return self.make(
            "ErrorDefinition", node.span, number,
            name=node.name.name, nameLocation=self.name_location(node.name),
            documentation=self.documentation(node.pos),
            parameters=self.parameters(node.parameters, span, number, "memory"),
            errorSelector=f"{symbol.selector:08x}",
        )  # fmt: skip


def _visibility(symbol: FunctionSymbol) -> str:
    if symbol.function_kind == "constructor":
        assert isinstance(symbol.contract, ContractSymbol)
        return "internal" if symbol.contract.node.abstract else "public"
    return symbol.visibility


_WRITERS: dict[type[ast.Node], str] = {
    ast.Function: "_function",
    ast.Modifier: "_modifier",
    ast.Variable: "_variable",
    ast.Struct: "_struct",
    ast.Enum: "_enum",
    ast.UserType: "_user_type",
    ast.Using: "_using",
    ast.Event: "_event",
    ast.Error: "_error",
}
