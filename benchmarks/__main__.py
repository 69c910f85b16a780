"""`python -m benchmarks [NAME...]`: compile_time, code_size, gas, tour, packages, due_index, bombs, interpreter; all without a name."""

from __future__ import annotations

import sys

from benchmarks import bombs, code_size, compile_time, due_index, gas, interpreter, packages, tour

ALL = {
    "compile_time": compile_time,
    "code_size": code_size,
    "gas": gas,
    "tour": tour,
    "packages": packages,
    "due_index": due_index,
    "bombs": bombs,
    "interpreter": interpreter,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; choose from {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names or ALL:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        print(ALL[name].main(), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
