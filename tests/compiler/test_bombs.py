"""Sources made to be slow or deep: each compiles, or is refused with a limit's code."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources

HEAD = "pragma solidity ^0.8.20;\ncontract A {\n"


def function(body: str, returns: str = "uint256") -> str:
    return f"{HEAD}function f(uint256 a) external pure returns ({returns}) {{ {body} }}\n}}"


COMPILES = {
    "sum of 3000 terms": function("return " + " + ".join(["a"] * 3000) + ";"),
    "120 nested calls": HEAD
    + "function g(uint256 a) internal pure returns (uint256) { return a / 2; }\n"
    + "function f(uint256 a) external pure returns (uint256) { return " + "g(" * 120 + "a" + ")" * 120 + "; }\n}",
    "200 live locals": function(
        "".join(f"uint256 v{i} = a * {i + 2};" for i in range(200))
        + "return " + " ^ ".join(f"(v{i} % (a + {i + 1}))" for i in range(200)) + ";"
    ),
    "nested loops": function(
        "uint256 t;" + "".join(f"for (uint256 i{n} = 0; i{n} < 2; i{n}++) {{" for n in range(30)) + "t++;" + "}" * 30 + "return t;"
    ),
    "modifiers with many placeholders": HEAD
    + "modifier m() { _; _; _; }\nuint256 x;\nfunction f() external m m m m { x++; }\n}",
    "8-dimensional array": HEAD + "uint8[2][2][2][2][2][2][2][2] x;\nfunction f(uint256 a) external { x[1][0][1][0][1][0][1][a] = 3; }\n}",
    "array of 200 dimensions": HEAD + "uint256" + "[]" * 200 + " x;\n}",
    "1000 functions": HEAD + "".join(f"function f{i}(uint256 a) external pure returns (uint256) {{ return a ^ {i}; }}\n" for i in range(1000)) + "}",
}  # fmt: skip
REFUSED = {
    "300 parentheses": function("return " + "(" * 300 + "a" + ")" * 300 + ";"),
    "400 nested blocks": function("{" * 400 + "}" * 400 + "return a;"),
    "300 negations": function("return " + "~" * 300 + "a;"),
    "long exponent": function("return 1e99999;"),
    "huge power": function("return 2 ** 2 ** 20;"),
}


@pytest.mark.parametrize("name", COMPILES)
def test_heavy_sources_compile(name: str) -> None:
    result = compile_sources({"a.sol": COMPILES[name]})
    assert result.contracts["a.sol:A"].bytecode


@pytest.mark.parametrize("name", REFUSED)
def test_limits_are_clean_errors(name: str) -> None:
    with pytest.raises(CompileError) as caught:
        compile_sources({"a.sol": REFUSED[name]})
    assert all(d.code.startswith("SL") for d in caught.value.diagnostics)
