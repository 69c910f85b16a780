"""`python -m tests.reference.mistakes [--only WORD] [--stages N]`: which seeded mistakes of the compiler does this oracle notice alone?

Each is made in a copy of the compiler, whose bytecode then runs beside the interpreter until the first mismatch: the
sources likeliest to notice, all others, generated programs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.compiler.seeds import SEEDS, Seed

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/differential/corpus"
ROOMS = (
    "lowering/",
    "backend/",
    "passes/",
    "ir/",
    "analysis/",
)  # what the interpreter does not use
SECONDS = 150


def stages(seed: Seed) -> list[list[str]]:
    """Arguments of the board, the quickest likely ones first."""
    near = [str(CORPUS / f"{name.strip()}.sol") for name in seed.near.split(" or ")]
    near = [path for path in near if Path(path).exists()]
    every = [str(path) for path in sorted(CORPUS.glob("*.sol"))]
    first = [[*near, "--examples", "12"]] if near else []
    return [*first, [*every, "--examples", "6"], ["--programs", "60", "--no-sources"]]


def noticed(seed: Seed, most: int = 3) -> str:
    """The first line of the mismatch that tells, empty where nothing was noticed."""
    with tempfile.TemporaryDirectory() as folder:
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "compiler", Path(folder) / "compiler", ignore=left_out)
        path = Path(folder) / "compiler" / seed.file
        text = path.read_text()
        assert text.count(seed.old) == 1, seed
        path.write_text(text.replace(seed.old, seed.new))
        for arguments in stages(seed)[:most]:
            told = _mismatch(folder, [*arguments, "--first"])
            if told:
                return told
    return ""


def _mismatch(folder: str, arguments: list[str]) -> str:
    """Run the board over the compiler in `folder`, which stands in front of ours in the path."""
    command = [sys.executable, "-m", "tests.reference", *arguments]
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    told = [line for line in done.stdout.splitlines() if line.startswith("MISMATCH ")]
    return told[0].removeprefix("MISMATCH ") if told else ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.reference.mistakes")
    parser.add_argument("--only", default="")
    parser.add_argument("--stages", type=int, default=3, help="1: only the likeliest sources")
    options = parser.parse_args(arguments)
    chosen = [
        s for s in SEEDS
        if s.file.startswith(ROOMS) and (options.only in s.file or options.only in s.why)
    ]  # fmt: skip
    count = 0
    for number, seed in enumerate(chosen, 1):
        told = noticed(seed, options.stages)
        count += bool(told)
        print(
            f"[{number:>2}/{len(chosen)}] {seed.file}: {seed.why}: {told[:100] or 'not noticed'}",
            flush=True,
        )
    print(f"{count} of {len(chosen)} mistakes noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
