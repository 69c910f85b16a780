"""The stages in order; the only file that knows them all.

source -> tokens -> tree -> typed program -> FIR -> passes -> schedule -> assembly -> bytes
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping

from compiler.artifact import Compilation, CompiledContract
from compiler.backend.assembler import Assembled, Data, assemble
from compiler.backend.assembly import print_assembly
from compiler.backend.generate import Generated, generate
from compiler.budget import Budget
from compiler.diagnostics.errors import CompileError, InternalCompilerError, Reporter
from compiler.evm.opcodes import MAX_CODE_SIZE
from compiler.imports import SourceLoader, load_all
from compiler.ir.printer import print_module
from compiler.ir.values import Module
from compiler.linking import Linkable
from compiler.lowering.contract import ContractLowering, Names
from compiler.lowering.statements import TooManyOperations
from compiler.options import CompileOptions
from compiler.passes.runner import optimize
from compiler.semantics.abi import abi_json, method_identifiers
from compiler.semantics.analyze import analyze
from compiler.semantics.embedding import embedded_contracts
from compiler.semantics.lite import check_lite
from compiler.semantics.storage_layout import layout_contract, layout_json, layout_transient
from compiler.semantics.symbols import ContractSymbol, UnitSymbol
from compiler.source import SourceSet
from compiler.timing import UNTIMED
from compiler.undefined import check_undefined

RECURSION_LIMIT = 20_000


def compile_units(
    entries: list[str], given: Mapping[str, str], options: CompileOptions, emit: frozenset[str]
) -> Compilation:
    """Compile the named sources and everything they import. `emit` names printed stages to keep."""
    sources = SourceSet()
    reporter = Reporter(sources)
    collecting = gc.isenabled()
    gc.disable()  # the trees have no cycles worth looking for, and the process is short
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        stage = (options.timing or UNTIMED).stage
        trees, links = stage(
            "reading and parsing",
            load_all, entries, SourceLoader(given, options), sources, reporter, check_lite,
        )  # fmt: skip
        units = stage(
            "names and types",
            analyze, trees, links, reporter, options.evm_version, options.arithmetic,
        )  # fmt: skip
        contracts = _Build(units, options, reporter, emit).run(set(entries))
    except RecursionError:
        reporter.report("SL4001", None, "nesting is too deep to compile")
        raise CompileError(reporter.in_order(), sources) from None
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()
    return Compilation(contracts, reporter.in_order(), sources)


class _Build:
    """Code for every contract of the units; a contract whose code another embeds comes first."""

    def __init__(
        self,
        units: list[UnitSymbol],
        options: CompileOptions,
        reporter: Reporter,
        emit: frozenset[str],
    ) -> None:
        self.units = units
        self.options = options
        self.reporter = reporter
        self.emit = emit
        self.names = Names()
        self.budget = Budget(options, reporter)
        self.stage = (options.timing or UNTIMED).stage
        self.done: dict[ContractSymbol, CompiledContract] = {}
        self.active: list[ContractSymbol] = []

    def run(self, entries: set[str]) -> dict[str, CompiledContract]:
        """Contracts of the entry files; imported ones only where their code is embedded."""
        contracts = [c for unit in self.units if unit.name in entries for c in unit.contracts]
        for contract in contracts:
            self.contract(contract)
        self.reporter.stop_on_errors()
        return {c.full_name: self.done[c] for c in contracts}

    def contract(self, symbol: ContractSymbol) -> CompiledContract:
        found = self.done.get(symbol)
        if found is not None:
            return found
        artifact = CompiledContract(symbol.unit.name, symbol.name, symbol.kind)
        artifact.abi = abi_json(symbol)
        artifact.selectors = method_identifiers(symbol)
        artifact.storage_layout = layout_json(symbol, layout_contract(symbol))
        artifact.transient_layout = layout_json(symbol, layout_transient(symbol))
        if symbol.deployable:
            self._code(symbol, artifact)
        self.done[symbol] = artifact
        return artifact

    def _code(self, symbol: ContractSymbol, artifact: CompiledContract) -> None:
        self.active.append(symbol)
        for dependency, node in embedded_contracts(symbol).items():
            if dependency in self.active:
                both = f"`{symbol.name}` and `{dependency.name}` would have to contain each other"
                itself = f"`{symbol.name}` would have to contain itself"
                self.reporter.report(
                    "SL0321", node.span, itself if symbol is dependency else both,
                    hint="create it from a third contract, or take the address of one created before",
                )  # fmt: skip
                self.reporter.stop()
            self.contract(dependency)
        self.active.pop()
        runtime = self._module(symbol, artifact, creation=False)
        assembled = self._assemble(runtime[1], self._parts(runtime[0]), {})
        artifact.deployed = self._linked(assembled)
        artifact.runtime_source_map = assembled.spans
        artifact.immutable_references = assembled.immutables
        if len(assembled.code) > MAX_CODE_SIZE:
            self.reporter.report(
                "SL6006", symbol.span,
                f"code of `{symbol.name}` has {len(assembled.code)} bytes; a chain accepts {MAX_CODE_SIZE} (EIP-170)",
                hint="split the contract, or move functions into another facet",
            )  # fmt: skip
        creation = self._module(symbol, artifact, creation=True)
        parts = {"runtime": artifact.deployed, **self._parts(creation[0])}
        created = self._assemble(creation[1], parts, assembled.immutables)
        artifact.creation = self._linked(created)
        artifact.source_map = created.spans

    def _module(
        self,
        symbol: ContractSymbol,
        artifact: CompiledContract,
        creation: bool,
        goal: str | None = None,
    ) -> tuple[Module, Generated]:
        """Lower, optimize and schedule the runtime or the creation code.

        Larger functions keep more values at once. Where those would have to go to memory that assembly
        may write, it is tried once more with small ones."""
        goal = goal or self.options.optimize_for
        lowering = ContractLowering(symbol, self.options, self.names, creation)
        self.budget.check(symbol.span)
        try:
            module = self.stage("lowering", lowering.creation if creation else lowering.runtime)
            self.budget.check_size(module, symbol.span)
        except TooManyOperations as stopped:
            self.budget.too_large(stopped.span)
            raise
        kind = "creation" if creation else "runtime"
        if "ir" in self.emit:
            artifact.texts[f"ir {kind}"] = print_module(module)
        self.stage("passes", optimize, module, self.options, goal)
        self.budget.check(symbol.span)
        check_undefined(module, self.reporter)
        if "ir-opt" in self.emit:
            artifact.texts[f"ir-opt {kind}"] = print_module(module)
        generated = self.stage("scheduling", generate, module)
        if generated.spilled and lowering.unsafe_memory:
            if goal != "size":
                return self._module(symbol, artifact, creation, "size")
            self.reporter.report(
                "SL4007", lowering.unsafe_memory,
                "this assembly may write any memory, while other code here needs memory for values the stack cannot reach",
                hint='mark it `assembly ("memory-safe")` if it keeps to Solidity\'s memory rules',
            )  # fmt: skip
            self.reporter.stop()
        if "asm" in self.emit:
            artifact.texts[f"asm {kind}"] = print_assembly(generated.items)
        return module, generated

    def _parts(self, module: Module) -> dict[str, Linkable]:
        """Code of other contracts that this one carries."""
        parts: dict[str, Linkable] = {}
        by_name = {c.full_name: c for c in self.done}
        for name in module.embedded:
            runtime = name.endswith(".runtime")
            symbol = by_name.get(name.removesuffix(".runtime") if runtime else name)
            if symbol is None:
                raise InternalCompilerError(f"embedded code of {name} was not made")
            artifact = self.done[symbol]
            parts[name] = artifact.deployed if runtime else artifact.creation
        return parts

    def _assemble(
        self, generated: Generated, parts: dict[str, Linkable], immutables: dict[str, list[int]]
    ) -> Assembled:
        code = {name: part.code for name, part in parts.items()}
        links = {name: part.links for name, part in parts.items()}
        data = Data(code, immutables, links)
        return self.stage(
            "assembling",
            assemble,
            generated.items,
            self.options.evm_version,
            data,
            generated.frames,
        )

    def _linked(self, assembled: Assembled) -> Linkable:
        return Linkable(assembled.code, assembled.links).linked(self.options.libraries)
