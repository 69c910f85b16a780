"""`python -m compiler solc …` as the tools meet it that start solc."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.options import Metadata

ROOT = Path(__file__).resolve().parents[2]
HEAD = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n"
BOX = (
    HEAD
    + """import "lid/Lid.sol";
/// @title Box
contract Box is Lid {
    uint256 public x; error Bad(uint256 code); event Put(address indexed who, uint256 y);
    /// @notice puts
    function put(uint256 y) external { if (y == 7) revert Bad(y); x = y; emit Put(msg.sender, y); }
}
"""
)
LID = (
    HEAD
    + "abstract contract Lid { bool public closed; function close() external { closed = true; } }\n"
)
USER = HEAD + (
    "library L { function f(uint256 a) external pure returns (uint256) { return a; } }\n"
    "contract C { function g() external pure returns (uint256) { return L.f(1); } }\n"
)
ADDRESS = "0x" + "12" * 20


def solc(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compiler", "solc", *arguments],
        cwd=cwd, input=stdin, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "libs").mkdir()
    (tmp_path / "src/Box.sol").write_text(BOX)
    (tmp_path / "libs/Lid.sol").write_text(LID)
    (tmp_path / "user.sol").write_text(USER)
    return tmp_path


BUILD = ("lid/=libs/", "src/Box.sol")


def test_the_last_line_of_the_version_is_solcs(folder: Path) -> None:
    done = solc("--version", cwd=folder)
    assert done.returncode == 0
    first, last = done.stdout.splitlines()
    assert last == "Version: 0.8.37+commit.00000000.Linux.g++"
    # Some tools take the first number of this shape in the whole text.
    assert "SolidityLite" in first and "." not in first


@pytest.mark.parametrize(
    ("flag", "title", "content"),
    [
        ("--bin", "Binary:", "60"),
        ("--bin-runtime", "Binary of the runtime part:", "5f"),
        ("--abi", "Contract JSON ABI", '"name":"put"'),
        ("--hashes", "Function signatures:", "0c55699c: x()"),
        ("--asm", "EVM assembly:", "sstore"),
        ("--opcodes", "Opcodes:", "SSTORE"),
        ("--metadata", "Metadata:", '"language":"Solidity"'),
        ("--userdoc", "User Documentation", '"notice":"puts"'),
        ("--devdoc", "Developer Documentation", '"title":"Box"'),
        ("--storage-layout", "Contract Storage Layout:", '"label":"x"'),
        ("--transient-storage-layout", "Contract Transient Storage Layout:", '"storage":[]'),
        ("--gas", "Gas estimation:", "put(uint256):\t"),
        ("--ir", "IR:", "fn "),
        ("--ir-optimized", "Optimized IR:", "fn "),
    ],
)
def test_each_output_stands_under_its_headline(
    folder: Path, flag: str, title: str, content: str
) -> None:
    done = solc(flag, *BUILD, cwd=folder)
    assert done.returncode == 0, done.stderr
    _, _, rest = done.stdout.partition(f"\n======= src/Box.sol:Box =======\n{title}\n")
    assert "libs/Lid.sol:Lid" in done.stdout  # imported files count, as with solc
    assert content in rest


def test_hashes_name_errors_and_events(folder: Path) -> None:
    told = solc("--hashes", *BUILD, cwd=folder).stdout
    assert "Error signatures:\n94280d62" not in told
    assert "Error signatures:\n" in told and ": Bad(uint256)" in told
    assert "Event signatures:\n" in told and ": Put(address,uint256)" in told


def test_combined_json(folder: Path) -> None:
    names = "abi,bin,bin-runtime,srcmap,srcmap-runtime,hashes,userdoc,devdoc,metadata,storage-layout,opcodes,function-debug,generated-sources"
    done = solc("--combined-json", names, *BUILD, cwd=folder)
    answer = json.loads(done.stdout)
    assert answer["version"].startswith("0.8.37+commit.")
    assert answer["sourceList"] == ["src/Box.sol", "libs/Lid.sol"]
    box = answer["contracts"]["src/Box.sol:Box"]
    assert set(box) == set(names.split(","))
    assert box["hashes"]["put(uint256)"] == "3f81a2c0"
    assert box["bin"].endswith(box["bin-runtime"])
    assert json.loads(box["metadata"])["settings"]["compilationTarget"] == {"src/Box.sol": "Box"}
    assert solc("--combined-json", "abi,code", *BUILD, cwd=folder).returncode == 1


def test_the_code_is_that_of_our_own_command_line(folder: Path) -> None:
    sources = {"src/Box.sol": BOX, "libs/Lid.sol": LID}
    options = CompileOptions(
        remappings=("lid/=libs/",), metadata=Metadata(append=False), marks_data=True
    )
    ours = compile_sources(sources, options).contracts["src/Box.sol:Box"]
    done = solc("--optimize", "--no-cbor-metadata", "--bin", "--bin-runtime", *BUILD, cwd=folder)
    assert ours.bytecode.hex() in done.stdout and ours.runtime.hex() in done.stdout


def test_the_trailer_is_there_unless_refused(folder: Path) -> None:
    plain = compile_sources({"user.sol": USER}).contracts["user.sol:L"].runtime.hex()

    def runtime(*flags: str) -> str:
        done = solc("--combined-json", "bin-runtime", "--optimize", *flags, "user.sol", cwd=folder)
        code: str = json.loads(done.stdout)["contracts"]["user.sol:L"]["bin-runtime"]
        assert code.startswith(plain)
        return code[len(plain) :]

    assert runtime("--no-cbor-metadata") == ""
    assert runtime().startswith("fea264" + b"ipfs".hex() + "5822" + "1220")
    assert runtime("--metadata-hash", "bzzr1").startswith("fea265" + b"bzzr1".hex() + "5820")
    none = bytes.fromhex(runtime("--metadata-hash", "none"))
    assert none[:2] == b"\xfe\xa1" and b"solc" not in none and b"soliditylite" in none
    assert int.from_bytes(none[-2:], "big") == len(none) - 3


def test_files_are_written_and_not_overwritten(folder: Path) -> None:
    first = solc("--bin", "--abi", "--hashes", "-o", "out", *BUILD, cwd=folder)
    assert first.returncode == 0 and "Artifact(s) can be found" in first.stdout
    written = {path.name for path in (folder / "out").iterdir()}
    assert {"Box.bin", "Box.abi", "Box.signatures", "Lid.abi"} <= written
    again = solc("--bin", "-o", "out", *BUILD, cwd=folder)
    assert again.returncode == 1 and "Refusing to overwrite" in again.stderr
    assert solc("--bin", "-o", "out", "--overwrite", *BUILD, cwd=folder).returncode == 0
    combined = solc("--combined-json", "abi", "-o", "out", *BUILD, cwd=folder)
    assert combined.returncode == 0
    assert json.loads((folder / "out/combined.json").read_text())["contracts"]


def test_standard_json_reads_imports_and_urls(folder: Path) -> None:
    request = {
        "language": "Solidity",
        "sources": {"src/Box.sol": {"urls": ["src/Box.sol"]}},
        "settings": {"remappings": ["lid/=libs/"], "outputSelection": {"*": {"*": ["abi"]}}},
    }
    done = solc("--standard-json", "-", cwd=folder, stdin=json.dumps(request))
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and "errors" not in answer, answer
    assert set(answer["contracts"]) == {"src/Box.sol", "libs/Lid.sol"}
    (folder / "request.json").write_text(json.dumps(request))
    assert json.loads(solc("--standard-json", "request.json", cwd=folder).stdout) == answer
    request["sources"] = {"a.sol": {"urls": ["/etc/hostname", "none.sol"]}}
    refused = json.loads(solc("--standard-json", cwd=folder, stdin=json.dumps(request)).stdout)
    assert [e["type"] for e in refused["errors"]] == ["IOError", "IOError"]


def test_errors_and_warnings_go_to_stderr(folder: Path) -> None:
    (folder / "bad.sol").write_text(HEAD + "contract A { uint256 x = y; }\n")
    done = solc("--bin", "bad.sol", cwd=folder)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("Error: ") and " --> bad.sol:3:26:" in done.stderr
    told = solc("--bin", "--error-codes", "bad.sol", cwd=folder).stderr
    assert told.startswith("Error (7576): ")
    (folder / "warn.sol").write_text("contract A { }\n")
    done = solc("--bin", "warn.sol", cwd=folder)
    assert done.returncode == 0 and done.stderr.startswith("Warning: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.sol", "--bin"), '"none.sol" is not found.'),
        (("src", "--bin"), '"src" is not a valid file.'),
        (("user.sol", "--frobnicate"), "frobnicate"),
        (("--bin",), "No input files given."),
        (("--yul", "user.sol"), "--yul is not supported"),
        (("user.sol", "--evm-version", "atlantis", "--bin"), "Invalid EVM version"),
        (("user.sol", "--libraries", "L"), "FILE:NAME=ADDRESS"),
        (("=x", "user.sol"), "Invalid remapping"),
        (("user.sol", "--base-path", "none"), "Base path does not exist"),
    ],
)
def test_wrong_commands_exit_1(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = solc(*arguments, cwd=folder)
    assert done.returncode == 1 and message in done.stderr
    assert done.stderr.startswith("Error: ") and "Traceback" not in done.stderr


def test_without_arguments_help_and_exit_1(folder: Path) -> None:
    done = solc(cwd=folder)
    assert done.returncode == 1 and "--standard-json" in done.stdout
    assert solc("--help", cwd=folder).returncode == 0


def test_standard_input_is_a_source(folder: Path) -> None:
    done = solc("--abi", "-", cwd=folder, stdin=HEAD + "contract A { }")
    assert done.returncode == 0 and "======= <stdin>:A =======" in done.stdout


def test_input_is_bytes_as_they_are(folder: Path) -> None:
    def run(content: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "compiler", "solc", *arguments],
            cwd=folder, input=content, capture_output=True, timeout=60, check=False,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )  # fmt: skip

    source = (HEAD + "/// @notice é\ncontract A { }\n").replace("\n", "\r\n")
    done = run(source.encode(), "--userdoc", "--metadata", "--metadata-literal", "-")
    assert done.returncode == 0, done.stderr
    assert '"notice":"é"'.encode() in done.stdout
    assert json.dumps(source, ensure_ascii=False).encode() in done.stdout
    assert run(b"\xff", "--bin", "-").stderr == b"Error: Standard input is not UTF-8 text.\n"
    assert run(b"\xff", "--standard-json").returncode == 1


def test_an_input_may_be_named_by_its_option(folder: Path) -> None:
    done = solc("--abi", "--input-file", "user.sol", cwd=folder)
    assert done.returncode == 0 and "user.sol:C" in done.stdout


def test_a_bug_is_an_answer_in_standard_json(monkeypatch: pytest.MonkeyPatch) -> None:
    from compiler import pipeline
    from compiler.standard_json import compile_standard

    def broken(*arguments: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(pipeline, "compile_units", broken)
    request = {"language": "Solidity", "sources": {"a.sol": {"content": ""}}}
    (problem,) = compile_standard(request)["errors"]
    assert problem["type"] == "InternalCompilerError" and "KeyError" in problem["message"]


def test_nothing_asked_is_still_compiled(folder: Path) -> None:
    done = solc("user.sol", cwd=folder)
    assert done.stdout == "Compiler run successful. No output generated.\n"


def test_libraries_are_linked_at_once_or_later(folder: Path) -> None:
    at_once = solc("--bin", "--libraries", f"user.sol:L={ADDRESS}", "user.sol", cwd=folder)
    assert ADDRESS[2:] in at_once.stdout and "__$" not in at_once.stdout
    solc("--bin", "-o", "out", "user.sol", cwd=folder)
    unlinked = (folder / "out/C.bin").read_text()
    assert "__$" in unlinked and "-> user.sol:L" in unlinked
    missing = solc("--link", "out/C.bin", cwd=folder)
    assert missing.returncode == 0 and "still unresolved" in missing.stderr
    done = solc("--link", "--libraries", f"user.sol:L={ADDRESS}", "out/C.bin", cwd=folder)
    assert done.returncode == 0 and done.stdout == "Linking completed.\n"
    linked = (folder / "out/C.bin").read_text()
    assert linked == unlinked.split("\n")[0].replace(unlinked[unlinked.index("__$") :][:40], ADDRESS[2:])  # fmt: skip


def test_names_of_sources_are_seen_from_the_base_path(folder: Path) -> None:
    done = solc("--abi", "--base-path", "src", "lid/=../libs/", "--allow-paths", "libs", "src/Box.sol", cwd=folder)  # fmt: skip
    assert "======= Box.sol:Box =======" in done.stdout, done.stderr


def test_facets_carry_no_trailer_unless_asked(folder: Path) -> None:
    facet = (
        "pragma facet wrapping;\nfacet F { uint256 a; function f(uint256 b) external { a += b; } }"
    )
    request = {"language": "Solidity", "sources": {"f.sol": {"content": facet}}}

    def runtime(**metadata: bool) -> str:
        settings = {"metadata": metadata, "outputSelection": {"*": {"*": ["evm.deployedBytecode"]}}}
        text = json.dumps({**request, "settings": settings})
        answer = json.loads(solc("--standard-json", cwd=folder, stdin=text).stdout)
        code: str = answer["contracts"]["f.sol"]["F"]["evm"]["deployedBytecode"]["object"]
        return code

    assert b"ipfs".hex() not in runtime()
    assert b"ipfs".hex() in runtime(appendCBOR=True)
