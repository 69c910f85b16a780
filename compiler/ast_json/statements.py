"""Statements. As in solc's tree, most of them end before their `;`."""

from __future__ import annotations

from collections.abc import Callable

from compiler.ast_json.calls import CallWriter
from compiler.ast_json.nodes import Arguments, Json, Value
from compiler.ast_json.yul import YulWriter, assigned, external_references
from compiler.semantics.symbols import Scope, VariableSymbol
from compiler.source import Span
from compiler.syntax import ast


class StatementWriter(CallWriter):
    """`results` is the number of the list of what the function returns, None in a modifier; `changed` lists
    every variable that has been assigned to so far."""

    results: int | None = None
    in_modifier = False
    changed: list[ast.Node]

    def statement(self, node: ast.Statement, scope: int) -> Json:
        """A statement; `scope` is the number of the node that its declarations belong to."""
        write: Callable[..., Json] = getattr(self, _WRITERS[type(node)])
        return write(node, scope)

    def _simple(self, kind: str, node: ast.Statement, end: int, /, **fields: object) -> Json:
        span: Span = (node.pos, end)
        return self.make(kind, span, documentation=self.remark(node.pos), **fields)

    def _name(self, node: ast.Name, is_written: bool, called: Arguments | None) -> Value:
        value = super()._name(node, is_written, called)
        if is_written and isinstance(value.declaration, ast.Node):
            self.changed.append(value.declaration)
        return value

    # -- blocks --------------------------------------------------------------------------------------

    def block(self, node: ast.Block, scope: int = 0) -> Json:
        """A block; what is declared in it belongs to it."""
        outer, number = self.scope, self.program.of(node)
        self.scope = Scope(outer)
        listed = [self.statement(statement, number) for statement in node.statements]
        self.scope = outer
        kind = "UncheckedBlock" if node.unchecked else "Block"
        return self.make(
            kind, node.span, number, statements=listed, documentation=self.remark(node.pos)
        )

    def body(self, node: ast.Block) -> Json:
        """A function's body. Where a file's arithmetic wraps, all of it is unchecked."""
        if not self.unit.wrapping:
            return self.block(node)
        inner = self.block(node)
        inner["nodeType"] = "UncheckedBlock"
        return self.make("Block", node.span, statements=[inner])

    def declare(self, node: ast.Parameter) -> None:
        """From here on the name is known."""
        if node.name is not None:
            contract = self.place.contract
            symbol = VariableSymbol(node.name.name, node, self.unit, contract, "local")
            self.scope.add(node.name.name, symbol)

    def _variables(self, node: ast.VariableStatement, scope: int) -> Json:
        value = self.expression(node.value).json if node.value is not None else None
        declared = [self.parameter(d, scope) if d is not None else None for d in node.declarations]
        _forget_payable(next(d for d in declared if d is not None))
        for declaration in node.declarations:
            if declaration is not None:
                self.declare(declaration)
        return self._simple(
            "VariableDeclarationStatement", node, end_of(node),
            assignments=[d["id"] if d is not None else None for d in declared],
            declarations=declared, initialValue=value,
        )  # fmt: skip

    # -- one line ------------------------------------------------------------------------------------

    def _expression_statement(self, node: ast.ExpressionStatement, scope: int) -> Json:
        expression = node.expression
        if self.in_modifier and isinstance(expression, ast.Name) and expression.name == "_":
            return self._simple("PlaceholderStatement", node, expression.end)
        written = self.expression(expression).json
        return self._simple("ExpressionStatement", node, expression.end, expression=written)

    def _return(self, node: ast.Return, scope: int) -> Json:
        value = self.expression(node.value).json if node.value is not None else None
        return self._simple(
            "Return", node, end_of(node), expression=value, functionReturnParameters=self.results
        )

    def _break(self, node: ast.Break, scope: int) -> Json:
        return self._simple("Break", node, end_of(node))

    def _continue(self, node: ast.Continue, scope: int) -> Json:
        return self._simple("Continue", node, end_of(node))

    def _emit(self, node: ast.Emit, scope: int) -> Json:
        call = self.expression(node.call).json
        return self._simple("EmitStatement", node, node.call.end, eventCall=call)

    def _revert(self, node: ast.Revert, scope: int) -> Json:
        call = self.expression(node.call).json
        return self._simple("RevertStatement", node, node.call.end, errorCall=call)

    def _assembly(self, node: ast.Assembly, scope: int) -> Json:
        code = YulWriter(self.text).write(node.body)
        references = external_references(node.body, self.scope, self.unit, self.program, self.text)
        flags = self.text.strings(node.pos, node.body.pos)
        self.changed += [
            found for name in assigned(node.body)
            for found in self.program.find(name, self.scope, self.unit)
            if isinstance(found, ast.Node)
        ]  # fmt: skip
        return self._simple(
            "InlineAssembly", node, node.end, AST=code, externalReferences=references,
            evmVersion=self.program.options.evm_version, flags=flags,
        )  # fmt: skip

    # -- control -------------------------------------------------------------------------------------

    def _if(self, node: ast.If, scope: int) -> Json:
        condition = self.expression(node.condition).json
        then = self.statement(node.then, scope)
        otherwise = self.statement(node.otherwise, scope) if node.otherwise is not None else None
        return self._simple(
            "IfStatement", node, end_of(node), condition=condition, trueBody=then, falseBody=otherwise
        )  # fmt: skip

    def _while(self, node: ast.While, scope: int) -> Json:
        condition = self.expression(node.condition).json
        body = self.statement(node.body, scope)
        return self._simple("WhileStatement", node, end_of(node), condition=condition, body=body)

    def _do(self, node: ast.DoWhile, scope: int) -> Json:
        body = self.statement(node.body, scope)
        condition = self.expression(node.condition).json
        return self._simple("DoWhileStatement", node, node.end, condition=condition, body=body)

    def _for(self, node: ast.For, scope: int) -> Json:
        outer, number = self.scope, self.program.of(node)
        self.scope = Scope(outer)
        init = self.statement(node.init, number) if node.init is not None else None
        if init is not None:
            init.pop("documentation", None)  # solc keeps none inside the brackets
        before = len(self.changed)
        condition = self.expression(node.condition).json if node.condition is not None else None
        counter = self._counter(node, condition)
        body = self.statement(node.body, number)
        simple = counter is not None and counter not in self.changed[before:]
        step = None
        if node.step is not None:
            written = self.expression(node.step).json
            step = self.make("ExpressionStatement", node.step.span, expression=written)
        self.scope = outer
        return self.make(
            "ForStatement", (node.pos, end_of(node)), number, documentation=self.remark(node.pos),
            initializationExpression=init, condition=condition, loopExpression=step, body=body,
            isSimpleCounterLoop=simple,
        )  # fmt: skip

    def _counter(self, node: ast.For, condition: Json | None) -> ast.Parameter | None:
        """The local `i` of `for (…; i < …; ++i)`, if the loop is like that."""
        test, step = node.condition, node.step
        if not isinstance(test, ast.Binary) or test.op != "<" or condition is None:
            return None
        if not isinstance(step, ast.Unary) or step.op != "++":
            return None
        left, right = test.left, step.operand
        if (
            not isinstance(left, ast.Name)
            or not isinstance(right, ast.Name)
            or left.name != right.name
        ):
            return None
        type_ = condition["leftExpression"]["typeDescriptions"]
        whole = type_["typeString"].startswith(("int", "uint"))
        counter = self.program.find(left.name, self.scope, self.unit)[0]
        if not whole or type_ != condition["commonType"] or not isinstance(counter, ast.Parameter):
            return None
        return counter

    # -- try -----------------------------------------------------------------------------------------

    def _try(self, node: ast.Try, scope: int) -> Json:
        outer, self.tried = self.tried, node.call
        call = self.expression(node.call).json
        self.tried = outer
        start = self.text.following(node.call.end)[0]
        returns = self.text.brackets(node.call.end) if node.returns else None
        clauses = [self._clause(node, start, "", node.returns, returns, node.body)]
        for clause in node.catches:
            bracketed = self.text.find("(", clause.pos, clause.body.pos)
            span = self.text.brackets(bracketed[0]) if bracketed is not None else None
            name = clause.name.name if clause.name is not None else ""
            clauses.append(
                self._clause(clause, clause.pos, name, clause.parameters, span, clause.body)
            )
        return self._simple("TryStatement", node, end_of(node), externalCall=call, clauses=clauses)

    def _clause(
        self,
        node: ast.Node,
        start: int,
        name: str,
        parameters: list[ast.Parameter],
        brackets: Span | None,
        body: ast.Block,
    ) -> Json:
        number = self.program.fresh()
        listed = self.parameters(parameters, brackets, number) if brackets is not None else None
        outer = self.scope
        self.scope = Scope(outer)
        for parameter in parameters:
            self.declare(parameter)
        block = self.block(body)
        self.scope = outer
        return self.make(
            "TryCatchClause",
            (start, body.end),
            number,
            errorName=name,
            parameters=listed,
            block=block,
        )


