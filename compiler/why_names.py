"""Which functions `why` was asked about; where it is none, what is near and what there is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.suggest import closest
from compiler.ir.reader import read_module
from compiler.ir.values import Module

_WIDTH = 110
_WRITTEN = re.compile(r"\bfunction\s+([\w$]+)")


class NoSuchFunction(Exception):
    """The build has no function of that name; the message says what is near, and what there is."""

    def __init__(
        self, problem: str, near: str | None = None, what: str = "", known: Iterable[str] = ()
    ) -> None:
        lines = [problem]
        if near:
            lines.append(f"  = help: did you mean `{near}`?")
        listed = ", ".join(sorted(set(known))) or "none"
        lines += textwrap.wrap(
            f"  = note: {what}: {listed}", _WIDTH, subsequent_indent=" " * 10,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        super().__init__("\n".join(lines))


def find(asked: str, compilation: Compilation) -> tuple[CompiledContract, Module, list[str]]:
    """The contract of CONTRACT.FUNCTION, its FIR as lowering made it, and the names there. Raises NoSuchFunction."""
    contracts = {c.name: c for c in compilation.contracts.values() if c.texts}
    contract_name, dot, wanted = asked.rpartition(".")
    if not dot or contract_name not in contracts:
        raise _no_contract(asked, contracts, compilation)
    contract = contracts[contract_name]
    module = _lowered(contract)
    names = [name for name in module.functions if plain_name(name) == wanted]
    if not names:
        raise _no_function(contract_name, wanted, module, compilation)
    return contract, module, names


def plain_name(name: str) -> str:
    """`external Counter.add_1003e2d2` is the function `add`; `receive Counter` is `receive`."""
    kind, _, rest = name.rpartition(" ")
    if kind in ("receive", "fallback"):
        return kind
    plain = rest.rpartition(".")[2]
    return plain.rpartition("_")[0] if kind == "external" else plain


def _lowered(contract: CompiledContract) -> Module:
    return read_module(contract.texts["ir runtime"])


def _no_contract(
    asked: str, contracts: dict[str, CompiledContract], compilation: Compilation
) -> NoSuchFunction:
    name, dot, _ = asked.rpartition(".")
    if not dot and asked in contracts:
        known = _known(_lowered(contracts[asked]), compilation)
        problem = f"`{asked}` is a contract: name a function of it, as in `{asked}.FUNCTION`"
        return NoSuchFunction(problem, None, "its functions", known)
    if dot:
        kinds = {c.name: c.kind for c in compilation.contracts.values()}
        problem = f"no contract `{name}` with code"
        if name in kinds:
            what = "an interface" if kinds[name] == "interface" else "abstract"
            problem = f"`{name}` is {what} and has no code"
        near = closest(name, contracts)
    else:
        problem = f"`{asked}` is not of the form CONTRACT.FUNCTION"
        owners: dict[str, str] = {}
        for contract in contracts.values():
            for function in _known(_lowered(contract), compilation):
                owners.setdefault(function, contract.name)
        function = closest(asked, owners) or ""
        near = f"{owners[function]}.{function}" if function else closest(asked, contracts)
    return NoSuchFunction(problem, near, "contracts with code", contracts)


def _no_function(
    contract: str, wanted: str, module: Module, compilation: Compilation
) -> NoSuchFunction:
    known = _known(module, compilation)
    problem = f"`{contract}` has no function `{wanted}`"
    if wanted in _written(compilation):
        problem = f"`{wanted}` is written in the sources, but no code of `{contract}` calls it"
    return NoSuchFunction(problem, closest(wanted, known), "its functions", known)


def _known(module: Module, compilation: Compilation) -> set[str]:
    """Functions that people wrote, and getters; without the routines that lowering adds."""
    written = _written(compilation)
    return {
        plain
        for name, function in module.functions.items()
        if (plain := plain_name(name)) in written or function.kind == "entry"
    }


def _written(compilation: Compilation) -> set[str]:
    texts = (file.text for file in compilation.sources.by_path.values())
    return {name for text in texts for name in _WRITTEN.findall(text)}
