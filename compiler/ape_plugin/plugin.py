"""ape's CompilerAPI over `compiler.compile_files`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ape.api import CompilerAPI, PluginConfig
from ape.exceptions import CompilerError, ContractLogicError
from ape.utils import get_relative_path
from ethpm_types import ContractType
from ethpm_types.source import Compiler
from packaging.version import Version

from compiler import (
    Compilation,
    CompiledContract,
    CompileError,
    CompileOptions,
    __version__,
    compile_files,
)
from compiler.ape_plugin.source_tree import counter_map, source_tree
from compiler.source_map import source_map

VERSION = Version(__version__)
PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "value is not a member of the enum",
    0x22: "storage byte string is encoded wrongly",
    0x31: "pop of an empty array",
    0x32: "index out of bounds",
    0x41: "memory allocation is too large",
    0x51: "call of an uninitialised function",
}
DOCUMENTATION = ("userdoc", "devdoc")
PANIC_SELECTOR = "0x4e487b71"


class FacetCompilerConfig(PluginConfig):  # type: ignore[misc]
    """The section `facetworks:` of ape-config.yaml."""

    evm_version: str = "cancun"
    """Oldest EVM the code must run on."""
    optimize: int = 2
    """Optimizer level, 0 to 3."""
    optimize_for: str = "gas"
    """What counts where gas and size pull apart: gas, size or balanced."""
    remappings: list[str] = []
    """`prefix=target` for imports."""
    include_paths: list[str] = []
    """Folders to look for imports in, relative to the project."""


class FacetCompiler(CompilerAPI):  # type: ignore[misc]
    """Compiles `.sol` with SolidityLite."""

    @property
    def name(self) -> str:
        return "facetworks"

    def get_versions(self, all_paths: Iterable[Path]) -> set[str]:
        """There is one version: the one installed."""
        return {str(VERSION)}

    def get_version_map(
        self, contract_filepaths: Iterable[Path], project: Any = None
    ) -> dict[Version, set[Path]]:
        return {VERSION: set(contract_filepaths)}

    def get_compiler_settings(
        self, contract_filepaths: Iterable[Path], project: Any = None, **overrides: Any
    ) -> dict[Version, dict[str, Any]]:
        config = self.get_config(project)
        return {VERSION: {**config.model_dump(mode="json"), **overrides}}

    def _options(self, project: Any) -> CompileOptions:
        config: Any = self.get_config(project)
        base = str(project.path)
        includes = tuple(config.include_paths)
        roots = (base, *(str(project.path / folder) for folder in includes))
        return CompileOptions(
            evm_version=config.evm_version,
            optimize=config.optimize,
            optimize_for=config.optimize_for,
            remappings=tuple(config.remappings),
            include_paths=includes,
            base_path=base,
            allowed_roots=roots,
        )

    def _compile(self, paths: Iterable[Path], project: Any) -> Compilation:
        base = project.path
        names = sorted(
            str(get_relative_path(p, base)) if p.is_absolute() else str(p) for p in paths
        )
        try:
            return compile_files(names, self._options(project), emit=DOCUMENTATION)
        except CompileError as problem:
            raise CompilerError(f"\n{problem}") from None

    def compile(
        self,
        contract_filepaths: Iterable[Path],
        project: Any,
        settings: dict[str, Any] | None = None,
    ) -> Iterator[ContractType]:
        pm = project or self.local_project
        compilation = self._compile(contract_filepaths, pm)
        names: list[str] = []
        for contract in compilation.contracts.values():
            names.append(contract.name)
            yield _contract_type(contract, compilation)
        settings_used = self.get_config(pm).model_dump(mode="json")
        pm.add_compiler_data(
            [
                Compiler(
                    name=self.name,
                    version=str(VERSION),
                    contractTypes=names,
                    settings=settings_used,
                )
            ]
        )

    def compile_code(
        self, code: str, project: Any, settings: dict[str, Any] | None = None, **kwargs: Any
    ) -> ContractType:
        """Compile a text; its last contract is the result."""
        from compiler import compile_sources

        try:
            compilation = compile_sources({"code.sol": code}, emit=DOCUMENTATION)
        except CompileError as problem:
            raise CompilerError(f"\n{problem}") from None
        contract = list(compilation.contracts.values())[-1]
        made = _contract_type(contract, compilation)
        return made.model_copy(update=kwargs)

    def get_imports(self, contract_filepaths: Iterable[Path], project: Any) -> dict[str, list[str]]:
        """Which files each file imports, by source id."""
        from compiler.diagnostics.errors import Reporter
        from compiler.imports import SourceLoader, load_all
        from compiler.semantics.lite import check_lite
        from compiler.source import SourceSet

        pm = project or self.local_project
        sources = SourceSet()
        names = sorted(str(get_relative_path(p, pm.path)) for p in contract_filepaths)
        try:
            _, links = load_all(
                names, SourceLoader({}, self._options(pm)), sources, Reporter(sources), check_lite
            )
        except CompileError:
            return {}  # compiling will say what is wrong
        return {name: sorted(set(found.values())) for name, found in links.items()}

    def trace_source(self, contract_source: Any, trace: Any, calldata: Any) -> Any:
        """The lines that ran, for tracebacks."""
        from compiler.ape_plugin.traceback import source_traceback

        return source_traceback(contract_source, trace.get_raw_frames())

    def enrich_error(self, err: ContractLogicError) -> ContractLogicError:
        """Say in words what a Panic means."""
        message = str(err.revert_message or "")
        if not message.startswith(PANIC_SELECTOR):
            return err
        code = int(message[-64:], 16)
        err.message = f"Panic({code:#04x}): {PANICS.get(code, 'unknown panic')}"
        return err


def _contract_type(contract: CompiledContract, compilation: Compilation) -> ContractType:
    missing = {**contract.creation.links, **contract.deployed.links}
    if missing:
        raise CompilerError(
            f"{contract.full_name} calls the library {min(missing)}, whose address is not known here: "
            "link it with `python -m compiler --libraries`, or make its functions internal"
        )
    body, statements = source_tree(contract, compilation.sources)
    return ContractType.model_validate(
        {
            "contractName": contract.name,
            "sourceId": contract.path,
            "abi": contract.abi,
            "deploymentBytecode": {"bytecode": "0x" + contract.bytecode.hex()},
            "runtimeBytecode": {"bytecode": "0x" + contract.runtime.hex()},
            "sourcemap": source_map(contract.runtime_source_map, compilation.sources),
            "pcmap": counter_map(contract, compilation.sources, statements),
            "ast": body,
            "devdoc": contract.devdoc,
            "userdoc": contract.userdoc,
        }
    )
