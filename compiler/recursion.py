"""Room for recursion: what the parser lets stand inside each other takes more frames than Python gives by default."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from compiler.diagnostics.errors import CompileError, Reporter

RECURSION_LIMIT = 20_000


@contextmanager
def deep_recursion(reporter: Reporter) -> Iterator[None]:
    """More frames while the block runs; raises CompileError (SL4001) where they do not suffice either."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    except RecursionError:
        reporter.report("SL4001", None, "nesting is too deep to compile")
        raise CompileError(reporter.in_order(), reporter.sources) from None
    finally:
        sys.setrecursionlimit(limit)
