"""solc's command line: what may be written there, and what it comes to."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from compiler.evm.opcodes import EVM_VERSIONS
from compiler.solc_front.combined import COMBINED
from compiler.solc_front.printed import PRINTED

DESCRIPTION = """SolidityLite, the compiler of Facetworks, behind solc's command line.
Files, `prefix=target` remappings and `-` for standard input go in; see docs/integrators/solc.md."""

# Modes and outputs of solc that there is nothing behind.
REFUSED = (
    "--assemble", "--strict-assembly", "--yul", "--import-ast", "--import-asm-json", "--lsp", "--asm-json",
    "--ir-ast-json", "--ir-optimized-ast-json", "--yul-cfg-json", "--machine",
)  # fmt: skip
# Settings that change nothing about the code made here.
NO_EFFECT_FLAGS = ("--optimize-yul", "--no-optimize-yul", "--no-import-callback", "--experimental")
NO_EFFECT_VALUES = ("--yul-optimizations", "--debug-info")


class UsageError(Exception):
    """The command line is wrong; the message says how."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parser() -> argparse.ArgumentParser:
    """The options that are understood."""
    made = _Parser(
        prog="solc", description=DESCRIPTION, allow_abbrev=False, add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = made.add_argument
    add("inputs", nargs="*", metavar="INPUT")
    add("--input-file", metavar="FILE", action="append", default=[], help="an input, too")
    add("-h", "--help", action="store_true", help="show this text")
    add("--version", action="store_true", help="show the version")
    add("--license", action="store_true", help="show the licence")
    _modes_and_files(made)
    _settings(made)
    outputs = made.add_argument_group("output components")
    for flag, output in PRINTED.items():
        outputs.add_argument(f"--{flag}", action="store_true", help=output.title.rstrip(":"))
    outputs.add_argument("--ast-compact-json", action="store_true", help="syntax trees as JSON")
    outputs.add_argument("--combined-json", metavar="LIST", help=",".join(COMBINED))
    for flag in REFUSED:
        add(flag, action="store_true", help=argparse.SUPPRESS)
    for flag in NO_EFFECT_FLAGS:
        add(flag, action="store_true", help=argparse.SUPPRESS)
    for flag in NO_EFFECT_VALUES:
        add(flag, help=argparse.SUPPRESS)
    return made


def _modes_and_files(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add(
        "--standard-json", action="store_true", help="answer the request in INPUT or standard input"
    )
    add("--link", action="store_true", help="fill library addresses into the code in INPUT")
    add("--base-path", metavar="DIR", help="folder that names of sources are relative to")
    add(
        "--include-path",
        metavar="DIR",
        action="append",
        default=[],
        help="look for imports here, too",
    )
    add(
        "--allow-paths",
        metavar="LIST",
        action="append",
        default=[],
        help="folders that may be read",
    )
    add("--ignore-missing", action="store_true", help="skip inputs that do not exist")
    add("-o", "--output-dir", metavar="DIR", help="write one file per output and contract")
    add("--overwrite", action="store_true", help="replace files that exist")
    add("--libraries", metavar="LIST", action="append", default=[],
        help="FILE:NAME=ADDRESS, several with commas or blanks between, or a file of them")  # fmt: skip


def _settings(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("--evm-version", metavar="VERSION", help=", ".join(EVM_VERSIONS))
    add("--optimize", action="store_true", help="told in the metadata; code is always optimized")
    add("--optimize-runs", metavar="N", type=int, help="told in the metadata")
    add(
        "--via-ir",
        "--experimental-via-ir",
        action="store_true",
        help="told in the metadata; there is one pipeline",
    )
    add("--revert-strings", metavar="KIND", help="default, strip or debug")
    add("--stop-after", metavar="STAGE", help="parsing")
    add("--no-cbor-metadata", action="store_true", help="no trailer behind the code")
    add("--metadata-hash", metavar="KIND", help="ipfs, bzzr1 or none")
    add("--metadata-literal", action="store_true", help="whole sources in the metadata")
    add("--pretty-json", action="store_true", help="JSON on many lines")
    add("--json-indent", metavar="N", type=int, help="how far each level is indented")
    add("--color", action="store_true", help=argparse.SUPPRESS)
    add("--no-color", action="store_true", help=argparse.SUPPRESS)
    add("--error-codes", action="store_true", help="show the numbers of errors")


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments in `argv`. Raises UsageError."""
    arguments = parser().parse_intermixed_args(argv)
    arguments.inputs += arguments.input_file
    for flag in REFUSED:
        if getattr(arguments, flag[2:].replace("-", "_")):
            raise UsageError(f"{flag} is not supported by this compiler")
    if arguments.standard_json and arguments.link:
        raise UsageError("--standard-json and --link exclude each other")
    return arguments


def settings(arguments: argparse.Namespace, remappings: list[str]) -> dict[str, Any]:
    """What the options come to as standard-JSON settings, outputs and libraries apart."""
    metadata: dict[str, Any] = {}
    if arguments.no_cbor_metadata:
        metadata["appendCBOR"] = False
    if arguments.metadata_hash is not None:
        metadata["bytecodeHash"] = arguments.metadata_hash
    if arguments.metadata_literal:
        metadata["useLiteralContent"] = True
    optimizer: dict[str, Any] = {"enabled": arguments.optimize}
    if arguments.optimize_runs is not None:
        optimizer["runs"] = arguments.optimize_runs
    found: dict[str, Any] = {
        "metadata": metadata,
        "optimizer": optimizer,
        "remappings": remappings,
        "viaIR": arguments.via_ir,
    }
    if arguments.evm_version is not None:
        found["evmVersion"] = arguments.evm_version
    if arguments.revert_strings is not None:
        found["debug"] = {"revertStrings": arguments.revert_strings}
    if arguments.stop_after is not None:
        found["stopAfter"] = arguments.stop_after
    return found