def _forget_payable(declared: Json) -> None:
    """solc reads the array type that starts a statement before it knows that it is a type, and so does not say of
    `address[]` that the addresses are not payable."""
    name = declared["typeName"]
    while name["nodeType"] == "ArrayTypeName":
        name = name["baseType"]
        if name.get("stateMutability") == "nonpayable" and name["nodeType"] == "ElementaryTypeName":
            del name["stateMutability"]


def end_of(node: ast.Statement) -> int:
    """Where solc's node ends."""
    if isinstance(node, ast.VariableStatement):
        if node.value is not None:
            return node.value.end
        last = node.declarations[-1]
        return last.end if last is not None else node.end
    if isinstance(node, ast.ExpressionStatement):
        return node.expression.end
    if isinstance(node, ast.Return):
        return node.value.end if node.value is not None else node.end
    if isinstance(node, ast.Break):
        return node.pos + len("break")
    if isinstance(node, ast.Continue):
        return node.pos + len("continue")
    if isinstance(node, (ast.Emit, ast.Revert)):
        return node.call.end
    if isinstance(node, ast.If):
        return end_of(node.otherwise if node.otherwise is not None else node.then)
    if isinstance(node, (ast.While, ast.For)):
        return end_of(node.body)
    return node.end


_WRITERS: dict[type[ast.Node], str] = {
    ast.Block: "block",
    ast.VariableStatement: "_variables",
    ast.ExpressionStatement: "_expression_statement",
    ast.If: "_if",
    ast.While: "_while",
    ast.DoWhile: "_do",
    ast.For: "_for",
    ast.Break: "_break",
    ast.Continue: "_continue",
    ast.Return: "_return",
    ast.Emit: "_emit",
    ast.Revert: "_revert",
    ast.Try: "_try",
    ast.Assembly: "_assembly",
}
