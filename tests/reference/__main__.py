"""`python -m tests.reference [FILE.sol ...] [--programs N] [--seed S] [--examples N]`: our bytecode against the interpreter.

Without files: the sources of the differential tests, the facets of `contracts/`, and generated programs. `--examples`
is the number of sequences a contract gets. Exit status 1 when something differs, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.reference.board import Board, corpus, facets


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.reference")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--programs", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=20)
    options = parser.parse_args(arguments)
    board = Board()
    try:
        for path in options.files or corpus():
            board.source(path.stem, {path.name: path.read_text()}, path.name, options.examples)
        if not options.files:
            for name, sources in facets().items():
                board.source(Path(name).stem, sources, name, options.examples)
        programs = options.programs
        if programs is None:
            programs = 0 if options.files else 100
        if programs:
            board.generated(options.seed, programs)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        print(board.summary())
        return 130
    for mismatch in board.mismatches:
        print(f"\n{mismatch}")
    print(board.summary())
    return 1 if board.mismatches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
