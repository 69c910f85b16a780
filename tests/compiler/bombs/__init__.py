"""Sources made to be slow, deep or huge: generators, and what each of them must come to.

`COMPILES` are turned into code in about the time of an ordinary file of their size, and `REFUSED` meet a
limit and its code. `python -m benchmarks bombs` measures them; the tests count instead of timing.
"""

from tests.compiler.bombs.shapes import COMPILES, REFUSED, Bomb

__all__ = ["COMPILES", "REFUSED", "Bomb"]
