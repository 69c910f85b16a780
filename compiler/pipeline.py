"""The stages in order; the only file that knows them all.

source -> tokens -> tree -> typed program -> FIR -> passes -> schedule -> assembly -> bytes
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from typing import Any

from compiler.analysis.memory_reads import fixed_read
from compiler.artifact import Compilation, CompiledContract
from compiler.backend.assembler import Assembled, Data, assemble
from compiler.backend.assembly import print_assembly
from compiler.backend.constants import RUNS
from compiler.backend.generate import HEAP_START, Generated, generate
from compiler.budget import Budget
from compiler.descriptions import Descriptions, function_places
from compiler.diagnostics.errors import InternalCompilerError, Reporter
from compiler.evm.opcodes import INVALID, MAX_CODE_SIZE
from compiler.gas_estimates import creation_estimate, runtime_estimates
from compiler.imports import SourceLoader, load_all
from compiler.ir.printer import print_module
from compiler.ir.values import Module, Value
from compiler.linking import Linkable
from compiler.lowering.contract import ContractLowering, Names
from compiler.lowering.statements import TooManyOperations
from compiler.options import CompileOptions
from compiler.passes.runner import NO_INLINING, optimize
from compiler.recursion import deep_recursion
from compiler.semantics.abi import abi_json, method_identifiers
from compiler.semantics.analyze import analyze
from compiler.semantics.embedding import embedded_contracts
from compiler.semantics.layout_json import layout_json
from compiler.semantics.lite import check_lite
from compiler.semantics.memory_size import check_memory_size
from compiler.semantics.storage_layout import layout_contract, layout_transient
from compiler.semantics.symbols import ContractSymbol, FunctionSymbol, UnitSymbol
from compiler.source import SourceSet, Span
from compiler.timing import UNTIMED
from compiler.undefined import check_undefined

LESS_INLINING = {"gas": "size", "balanced": "size", "size": NO_INLINING}

Wanted = Callable[[str, str], bool]  # path and name of a contract


def compile_units(
    entries: list[str],
    given: Mapping[str, str],
    options: CompileOptions,
    emit: frozenset[str],
    needs_code: Wanted = lambda path, name: True,
    imported: bool = False,
    loader: SourceLoader | None = None,
) -> Compilation:
    """Compile the named sources and everything they import; the results are those of the named sources alone unless
    `imported` says otherwise.

    A `loader` of the caller's can tell afterwards what was read. `emit` names what to keep beside the code: the printed stages "ir", "ir-opt" and "asm", and "userdoc", "devdoc",
    "metadata", "gas", "functions"; "ids" puts numbers of definitions into storage layouts. Code is made for the contracts that need it and those they carry."""
    sources = SourceSet()
    reporter = Reporter(sources)
    collecting = gc.isenabled()
    gc.disable()  # the trees have no cycles worth looking for, and the process is short
    try:
        stage = (options.timing or UNTIMED).stage
        with deep_recursion(reporter):
            trees, links = stage(
                "reading and parsing",
                load_all, entries, loader or SourceLoader(given, options), sources, reporter, check_lite,
            )  # fmt: skip
            units = stage(
                "names and types",
                analyze, trees, links, reporter, options.evm_version, options.arithmetic,
            )  # fmt: skip
            if options.optimize:
                check_memory_size(units, reporter)
            contracts = _Build(units, options, reporter, emit, needs_code).run(
                set(trees) if imported else set(entries)
            )
            written = _trees(units, sources, options, reporter) if "ast-json" in emit else None
    finally:
        if collecting:
            gc.enable()
    return Compilation(contracts, reporter.in_order(), sources, written)


def _trees(
    units: list[UnitSymbol], sources: SourceSet, options: CompileOptions, reporter: Reporter
) -> dict[str, dict[str, Any]]:
    """The files' trees as JSON; the room that makes them is loaded only for those who ask."""
    from compiler.ast_json import source_units

    return source_units(units, sources, options, reporter)


