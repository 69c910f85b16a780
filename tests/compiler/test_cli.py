"""`python -m compiler` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = "pragma solidity ^0.8.20;\ncontract A { uint256 public x; function f(uint256 y) external { x = y; } }\n"


def run(*arguments: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compiler", *arguments],
        cwd=cwd, input=stdin, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.sol").write_text(GOOD)
    return tmp_path


def test_summary_lists_contracts_and_sizes(folder: Path) -> None:
    result = run("a.sol", cwd=folder)
    assert result.returncode == 0
    assert "A" in result.stdout and "runtime" in result.stdout


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("tokens", "pragma"),
        ("ast", "SourceUnit"),
        ("typed", "contract A"),
        ("twin", "contract A"),
        ("ir", "fn "),
        ("ir-opt", "fn "),
        ("asm", "sstore"),
        ("abi", '"stateMutability"'),
        ("selectors", "0c55699c  x()"),
        ("layout", '"slot": "0"'),
    ],
)
def test_emit_prints_each_stage(folder: Path, stage: str, expected: str) -> None:
    result = run("a.sol", "--emit", stage, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout


def test_bytecode_and_runtime_are_hex(folder: Path) -> None:
    creation = run("a.sol", "--emit", "bytecode", cwd=folder).stdout.strip()
    runtime = run("a.sol", "--emit", "runtime", cwd=folder).stdout.strip()
    assert bytes.fromhex(runtime) in bytes.fromhex(creation)


def test_json_is_one_object(folder: Path) -> None:
    result = run("a.sol", "--format", "json", cwd=folder)
    data = json.loads(result.stdout)
    contract = data["contracts"]["a.sol:A"]
    assert {"abi", "bytecode", "runtime", "selectors", "storageLayout", "sourceMap"} <= set(
        contract
    )
    assert data["diagnostics"] == []


def test_errors_exit_1_and_go_to_stderr(folder: Path) -> None:
    (folder / "bad.sol").write_text("pragma solidity ^0.8.20;\ncontract A { uint256 x = y; }\n")
    result = run("bad.sol", cwd=folder)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "error[SL0201]" in result.stderr and "bad.sol:2:26" in result.stderr
    as_json = run("bad.sol", "--format", "json", cwd=folder)
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["diagnostics"][0]["code"] == "SL0201"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("missing.sol",),
        ("a.sol", "--emit", "asmm"),
        ("--explain", "SL9999"),
        ("a.sol", "--contract", "B"),
    ],
)
def test_wrong_usage_exits_2(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, cwd=folder)
    assert result.returncode == 2
    assert result.stderr


def test_what_is_no_source_is_named_for_what_it_is(folder: Path) -> None:
    (folder / "noise.sol").write_bytes(b"\xff\xfe\x00contract")
    (folder / "importer.sol").write_text('pragma solidity ^0.8.20;\nimport "./noise.sol";\n')
    (folder / "empty.sol").write_text("")
    for name in ("noise.sol", "importer.sol"):
        for words in ((), ("--emit", "tokens") if name == "noise.sol" else ()):
            result = run(name, *words, cwd=folder)
            assert result.returncode == 1 and "is not UTF-8 text" in result.stderr
            assert "save it in the encoding UTF-8" in result.stderr
    (folder / "more").mkdir()
    result = run("more", cwd=folder)
    assert result.returncode == 2 and "is a folder" in result.stderr
    result = run("empty.sol", cwd=folder)
    assert result.returncode == 0 and "no contracts here" in result.stdout


@pytest.mark.parametrize("end", ["", " ", "\n", "\n    ", "\t\r\n \f", "// no new line", "\n\n"])
def test_a_file_may_end_in_anything_that_is_no_token(folder: Path, end: str) -> None:
    (folder / "End.sol").write_text("pragma solidity ^0.8.24; contract End {}" + end, newline="")
    done = run("End.sol", cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [(), ("layout",)])
def test_an_output_that_cannot_be_written_is_named(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "Small.sol").write_text("pragma solidity ^0.8.24; contract Small {}")
    (folder / "file").write_text("not a folder")
    done = run(*command, "Small.sol", "-o", "file/out", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error: file") and "Traceback" not in done.stderr


def test_explain(folder: Path) -> None:
    result = run("--explain", "SL0207", cwd=folder)
    assert result.returncode == 0
    assert result.stdout.startswith("# SL0207")


def test_artifacts_are_written(folder: Path) -> None:
    result = run("a.sol", "-o", "out", cwd=folder)
    assert result.returncode == 0
    assert json.loads((folder / "out" / "A.json").read_text())["contractName"] == "A"


def test_standard_json_round_trip(folder: Path) -> None:
    request = {
        "language": "Solidity",
        "sources": {"a.sol": {"content": GOOD}},
        "settings": {
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.methodIdentifiers"]}}
        },
    }
    answer = json.loads(run("--standard-json", cwd=folder, stdin=json.dumps(request)).stdout)
    outputs = answer["contracts"]["a.sol"]["A"]
    assert outputs["evm"]["methodIdentifiers"] == {"f(uint256)": "b3de648b", "x()": "0c55699c"}
    assert set(outputs["evm"]) == {"bytecode", "methodIdentifiers"}


@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        ("{", "JSONError"),
        ('{"language": "Yul", "sources": {"a": {"content": ""}}}', "Solidity"),
        ('{"language": "Solidity", "sources": {}, "setings": {}}', "setings"),
        (
            '{"language": "Solidity", "sources": {"a": {"content": ""}}, "settings": {"evmVersion": "x"}}',
            "EVM version",
        ),
    ],
)
def test_standard_json_problems_are_answers(folder: Path, request_text: str, message: str) -> None:
    result = run("--standard-json", cwd=folder, stdin=request_text)
    assert result.returncode == 0
    assert message in json.dumps(json.loads(result.stdout)["errors"])


def test_imports_outside_the_allowed_folders_are_not_read(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.sol").write_text("contract Secret { }")
    (folder / "b.sol").write_text(f'import "{outside}/secret.sol";\ncontract B {{ }}')
    result = run("b.sol", cwd=folder)
    assert result.returncode == 1
    assert "SL0212" in result.stderr
    allowed = run("b.sol", "--allow-path", str(outside), cwd=folder)
    assert allowed.returncode == 0


def test_compiling_needs_nothing_installed(folder: Path) -> None:
    """The compile path imports the standard library and this package, nothing else."""
    script = (
        "import sys; from compiler.cli import main; main(['a.sol']);"
        "bad = {'pydantic', 'eth_utils', 'web3', 'ape', 'eth', 'click'} & set(sys.modules); assert not bad, bad"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT)}, timeout=60,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["a.sol", "bad.sol"])
def test_json_has_a_short_name(folder: Path, name: str) -> None:
    (folder / "bad.sol").write_text("pragma solidity ^0.8.20;\ncontract A { uint256 x = y; }\n")
    short, long = (run(name, *words, cwd=folder) for words in (("--json",), ("--format", "json")))
    assert (short.returncode, short.stdout, short.stderr) == (
        long.returncode,
        long.stdout,
        long.stderr,
    )
    json.loads(short.stdout)


def test_there_are_no_colours_where_nobody_sees_them(folder: Path) -> None:
    (folder / "bad.sol").write_text("contract A { uint256 x = y; }")
    assert "\x1b" not in run("bad.sol", cwd=folder).stderr


def test_an_interrupt_ends_quietly(folder: Path) -> None:
    script = (
        "import compiler.cli as cli\n"
        "def stop(*a): raise KeyboardInterrupt\n"
        "cli._compile = stop\n"
        "raise SystemExit(cli.main(['a.sol']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


@pytest.mark.parametrize("words", [("--time-limit", "0"), ("--memory-limit", "0")])
def test_a_budget_can_be_set(folder: Path, words: tuple[str, ...]) -> None:
    result = run("a.sol", *words, cwd=folder)
    assert result.returncode == 1 and "error[SL400" in result.stderr
    assert run("a.sol", words[0], "1e9", cwd=folder).returncode == 0
    assert run("a.sol", words[0], "-1", cwd=folder).returncode == 2


@pytest.mark.parametrize("level", ["0", "1", "2", "3"])
def test_every_level_compiles(folder: Path, level: str) -> None:
    assert run("a.sol", f"-O{level}", cwd=folder).returncode == 0


def test_passes_are_timed_on_standard_error(folder: Path) -> None:
    result = run("a.sol", "--time-passes", "--emit", "bytecode", cwd=folder)
    assert result.returncode == 0 and "value-numbering" in result.stderr
    bytes.fromhex(result.stdout.strip())


def test_why_is_a_command(folder: Path) -> None:
    result = run("why", "a.sol", "A.f", cwd=folder)
    assert result.returncode == 0 and "dispatch" in result.stdout
    assert run("why", "a.sol", "A.g", cwd=folder).returncode == 2
    (folder / "bad.sol").write_text("contract A { uint256 x = y; }")
    assert run("why", "bad.sol", "A.f", cwd=folder).returncode == 1


BAD = "pragma solidity ^0.8.20;\ncontract A { uint256 x = y; }\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("missing.sol", "--json"), "not found"),
        (("a.sol", "--json", "--contract", "B"), "no contract named 'B'; there is A"),
        (("a.sol", "--json", "--emit", "ast"), "give one of them"),
        (("a.sol", "--json", "--evm-version", "shangai"), "invalid choice"),
        (("a.sol", "--format", "json", "-o", "a.sol"), "a.sol: File exists"),
        (("why", "missing.sol", "A.f", "--json"), "not found"),
        (("why", "a.sol", "A.g", "--json"), "has no function `g`"),
        (("diff-layout", "missing.json", "a.sol", "--format", "json"), "not found"),
    ],
)
def test_a_wrong_command_is_told_to_programs_as_json(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    result = run(*words, cwd=folder)
    error = json.loads(result.stdout)["error"]
    assert result.returncode == error["exitCode"] == 2
    assert said in error["message"] and said in result.stderr
    assert "_limit" not in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [("why", "bad.sol", "A.f", "--json"), ("diff-layout", "bad.sol", "a.sol", "--format", "json")],
)
def test_a_wrong_source_is_told_as_json_by_every_command(
    folder: Path, words: tuple[str, ...]
) -> None:
    (folder / "bad.sol").write_text(BAD)
    result = run(*words, cwd=folder)
    assert result.returncode == 1
    assert json.loads(result.stdout)["diagnostics"][0]["code"] == "SL0201"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.sol", "--time-limit", "soon"), "'soon' is not a number from 0 up"),
        (("a.sol", "--emit", "ir-opt", "--after", "dead-cod"), "did you mean 'dead-code'?"),
        (("a.sol", "--emit", "ir-opt", "--after", "nonsense", "-O", "0"), "-O 0 has no pass"),
        (("prefix=target",), "name a source file"),
        (("layouts", "contracts"), "did you mean the command `layout`?"),
        (("why", ".", "A.f"), "is a folder"),
    ],
)
def test_wrong_words_are_answered_in_words(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = run(*words, cwd=folder)
    assert (result.returncode, said in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize("solc", [False, True])
def test_a_request_that_is_no_text_is_no_bug(folder: Path, solc: bool) -> None:
    (folder / "request.json").write_bytes(b"\xff\xfe{}")
    words = (
        ("solc", "--standard-json", "request.json") if solc else ("--standard-json", "request.json")
    )
    result = run(*words, cwd=folder)
    assert "is not UTF-8 text" in result.stdout + result.stderr
    assert "internal" not in result.stderr.lower() and result.returncode == (1 if solc else 0)


@pytest.mark.parametrize("words", [("a.sol",), ("a.sol", "--emit", "ast"), ("layout", "a.sol")])
def test_a_full_or_closed_standard_output_is_no_bug(folder: Path, words: tuple[str, ...]) -> None:
    def into(target: str) -> subprocess.CompletedProcess[str]:
        command = " ".join([sys.executable, "-m", "compiler", *words])
        return subprocess.run(
            ["/bin/sh", "-c", f"{command} {target}"], cwd=folder, capture_output=True, text=True,
            timeout=60, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    assert into(">&-").returncode == 0
    full = into(">/dev/full")
    assert full.returncode == 2 and full.stderr.startswith("error: cannot write: No space left")


@pytest.mark.parametrize("words", [("a.sol",), ("solc", "--version"), ("--explain", "SL0201")])
def test_a_reader_that_leaves_is_no_error(folder: Path, words: tuple[str, ...]) -> None:
    command = " ".join([sys.executable, "-m", "compiler", *words])
    result = subprocess.run(
        ["/bin/bash", "-c", f"{command} | true; echo ${{PIPESTATUS[0]}}"], cwd=folder, text=True,
        capture_output=True, timeout=60, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (result.stdout, result.stderr) == ("0\n", "")
