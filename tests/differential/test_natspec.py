"""Documentation comments are refused where the reference compiler refuses them, and taken where it takes them."""

from __future__ import annotations

import pytest

from tests.compiler.refused import PRAGMA, refused
from tests.oracle import solc

FUNCTION = "function f(uint256 a, uint256) external pure returns (uint256 x, bool) {}"
REFUSED = [
    "/// @return it\nevent E();",
    "/// @return y result\n" + FUNCTION,
    "/// @return\n" + FUNCTION,
    "/// @return  \n" + FUNCTION,
    "/// @return x one\n/// @return two\n/// @return three\n" + FUNCTION,
    "/// @param b no such\n" + FUNCTION,
    "/// @param a\n" + FUNCTION,
    "/// @param\n" + FUNCTION,
    "/// @title of a function\n" + FUNCTION,
    "/// @author of a function\n" + FUNCTION,
    "/// write to a@b.example\n" + FUNCTION,
    "/// @custom: empty\n" + FUNCTION,
    "/// @custom:Upper case\n" + FUNCTION,
    "/// @custom no name\n" + FUNCTION,
    "/// @inheritdoc Missing\n" + FUNCTION,
    "/// @inheritdoc\n" + FUNCTION,
    "/** @return y\n */" + FUNCTION,
    "/**\n * Text\n * @return y and\n *   more\n */\n" + FUNCTION,
    "/// @return y wrong\n// between\n" + FUNCTION,
    "/// fine\n\n/// @return y wrong\n" + FUNCTION,
    "/// @return\n/// @param a x is on this line\n" + FUNCTION,
    "/// @param a b\nuint256 public v;",
    "/// @return it\nuint256 v;",
    "/// @return it\nmapping(uint256 k => uint256 amount) public v;",
    "/// @return it\n/// @return again\nuint256 public v;",
    "struct S { uint256 p; uint256[] q; bool r; } /// @return p one\n/// @return q two\nS public s;",
    "/// @return it\nmodifier m() { _; }",
    "/// @inheritdoc A\nevent E();",
    "/// @return it\nerror E();",
    "/// @param x y\nevent E(uint256 z);",
    "/// @return it\nconstructor() {}",
    "/// @inheritdoc B\nconstructor() {}",
]
TAKEN = [
    "/// @param a, with a comma\n/// @param , a\n" + FUNCTION,
    "/// @return x\n/// @dev\n/// @return nothing else\n/// @return more\n" + FUNCTION,
    "/// @return x result\n" + FUNCTION,
    "/// @return x result\n/// @return whatever it is\n" + FUNCTION,
    "/// @return x\n" + FUNCTION,
    "/// @param a text\n/// @param x a result is fine\n" + FUNCTION,
    "/// @dev first\n/// second, a@b follows nothing? no: @notice it\n".replace("a@b", "ab")
    + FUNCTION,
    "/// @notice mail a@b.example\n" + FUNCTION,
    "/// @custom:some-thing text\n" + FUNCTION,
    "/// @return y wrong, but not the last comment\n\n/// fine\n" + FUNCTION,
    "/** @return y wrong */ /// fine\n" + FUNCTION,
    "/// @return y wrong\n/** fine */" + FUNCTION,
    "//// @return y\n" + FUNCTION,
    "/* @return y */" + FUNCTION,
    "/*** @return y */" + FUNCTION,
    "/// @return\n/// x is on this line\n" + FUNCTION,
    "/// @return it\nuint256 public v;",
    "/// @return amount it\nmapping(uint256 k => uint256 amount) public v;",
    "struct S { uint256 p; uint256[] q; bool r; } /// @return p one\n/// @return r two\nS public s;",
    "/// @author someone\nconstructor() {}",
    "/// @param z it\nerror E(uint256 z);",
    "/// @param z it\nmodifier m(uint256 z) { _; }",
    "/// @inheritdoc B\nfunction base() public override {}",
    "function g() external { /// @return nonsense\n uint256 x; x; }",
    "/// @unknown tag\nstruct S { uint256 a; }",
]
FILE_LEVEL = {
    "/// @notice x\nuint256 constant X = 1;": True,
    "/// @dev x\nuint256 constant X = 1;": False,
    "/// @return a\nfunction f() pure returns (uint256 b) {}": True,
    "/// @param a b\ncontract C {}": True,
    "/// @title T\n/// @author A\ncontract C {}": False,
    "/// @title T\n/// @custom:x y\nabstract contract C {}": False,
    "/// @return b\ncontract C {}": True,
}


def both(text: str) -> tuple[list[str], bool]:
    """Our codes, and whether the reference compiler refuses, too."""
    try:
        solc.compile_sources({"a.sol": PRAGMA + text}, outputs=["abi"])
    except solc.SolcError:
        return refused(text), True
    return refused(text), False


def in_contract(member: str) -> str:
    return f"contract B {{ function base() public virtual {{}} }}\ncontract A is B {{\n{member}\n}}"


@pytest.mark.parametrize("member", REFUSED)
def test_both_refuse(member: str) -> None:
    assert both(in_contract(member)) == (["SL0208"], True)


@pytest.mark.parametrize("member", TAKEN)
def test_both_take(member: str) -> None:
    assert both(in_contract(member)) == ([], False)


@pytest.mark.parametrize("text", FILE_LEVEL)
def test_at_file_level(text: str) -> None:
    wrong = FILE_LEVEL[text]
    assert both(text) == (["SL0208"] if wrong else [], wrong)
