"""`python -m tests.reference [FILE.sol ...] [--programs N] [--seed S] [--examples N] [--first]`: our bytecode against the interpreter.

Without files: the sources of the differential tests, the facets of `contracts/`, and generated programs. `--examples`
is the number of sequences a contract gets, `--first` stops at the first mismatch. Exit status 1 when something
differs, 2 when a file cannot be read or compiled, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from compiler import CompileError
from tests.reference.board import Board, Stopped, corpus, facets


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.reference")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--programs", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--no-sources", action="store_true", help="generated programs only")
    parser.add_argument("--first", action="store_true")
    options = parser.parse_args(arguments)
    board = Board(first=options.first)
    with_sources = not options.files and not options.no_sources
    try:
        for path in corpus() if with_sources else options.files:
            board.source(path.stem, {path.name: path.read_text()}, path.name, options.examples)
        if with_sources:
            for name, sources in facets().items():
                board.source(Path(name).stem, sources, name, options.examples)
        programs = options.programs
        if programs is None:
            programs = 0 if options.files else 100
        if programs:
            board.generated(options.seed, programs)
    except Stopped:
        pass
    except (OSError, CompileError) as reason:
        print(reason, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        print(board.summary())
        return 130
    for mismatch in board.mismatches:
        print(f"MISMATCH {mismatch}")
    print(board.summary())
    return 1 if board.mismatches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
