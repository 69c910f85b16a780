"""The same sources and options give the same bytes, however and wherever they are compiled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from compiler import compile_sources

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "differential" / "corpus"


def texts() -> dict[str, str]:
    return {p.name: p.read_text() for p in sorted(CORPUS.glob("*.sol"))}


def codes(sources: dict[str, str]) -> dict[str, tuple[bytes, bytes]]:
    result = compile_sources(sources)
    return {name: (c.bytecode, c.runtime) for name, c in result.contracts.items()}


def test_file_order_does_not_matter() -> None:
    forward = codes(texts())
    backward = codes(dict(reversed(list(texts().items()))))
    assert forward == backward


def test_unrelated_files_do_not_matter() -> None:
    alone = {"storage.sol": texts()["storage.sol"]}
    together = codes(texts())
    assert all(together[name] == code for name, code in codes(alone).items())


def test_answers_to_mistakes_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "import hashlib; from tests.compiler.test_mistakes import FILES, diagnose;"
        "from compiler.diagnostics.render import render_text;"
        "text = ''.join(render_text(*diagnose(path)) for path in FILES);"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = set()
    for seed in ("0", "1", "4242"):
        result = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        digests.add(result.stdout)
    assert len(digests) == 1


def test_hash_seed_does_not_matter() -> None:
    script = (
        "import sys, hashlib; from compiler import compile_files;"
        "r = compile_files(sys.argv[1:]);"
        "print(hashlib.sha256(b''.join(c.bytecode for c in r.contracts.values())).hexdigest())"
    )
    digests = set()
    for seed in ("0", "1", "4242"):
        result = subprocess.run(
            [sys.executable, "-c", script, *map(str, sorted(CORPUS.glob("*.sol")))],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        digests.add(result.stdout)
    assert len(digests) == 1
