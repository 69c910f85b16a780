"""Declarations inside bodies: data locations, the names of locals, and what they start with."""

from __future__ import annotations

from compiler.diagnostics.errors import StageStop
from compiler.semantics import typed
from compiler.semantics.advice import count_of, places_hint
from compiler.semantics.advisory import warn_hidden
from compiler.semantics.assignment import is_pointer
from compiler.semantics.check_assembly import AssemblyChecker
from compiler.semantics.conversions import implicit
from compiler.semantics.reserved import check_name
from compiler.semantics.sizes import too_large
from compiler.semantics.symbols import VariableSymbol
from compiler.semantics.types import (
    UINT256,
    BytesType,
    MappingType,
    ReferenceType,
    TupleType,
    Type,
)
from compiler.syntax import ast


class DeclarationChecker(AssemblyChecker):
    """Locals and parameters."""

    def located_type(
        self, node: ast.Parameter, external: bool, constructor: bool, result: bool = False
    ) -> Type:
        """The type of a parameter or local with its data location checked. One that is missing is reported,
        and taken for `memory`."""
        type_ = self.type_of(node.type)
        location = node.location
        # Only a contract that inherits an abstract one calls its constructor, so storage can go there.
        by_heirs = constructor and self.contract is not None and self.contract.abstract
        if isinstance(type_, MappingType):
            if location not in (None, "storage"):
                self.fail(
                    "SL0312", node.span, f"a mapping only exists in storage, not in {location}",
                    hint="declare it as a state variable, or point at one with `storage`",
                )  # fmt: skip
            if location is None or (external and not by_heirs):
                self.fail(
                    "SL0312", node.span, "a mapping must be passed as a `storage` pointer",
                    hint="only internal functions and libraries take one" if external else "write `storage` behind it",
                )  # fmt: skip
            return type_
        if not isinstance(type_, ReferenceType):
            if location is not None:
                self.fail(
                    "SL0312",
                    node.span,
                    f"{type_.name} has no data location",
                    hint=f"delete `{location}`",
                )
            return type_
        allowed: tuple[str, ...] = ("memory", "storage", "calldata")
        if constructor:
            allowed = ("memory", "storage") if by_heirs else ("memory",)
        elif external:
            allowed = ("memory", "calldata")
        if location is None:
            if self.unit.dialect == "lite" and isinstance(type_, BytesType):
                return type_.in_location("memory")
            choices = " or ".join(f"`{a}`" for a in allowed)
            usual = "calldata" if external and not constructor and not result else "memory"
            if type_.contains_mapping and "storage" in allowed:
                usual = "storage"
            self.reporter.report(
                "SL0312", node.type.span, f"{type_.plain_name} needs a data location: {choices}",
                hint=f"write `{type_.plain_name} {usual}`",
            )  # fmt: skip
            location = usual
        if location not in allowed:
            self.fail("SL0312", node.span, f"a parameter here cannot be in {location}")
        if type_.contains_mapping and location != "storage":
            self.fail(
                "SL0312",
                node.span,
                f"{type_.plain_name} holds a mapping and only exists in storage",
                hint="point at one with `storage`",
            )
        if too_large(type_, location):
            self.fail("SL0330", node.type.span, f"{type_.plain_name} is too large for {location}")
        return type_.in_location(location)

    # -- names -------------------------------------------------------------------------------------

    def declare_local(self, variable: VariableSymbol) -> None:
        check_name(variable.name, variable.span, self.reporter)
        known = self.scope.here(variable.name)
        if known:
            labels = ((known[0].span, "first declared here"),) if known[0].span else ()
            self.reporter.report(
                "SL0202", variable.span, f"`{variable.name}` is already declared", labels=labels
            )
            return
        function = self.function
        if self.unit.dialect != "lite" and (function is None or function.has_body):
            warn_hidden(variable, self.scope, self.reporter)
        self.declared_locals.append(variable)
        self.scope.add(variable.name, variable)

    def local(self, node: ast.Parameter, type_: Type) -> VariableSymbol:
        assert node.name is not None
        variable = VariableSymbol(node.name.name, node, self.unit, self.contract, "local", type_)
        variable.function = self.function
        return variable

    def declare_despite_error(self, node: ast.VariableStatement) -> None:
        """Names of a broken declaration still exist, so that their uses are not errors too."""
        for declaration in node.declarations:
            if (
                declaration is None
                or declaration.name is None
                or self.scope.here(declaration.name.name)
            ):
                continue
            local = self.local(declaration, UINT256)
            try:
                type_ = self.type_of(declaration.type)
                local.type = type_.in_location(declaration.location or "memory")
            except StageStop:
                local.broken = True
            self.scope.add(declaration.name.name, local)

    def variable_statement(self, node: ast.VariableStatement) -> typed.Statement:
        variables: list[VariableSymbol | None] = []
        for declaration in node.declarations:
            if declaration is None:
                variables.append(None)
                continue
            variables.append(self.local(declaration, self.located_type(declaration, False, False)))
        value = self._initial(node, variables) if node.value is not None else None
        for variable in variables:
            if variable is not None:
                self.declare_local(variable)
        first = variables[0]
        if value is None and first is not None and isinstance(first.type, MappingType):
            self.fail(
                "SL0602",
                node.span,
                "a mapping pointer needs a value",
                hint="point it at a state variable",
            )
        if value is None and any(v is not None and is_pointer(v) for v in variables):
            owner = self.modifier if self.in_modifier else self.function
            if owner is not None:
                owner.has_pointers = True
        return typed.Declare(node.pos, node.end, variables, value)

    def _initial(
        self, node: ast.VariableStatement, variables: list[VariableSymbol | None]
    ) -> typed.Expr:
        assert node.value is not None
        value = self.value(node.value)
        if (
            len(variables) == 1
            and variables[0] is not None
            and not isinstance(value.type, TupleType)
        ):
            return self.convert(value, variables[0].type)
        types = value.type.items if isinstance(value.type, TupleType) else (value.type,)
        if len(types) != len(variables):
            self.fail(
                "SL0305", node.span, f"{count_of(len(types), 'value')} for {count_of(len(variables), 'variable')}",
                hint=places_hint(len(types), len(variables)),
            )  # fmt: skip
        if isinstance(value, typed.Tuple):
            items: list[typed.Expr | None] = []
            for item, variable in zip(value.items, variables, strict=True):
                assert item is not None
                items.append(
                    self.settle(item) if variable is None else self.convert(item, variable.type)
                )
            type_ = TupleType(tuple(i.type for i in items if i is not None))
            return typed.Tuple(value.pos, value.end, type_, items)
        for have, variable in zip(types, variables, strict=True):
            if variable is None or have is None:
                continue
            reason = implicit(have, variable.type)
            if reason is not None:
                self.fail(
                    "SL0301", node.value.span,
                    f"cannot convert {have.name} to {variable.type.name}{': ' + reason if reason else ''}",
                )  # fmt: skip
        return value
