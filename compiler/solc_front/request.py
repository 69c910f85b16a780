"""A standard-JSON request, checked as solc checks it: unknown keys and wrong types are errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from compiler.evm.keccak import keccak256
from compiler.evm.opcodes import DEFAULT_EVM_VERSION, EVM_VERSIONS
from compiler.linking import parse_address
from compiler.options import REVERT_STRINGS, CompileOptions, Metadata
from compiler.solc_front.selection import CODE_OUTPUTS, Selection

OLDER_VERSIONS = frozenset(
    """homestead tangerineWhistle spuriousDragon byzantium constantinople petersburg istanbul berlin
    london""".split()
)
_ROOT = frozenset(("language", "sources", "settings", "auxiliaryInput"))
_SOURCE = frozenset(("content", "keccak256", "urls"))
_SETTINGS = frozenset(
    """remappings optimizer evmVersion viaIR debug metadata libraries outputSelection stopAfter
    modelChecker eofVersion viaSSACFG experimental""".split()
)
_OPTIMIZER = frozenset(("details", "enabled", "runs"))
_DETAILS = frozenset(
    """peephole inliner jumpdestRemover orderLiterals deduplicate cse constantOptimizer yul yulDetails
    simpleCounterForLoopUncheckedIncrement""".split()
)
_METADATA = frozenset(("appendCBOR", "useLiteralContent", "bytecodeHash"))
_DEBUG = frozenset(("revertStrings", "debugInfo"))
HASHES = ("ipfs", "bzzr1", "none")

Read = Callable[
    [str], "str | None"
]  # the text at a URL or path, None where there is none to be had


class RequestError(Exception):
    """The request cannot be answered; the message says why, `kind` is solc's name for the error."""

    def __init__(self, message: str, kind: str = "JSONError") -> None:
        super().__init__(message)
        self.kind = kind


class Request(NamedTuple):
    """What is to be compiled, how, and what is to be told about it."""

    sources: dict[str, str]
    options: CompileOptions
    selection: Selection
    stop_after_parsing: bool
    problems: list[tuple[str, str]]  # (kind, message) of sources that could not be read


def read_request(data: Any, read: Read | None, **places: Any) -> Request:
    """The request in `data`; `places` are the options that say where imports may be read from.

    Raises RequestError."""
    if not isinstance(data, dict):
        raise RequestError("Input is not a JSON object.")
    _keys(data, _ROOT, "root")
    problems: list[tuple[str, str]] = []
    sources = _sources(data, read, problems)
    settings = data.get("settings") or {}
    _keys(settings, _SETTINGS, "settings")
    options = _options(settings, places)
    selection = _selection(settings.get("outputSelection") or {})
    stop = settings.get("stopAfter")
    if stop is not None:
        if not isinstance(stop, str):
            raise RequestError('"settings.stopAfter" must be a string.')
        if stop != "parsing":
            raise RequestError(
                'Invalid value for "settings.stopAfter". Only valid value is "parsing".'
            )
        if selection.anywhere(*CODE_OUTPUTS):
            raise RequestError('Requested output selection conflicts with "settings.stopAfter".')
    return Request(sources, options, selection, stop is not None, problems)


def _keys(data: Any, known: frozenset[str], name: str) -> None:
    if not isinstance(data, dict):
        raise RequestError(f'"{name}" must be an object')
    for key in data:
        if key not in known:
            raise RequestError(f'Unknown key "{key}"')


def _typed(data: dict[str, Any], key: str, kind: type, message: str) -> Any:
    value = data.get(key)
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if key in data and wrong:
        raise RequestError(message)
    return value


# -- sources -------------------------------------------------------------------------------------------


def _sources(
    data: dict[str, Any], read: Read | None, problems: list[tuple[str, str]]
) -> dict[str, str]:
    """The texts by path, in the order of the paths, as solc numbers them."""
    given = data.get("sources")
    if given is not None and not isinstance(given, dict):
        raise RequestError('"sources" is not a JSON object.')
    if not given:
        raise RequestError("No input sources specified.")
    if data.get("language") != "Solidity":
        raise RequestError('Only "Solidity" is supported as a language.')
    found: dict[str, str] = {}
    for path, source in sorted(given.items()):
        _keys(source, _SOURCE, f"sources.{path}")
        if isinstance(source.get("content"), str):
            _take(path, source, source["content"], "", found, problems)
        elif isinstance(source.get("urls"), list):
            _fetch(path, source, read, found, problems)
        else:
            raise RequestError("Invalid input source specified.")
    return found


def _take(
    path: str, source: dict[str, Any], text: str, at: str,
    found: dict[str, str], problems: list[tuple[str, str]],
) -> bool:  # fmt: skip
    stated = source.get("keccak256")
    if isinstance(stated, str) and stated:
        content = text.encode("utf-8", "surrogatepass")
        if stated.lower().removeprefix("0x") != keccak256(content).hex():
            message = f'Mismatch between content and supplied hash for "{path}"'
            problems.append(("IOError", message + at))
            return False
    found[path] = text
    return True


def _fetch(
    path: str, source: dict[str, Any], read: Read | None,
    found: dict[str, str], problems: list[tuple[str, str]],
) -> None:  # fmt: skip
    """The first of a source's URLs that can be read."""
    if read is None:
        raise RequestError("No import callback supplied, but URL is requested.")
    failures: list[str] = []
    for url in source["urls"]:
        if not isinstance(url, str):
            raise RequestError("URL must be a string.")
        text = read(url)
        if text is None:
            failures.append(f'Cannot import url ("{url}"): File not found.')
        elif _take(path, source, text, f' at "{url}"', found, problems):
            break
    kind = "Warning" if path in found else "IOError"
    problems += [(kind, failure) for failure in failures]


