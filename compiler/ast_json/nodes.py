"""How nodes are written: the fields that all have, and those of types, paths and expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compiler.ast_json import types
from compiler.ast_json.declared import Declared, Place
from compiler.ast_json.members import Members
from compiler.ast_json.operators import Rules
from compiler.ast_json.program import Program
from compiler.ast_json.texts import NOWHERE, Text
from compiler.semantics.symbols import Scope, UnitSymbol
from compiler.source import Span
from compiler.syntax import ast

Json = dict[str, Any]


# Levels of JSON that one expression or type may have: readers stop at about a thousand, and statements around it have
# some too. An operator in a row of them is one level, any other expression two.
MAX_LEVELS = 600


class TooDeep(Exception):
    """Something is nested too deeply for JSON; `span` is where."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class Build:
    """What the writers of all files share."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.declared = Declared(program)
        self.rules = Rules(program)
        self.members = Members(self.declared, self.rules)


@dataclass
class Value:
    """An expression that has been written, and what its surroundings ask of it; `base` is what stands before
    the dot of a member."""

    json: Json
    type: types.Type
    pure: bool
    lvalue: bool = False
    constant: bool = False
    declaration: ast.Node | str | None = None
    base: Value | None = None


@dataclass
class Arguments:
    """What a callee is called with; it decides between overloads."""

    types: list[types.Type]
    names: list[str] | None


class NodeWriter:
    """Writes the nodes of one file."""

    def __init__(self, build: Build, unit: UnitSymbol) -> None:
        self.build = build
        self.program = build.program
        self.declared = build.declared
        self.unit = unit
        self.text: Text = build.program.text(unit)
        self.place = Place(unit, None)
        self.scope: Scope = unit.scope
        self.in_event = False
        self.levels = 0  # around what is being written

    def enter(self, node: ast.Node, levels: int) -> None:
        """Count levels of the JSON; who enters takes them off again."""
        self.levels += levels
        if self.levels > MAX_LEVELS:
            raise TooDeep(node.span)

    def make(self, kind: str, span: Span, number: int | None = None, /, **fields: Any) -> Json:
        """A node; fields that are None are left out."""
        node: Json = {"id": self.program.fresh() if number is None else number, "nodeType": kind}
        node["src"] = self.text.src(span)
        node.update((key, value) for key, value in fields.items() if value is not None)
        return dict(sorted(node.items()))

    def types_of(self, type_: types.Type, bare: bool = False) -> Json:
        """`typeDescriptions`"""
        return {
            "typeIdentifier": types.identifier(type_, self.program),
            "typeString": type_.text(bare),
        }

    def name_location(self, name: ast.Identifier | None) -> str:
        return self.text.src(name.span) if name is not None and name.name else NOWHERE

    def documentation(self, pos: int) -> Json | None:
        """The documentation before a definition, as a node."""
        comment = self.text.comment(pos)
        if comment is None:
            return None
        span = self.text.comment_span(comment)
        return self.make("StructuredDocumentation", span, text=comment.text)

    def remark(self, pos: int) -> str | None:
        """The documentation before a statement, as text."""
        comment = self.text.comment(pos)
        return comment.text if comment is not None else None

    def path(self, path: Sequence[ast.Identifier], target: ast.Node | None = None) -> Json:
        """`a.b.c` where a definition is named."""
        found = target or self.program.path(path, self.scope, self.unit)[-1]
        return self.make(
            "IdentifierPath", (path[0].pos, path[-1].end),
            name=".".join(part.name for part in path),
            nameLocations=[self.text.src(part.span) for part in path],
            referencedDeclaration=self.program.of(found),
        )  # fmt: skip

    # -- type names --------------------------------------------------------------------------------

    def type_name(self, node: ast.TypeName) -> Json:
        self.enter(node, 1)
        written = self._type_name(node)
        self.levels -= 1
        return written

    def _type_name(self, node: ast.TypeName) -> Json:
        type_ = self.declared.named(node, self.place)
        shown = self.types_of(type_, bare=True)
        if isinstance(node, ast.ElementaryTypeName):
            name, _, payable = node.name.partition(" ")
            state = (payable or "nonpayable") if name == "address" else None
            return self.make(
                "ElementaryTypeName", node.span, name=name, stateMutability=state, typeDescriptions=shown
            )  # fmt: skip
        if isinstance(node, ast.UserTypeName):
            path = self.path(node.path)
            return self.make(
                "UserDefinedTypeName", node.span, pathNode=path,
                referencedDeclaration=path["referencedDeclaration"], typeDescriptions=shown,
            )  # fmt: skip
        if isinstance(node, ast.ArrayTypeName):
            base = self.type_name(node.element)
            length = self.expression(node.length).json if node.length is not None else None
            return self.make(
                "ArrayTypeName", node.span, baseType=base, length=length, typeDescriptions=shown
            )
        if isinstance(node, ast.MappingTypeName):
            return self._mapping(node, shown)
        assert isinstance(node, ast.FunctionTypeName)
        return self._function_type(node, shown)

    def _mapping(self, node: ast.MappingTypeName, shown: Json) -> Json:
        key, value = node.key_name, node.value_name
        return self.make(
            "Mapping", node.span,
            keyType=self._key(node.key), keyName=key.name if key else "",
            keyNameLocation=self.name_location(key),
            valueType=self.type_name(node.value), valueName=value.name if value else "",
            valueNameLocation=self.name_location(value), typeDescriptions=shown,
        )  # fmt: skip

    def _key(self, node: ast.TypeName) -> Json:
        """The key of a mapping; solc does not say there whether an address is payable."""
        written = self.type_name(node)
        written.pop("stateMutability", None)
        return written

    def _function_type(self, node: ast.FunctionTypeName, shown: Json) -> Json:
        number = self.program.fresh()
        given = self.text.brackets(node.pos)
        after = self.text.following(node.end)
        back = (after[0], after[0])
        if node.returns:
            back = self.text.brackets(self.text.before(node.returns[0].pos)[0])
        # solc lets the node reach to the end of the token after it.
        return self.make(
            "FunctionTypeName", (node.pos, after[1]), number,
            visibility=node.visibility, stateMutability=node.mutability,
            parameterTypes=self.parameters(node.parameters, given, number),
            returnParameterTypes=self.parameters(node.returns, back, number),
            typeDescriptions=shown,
        )  # fmt: skip

    # -- parameters ----------------------------------------------------------------------------------

    def parameters(
        self,
        nodes: Sequence[ast.Parameter],
        span: Span,
        scope: int | None,
        where: str | None = None,
        number: int | None = None,
    ) -> Json:
        """A parameter list; `where` is the data location of reference types that state none."""
        listed = [self.parameter(node, scope, where) for node in nodes]
        return self.make("ParameterList", span, number, parameters=listed)

    def parameter(self, node: ast.Parameter, scope: int | None, where: str | None = None) -> Json:
        """A parameter, local variable or member."""
        type_ = self.declared.variable(node, self.place, where)
        end = node.name.end if node.name is not None else node.end
        if end == node.type.end and isinstance(node.type, ast.FunctionTypeName):
            end = self.text.following(end)[1]
        return self.make(
            "VariableDeclaration", (node.pos, end), self.program.of(node),
            name=node.name.name if node.name else "", nameLocation=self.name_location(node.name),
            typeName=self.type_name(node.type), constant=False, mutability="mutable",
            stateVariable=False, storageLocation=node.location or "default", visibility="internal",
            scope=scope, typeDescriptions=self.types_of(type_, bare=True),
            indexed=node.indexed if self.in_event else None,
        )  # fmt: skip

    # -- expressions ---------------------------------------------------------------------------------

    def expression(self, node: ast.Expr) -> Value:
        raise NotImplementedError

    def written(
        self,
        kind: str,
        node: ast.Node,
        value: Value,
        is_written: bool,
        called: Arguments | None,
        /,
        **fields: Any,
    ) -> Value:
        """Complete an expression's node with what all expressions say."""
        value.json = self.make(
            kind, node.span, **fields, typeDescriptions=self.types_of(value.type),
            argumentTypes=self.argument_types(called), isConstant=value.constant,
            isLValue=value.lvalue, isPure=value.pure, lValueRequested=is_written,
        )  # fmt: skip
        return value

    def argument_types(self, called: Arguments | None) -> list[Json] | None:
        return [self.types_of(t) for t in called.types] if called is not None else None
