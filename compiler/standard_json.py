"""solc's standard JSON: the request and answer that tools already speak.

Understood: `sources` with content, `settings.remappings`, `evmVersion`, `debug.revertStrings`,
`libraries`, `outputSelection` (with wildcards; `ast` under the contract "") and `optimizer` / `viaIR` / `metadata`, which have no effect on
the code we make. Unknown keys are an error, as in solc.
"""

from __future__ import annotations

from typing import Any

from compiler.artifact import Compilation, CompiledContract
from compiler.diagnostics.errors import CompileError, Diagnostic
from compiler.diagnostics.render import to_json
from compiler.linking import parse_address
from compiler.options import CompileOptions
from compiler.source_map import source_map

_KEYS = frozenset(("language", "sources", "settings", "auxiliaryInput"))
_SETTINGS = frozenset(
    """remappings optimizer evmVersion viaIR debug metadata libraries outputSelection stopAfter
    modelChecker eofVersion viaSSACFG experimental""".split()
)


class RequestError(Exception):
    """The request is not standard JSON we can answer."""


def compile_standard(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; problems become entries of `errors`."""
    from compiler import compile_sources

    try:
        sources, options = _read(request)
    except RequestError as problem:
        return {"errors": [_error("JSONError", str(problem))]}
    try:
        compilation = compile_sources(sources, options, emit=_wanted_stages(request))
    except CompileError as problem:
        errors = [_diagnostic(d, to_json(d, problem.sources)) for d in problem.diagnostics]
        return {"errors": errors, "sources": {p: {"id": i} for i, p in enumerate(sources)}}
    return _answer(request, compilation)


def _read(request: dict[str, Any]) -> tuple[dict[str, str], CompileOptions]:
    if not isinstance(request, dict):
        raise RequestError("the request must be an object")
    unknown = set(request) - _KEYS
    if unknown:
        raise RequestError(f'unknown key "{sorted(unknown)[0]}"')
    if request.get("language") != "Solidity":
        raise RequestError('only "Solidity" is supported as a language')
    settings = request.get("settings", {})
    unknown = set(settings) - _SETTINGS
    if unknown:
        raise RequestError(f'unknown key "settings.{sorted(unknown)[0]}"')
    sources: dict[str, str] = {}
    for path, source in request.get("sources", {}).items():
        if "content" not in source:
            raise RequestError(f'source "{path}" has no content; URLs are not fetched')
        sources[path] = source["content"]
    if not sources:
        raise RequestError("no input sources specified")
    strings = settings.get("debug", {}).get("revertStrings", "default")
    try:
        options = CompileOptions(
            evm_version=settings.get("evmVersion", "cancun"),
            remappings=tuple(settings.get("remappings", ())),
            revert_strings="strip" if strings == "strip" else "default",
            libraries=_libraries(settings.get("libraries", {})),
        )
    except ValueError as problem:
        raise RequestError(str(problem)) from None
    return sources, options


def _libraries(by_file: Any) -> dict[str, bytes]:
    """`settings.libraries`: addresses by file and name."""
    if not isinstance(by_file, dict) or any(not isinstance(v, dict) for v in by_file.values()):
        raise RequestError('"libraries" must be an object of objects: file, name, address')
    return {
        f"{path}:{name}": parse_address(name, str(address))
        for path, libraries in by_file.items()
        for name, address in libraries.items()
    }


def _error(kind: str, message: str) -> dict[str, Any]:
    return {
        "component": "general",
        "formattedMessage": f"{kind}: {message}",
        "message": message,
        "severity": "error",
        "type": kind,
    }


def _diagnostic(diagnostic: Diagnostic, data: dict[str, Any]) -> dict[str, Any]:
    where = data["location"]
    entry: dict[str, Any] = {
        "component": "general",
        "errorCode": diagnostic.code,
        "formattedMessage": data["rendered"],
        "message": diagnostic.message,
        "severity": diagnostic.severity,
        "type": _kind(diagnostic),
    }
    if where is not None:
        entry["sourceLocation"] = {
            "file": where["file"],
            "start": where["start"],
            "end": where["end"],
        }
    return entry


def _kind(diagnostic: Diagnostic) -> str:
    if diagnostic.severity == "warning":
        return "Warning"
    family = diagnostic.code[:4]
    kinds = {"SL00": "ParserError", "SL01": "ParserError", "SL02": "DeclarationError",
             "SL03": "TypeError", "SL04": "TypeError", "SL20": "UnimplementedFeatureError"}  # fmt: skip
    return kinds.get(family, "TypeError")


# -- the answer ------------------------------------------------------------------------------------------


def _selected(selection: dict[str, Any], path: str, name: str) -> set[str]:
    """The outputs asked for, for one contract."""
    wanted: set[str] = set()
    for file_key in (path, "*"):
        for contract_key in (name, "*"):
            wanted.update(selection.get(file_key, {}).get(contract_key, ()))
    return wanted


def _wants_asm(request: dict[str, Any]) -> bool:
    selection = request.get("settings", {}).get("outputSelection", {})
    return any("evm.assembly" in keys or "evm" in keys or "*" in keys
               for by_contract in selection.values() for keys in by_contract.values())  # fmt: skip


def _wants_tree(request: dict[str, Any], path: str) -> bool:
    """Whether the AST of a file is asked for: it stands under the contract without a name, and no `*` means that."""
    selection = request.get("settings", {}).get("outputSelection", {})
    keys = [key for file in (path, "*") for key in selection.get(file, {}).get("", ())]
    return "ast" in keys or "*" in keys


def _wanted_stages(request: dict[str, Any]) -> list[str]:
    """What only some requests have made."""
    selection = request.get("settings", {}).get("outputSelection", {})
    stages = ["asm"] if _wants_asm(request) else []
    if any(_wants_tree(request, path) for path in selection):
        stages.append("ast-json")
    return stages


def _answer(request: dict[str, Any], compilation: Compilation) -> dict[str, Any]:
    selection = request.get("settings", {}).get("outputSelection", {})
    contracts: dict[str, dict[str, Any]] = {}
    for contract in compilation.contracts.values():
        wanted = _selected(selection, contract.path, contract.name)
        outputs = _outputs(contract, wanted, compilation)
        if outputs:
            contracts.setdefault(contract.path, {})[contract.name] = outputs
    answer: dict[str, Any] = {
        "contracts": contracts,
        "sources": {f.path: {"id": f.index} for f in compilation.sources.files},
    }
    for path, tree in compilation.trees.items():
        if _wants_tree(request, path):
            answer["sources"][path]["ast"] = tree
    if compilation.diagnostics:
        answer["errors"] = [
            _diagnostic(d, to_json(d, compilation.sources)) for d in compilation.diagnostics
        ]
    return answer


def _outputs(
    contract: CompiledContract, wanted: set[str], compilation: Compilation
) -> dict[str, Any]:
    everything: dict[str, Any] = {
        "abi": lambda: contract.abi,
        "storageLayout": lambda: contract.storage_layout,
        "transientStorageLayout": lambda: contract.transient_layout,
        "evm.methodIdentifiers": lambda: contract.selectors,
        "evm.assembly": lambda: (
            contract.texts.get("asm creation", "") + contract.texts.get("asm runtime", "")
        ),
        "evm.bytecode.object": lambda: contract.creation.text(),
        "evm.bytecode.sourceMap": lambda: source_map(contract.source_map, compilation.sources),
        "evm.bytecode.linkReferences": contract.creation.references,
        "evm.deployedBytecode.object": lambda: contract.deployed.text(),
        "evm.deployedBytecode.sourceMap": lambda: source_map(
            contract.runtime_source_map, compilation.sources
        ),
        "evm.deployedBytecode.linkReferences": contract.deployed.references,
        "evm.deployedBytecode.immutableReferences": lambda: {
            name: [{"start": at, "length": 32} for at in places]
            for name, places in contract.immutable_references.items()
        },
    }
    result: dict[str, Any] = {}
    for key, make in everything.items():
        if not any(w == "*" or key == w or key.startswith(w + ".") for w in wanted):
            continue
        holder = result
        *folders, leaf = key.split(".")
        for folder in folders:
            holder = holder.setdefault(folder, {})
        holder[leaf] = make()
    return result