# -- settings ------------------------------------------------------------------------------------------


def _options(settings: dict[str, Any], places: dict[str, Any]) -> CompileOptions:
    version = _typed(settings, "evmVersion", str, "evmVersion must be a string.")
    if version in OLDER_VERSIONS:
        raise RequestError(
            f"Invalid EVM version requested: this compiler's code needs {EVM_VERSIONS[0]} or later."
        )
    if version is not None and version not in EVM_VERSIONS:
        raise RequestError("Invalid EVM version requested.")
    if "eofVersion" in settings:
        raise RequestError("EOF is not supported.", "UnimplementedFeatureError")
    via_ir = _typed(settings, "viaIR", bool, '"settings.viaIR" must be a Boolean.')
    optimizer = settings.get("optimizer") or {}
    runs = _optimizer(optimizer)
    return CompileOptions(
        evm_version=version or DEFAULT_EVM_VERSION,
        remappings=_remappings(settings),
        revert_strings=_revert_strings(settings.get("debug") or {}),
        libraries=_libraries(settings.get("libraries", {})),
        metadata=_metadata(settings.get("metadata") or {}, runs, bool(via_ir)),
        marks_data=True,
        traceable=not optimizer.get("enabled", False),
        **places,
    )


def _optimizer(optimizer: dict[str, Any]) -> int:
    """How often the code is expected to run: said in the metadata, where solc says it."""
    _keys(optimizer, _OPTIMIZER, "settings.optimizer")
    _typed(optimizer, "enabled", bool, 'The "enabled" setting must be a Boolean.')
    message = 'The "runs" setting must be an unsigned number.'
    runs = _typed(optimizer, "runs", int, message)
    if runs is not None and runs < 0:
        raise RequestError(message)
    details = optimizer.get("details") or {}
    _keys(details, _DETAILS, "settings.optimizer.details")
    for name, value in details.items():
        if name != "yulDetails" and not isinstance(value, bool):
            raise RequestError(f'"settings.optimizer.details.{name}" must be Boolean')
    return 200 if runs is None else int(runs)


def _remappings(settings: dict[str, Any]) -> tuple[str, ...]:
    remappings = settings.get("remappings") or []
    if not isinstance(remappings, list) or any(not isinstance(r, str) for r in remappings):
        raise RequestError('"settings.remappings" must be an array of strings')
    for remapping in remappings:
        left, equals, _ = remapping.partition("=")
        if not equals or not left.rpartition(":")[2]:
            raise RequestError(f'Invalid remapping: "{remapping}"')
    return tuple(remappings)


def _revert_strings(debug: dict[str, Any]) -> str:
    _keys(debug, _DEBUG, "settings.debug")
    strings = _typed(debug, "revertStrings", str, "settings.debug.revertStrings must be a string.")
    if strings == "verboseDebug":
        raise RequestError(
            'Only "default", "strip" and "debug" are implemented for settings.debug.revertStrings for now.',
            "UnimplementedFeatureError",
        )
    if strings is not None and strings not in REVERT_STRINGS:
        raise RequestError("Invalid value for settings.debug.revertStrings.")
    _typed(debug, "debugInfo", list, "settings.debug.debugInfo must be an array.")
    return strings or "default"


def _libraries(by_file: Any) -> dict[str, bytes]:
    if not isinstance(by_file, dict):
        raise RequestError('"libraries" is not a JSON object.')
    found: dict[str, bytes] = {}
    for path, libraries in by_file.items():
        if not isinstance(libraries, dict):
            raise RequestError("Library entry is not a JSON object.")
        for name, address in libraries.items():
            if not isinstance(address, str):
                raise RequestError("Library address must be a string.")
            if not address.startswith("0x"):
                raise RequestError('Library address is not prefixed with "0x".')
            if len(address) != 42:
                raise RequestError("Library address is of invalid length.")
            try:
                found[f"{path}:{name}"] = parse_address(name, address)
            except ValueError as problem:
                raise RequestError(
                    f'Invalid library address ("{address}") supplied: {problem}'
                ) from None
    return found


def _metadata(data: dict[str, Any], runs: int, via_ir: bool) -> Metadata:
    _keys(data, _METADATA, "settings.metadata")
    append = _typed(data, "appendCBOR", bool, '"settings.metadata.appendCBOR" must be Boolean')
    literal = _typed(
        data, "useLiteralContent", bool, '"settings.metadata.useLiteralContent" must be Boolean'
    )
    kind = data.get("bytecodeHash", "ipfs")
    if kind not in HASHES:
        raise RequestError('"settings.metadata.bytecodeHash" must be "ipfs", "bzzr1" or "none"')
    if append is False and data.get("bytecodeHash", "none") != "none":
        raise RequestError(
            'When the parameter "appendCBOR" is set to false, the parameter "bytecodeHash" cannot be set to '
            f'"{kind}". The parameter "bytecodeHash" should either be skipped, or set to "none".'
        )
    return Metadata(append, kind, bool(literal), runs, via_ir)


def _selection(data: Any) -> Selection:
    if not isinstance(data, dict):
        raise RequestError('"settings.outputSelection" must be an object')
    for path, by_name in data.items():
        if not isinstance(by_name, dict):
            raise RequestError(f'"settings.outputSelection.{path}" must be an object')
        for name, outputs in by_name.items():
            if not isinstance(outputs, list) or any(not isinstance(o, str) for o in outputs):
                raise RequestError(
                    f'"settings.outputSelection.{path}.{name}" must be a string array'
                )
    return Selection(data)