class _Build:
    """Code for every contract of the units; a contract whose code another embeds comes first."""

    def __init__(
        self,
        units: list[UnitSymbol],
        options: CompileOptions,
        reporter: Reporter,
        emit: frozenset[str],
        needs_code: Wanted,
    ) -> None:
        self.units = units
        self.options = options
        self.reporter = reporter
        self.emit = emit
        self.needs_code = needs_code
        self.names = Names()
        self.descriptions = Descriptions(reporter.sources, options, emit)
        self.budget = Budget(options, reporter)
        self.stage = (options.timing or UNTIMED).stage
        self.done: dict[ContractSymbol, CompiledContract] = {}
        self.coded: set[ContractSymbol] = set()
        self.active: list[ContractSymbol] = []

    def run(self, entries: set[str]) -> dict[str, CompiledContract]:
        """Contracts of the entry files; imported ones only where their code is embedded."""
        contracts = [c for unit in self.units if unit.name in entries for c in unit.contracts]
        for contract in contracts:
            self.contract(contract, self.needs_code(contract.unit.name, contract.name))
        self.reporter.stop_on_errors()
        return {c.full_name: self.done[c] for c in contracts}

    def contract(self, symbol: ContractSymbol, code: bool) -> CompiledContract:
        artifact = self.done.get(symbol)
        if artifact is None:
            artifact = self.done[symbol] = self._described(symbol)
        if code and symbol.deployable and symbol not in self.coded:
            self._code(symbol, artifact)
            self.coded.add(symbol)
        return artifact

    def _described(self, symbol: ContractSymbol) -> CompiledContract:
        artifact = CompiledContract(symbol.unit.name, symbol.name, symbol.kind)
        artifact.abi = abi_json(symbol)
        artifact.selectors = method_identifiers(symbol)
        ids = "ids" in self.emit
        artifact.storage_layout = layout_json(symbol, layout_contract(symbol), ids)
        artifact.transient_layout = layout_json(symbol, layout_transient(symbol), ids)
        self.descriptions.describe(symbol, artifact)
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
            self.contract(dependency, code=True)
        self.active.pop()
        runtime, generated, names = self._module(symbol, artifact, creation=False)
        assembled = self._assemble(
            generated, self._parts(runtime), {}, RUNS[self.options.optimize_for]
        )
        code = assembled.code + self._trailer(symbol, artifact)
        artifact.deployed = self._linked(code, assembled)
        artifact.runtime_source_map = assembled.spans
        artifact.runtime_jumps = assembled.jumps
        artifact.immutable_references = assembled.immutables
        if len(code) > MAX_CODE_SIZE:
            self.reporter.report(
                "SL6006", symbol.span,
                f"code of `{symbol.name}` has {len(code)} bytes; a chain accepts {MAX_CODE_SIZE} (EIP-170)",
                hint="split the contract, or move functions into another facet",
            )  # fmt: skip
        creation, made, _ = self._module(symbol, artifact, creation=True)
        parts = {"runtime": artifact.deployed, **self._parts(creation)}
        created = self._assemble(made, parts, assembled.immutables, runs=1)
        artifact.creation = self._linked(created.code, created)
        artifact.source_map = created.spans
        artifact.jumps = created.jumps
        if "functions" in self.emit:
            artifact.functions = function_places(creation, made, created)
            artifact.runtime_functions = function_places(runtime, generated, assembled)
        if "gas" in self.emit:
            artifact.gas_estimates = {
                "creation": creation_estimate(created, len(code)),
                **runtime_estimates(symbol, runtime, generated, assembled, names),
            }

    def _trailer(self, symbol: ContractSymbol, artifact: CompiledContract) -> bytes:
        found = self.descriptions.trailer(symbol, artifact)
        return bytes((INVALID,)) + found if found and self.options.marks_data else found

    def _module(
        self,
        symbol: ContractSymbol,
        artifact: CompiledContract,
        creation: bool,
        inlining: str | None = None,
    ) -> tuple[Module, Generated, dict[FunctionSymbol, str]]:
        """Lower, optimize and schedule the runtime or the creation code; the names of inner functions come with it.

        Larger functions keep more values at once. Where those would have to go to memory that assembly
        may write, it is tried again with small ones, and then with the functions as they were written."""
        inlining = inlining or self.options.optimize_for
        self.budget.check(symbol.span)
        lowering, module = self._lower(symbol, creation)
        kind = "creation" if creation else "runtime"
        if "ir" in self.emit:
            artifact.texts[f"ir {kind}"] = print_module(module)
        self.stage("passes", optimize, module, self.options, inlining)
        self.budget.check(symbol.span)
        check_undefined(module, self.reporter)
        if "ir-opt" in self.emit:
            artifact.texts[f"ir-opt {kind}"] = print_module(module)
        generated = self.stage("scheduling", generate, module, self.options.traceable)
        recursive = [
            span for name, span in lowering.yul_functions.items() if name in generated.saved
        ]
        fixed = fixed_read(module, HEAP_START) if generated.spilled else None
        if recursive or fixed or (generated.spilled and lowering.unsafe_memory):
            if inlining in LESS_INLINING:
                return self._module(symbol, artifact, creation, LESS_INLINING[inlining])
            self._no_memory_for_values(lowering.unsafe_memory, fixed, recursive)
        if "asm" in self.emit:
            artifact.texts[f"asm {kind}"] = print_assembly(generated.items)
        return module, generated, self.names.of_functions(symbol.functions)

    def _no_memory_for_values(
        self, unsafe: Span | None, fixed: Value | None, recursive: list[Span]
    ) -> None:
        """Hand-written code and values that the stack cannot reach would want the same memory."""
        if unsafe is not None:
            self.reporter.report(
                "SL4007", unsafe,
                "this assembly may write any memory, while other code here needs memory for values the stack cannot reach",
                hint='mark it `assembly ("memory-safe")` if it keeps to Solidity\'s memory rules',
            )  # fmt: skip
        elif fixed is not None:
            self.reporter.report(
                "SL4007", (fixed.pos, fixed.end),
                "this assembly reads memory at a fixed address, while values the stack cannot reach move what lies there",
                hint="take the address from a variable in memory, or from the free-memory pointer",
            )  # fmt: skip
        for span in recursive:
            self.reporter.report(
                "SL4007", span,
                "this function can call itself and needs free memory for values the stack cannot reach, where the assembly around it may keep words of its own",
                hint="keep fewer values at once, or write it in Solidity",
            )  # fmt: skip
        self.reporter.stop()

    def _lower(
        self, symbol: ContractSymbol, creation: bool, keeps_scratch: bool = False
    ) -> tuple[ContractLowering, Module]:
        """Where assembly may find in scratch memory what it left there, events must not use it; whether there is
        such assembly is known when all is lowered, so it is then done again."""
        lowering = ContractLowering(symbol, self.options, self.names, creation, keeps_scratch)
        try:
            module = self.stage("lowering", lowering.creation if creation else lowering.runtime)
            self.budget.check_size(module, symbol.span)
        except TooManyOperations as stopped:
            self.budget.too_large(stopped.span)
            raise
        if module.unsafe_memory and lowering.used_scratch:
            return self._lower(symbol, creation, keeps_scratch=True)
        return lowering, module

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
        self,
        generated: Generated,
        parts: dict[str, Linkable],
        immutables: dict[str, list[int]],
        runs: int,
    ) -> Assembled:
        code = {name: part.code for name, part in parts.items()}
        links = {name: part.links for name, part in parts.items()}
        data = Data(code, immutables, links, self.options.marks_data)
        return self.stage(
            "assembling",
            assemble, generated.items, self.options.evm_version, data, generated.frames, runs,
        )  # fmt: skip

    def _linked(self, code: bytes, assembled: Assembled) -> Linkable:
        return Linkable(code, assembled.links).linked(self.options.libraries)
