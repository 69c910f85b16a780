"""What a contract and its bases may both declare, and what an override may change."""

from __future__ import annotations

import pytest

from tests.compiler.refused import refused

REFUSED = {
    "contract A { uint256 x; } contract B is A { uint256 x; }": "SL0202",
    "contract A { uint256 x; } contract B is A { function x() external {} }": "SL0202",
    "contract A { uint256 x; } contract B {  uint256 x; } contract C is A, B {}": "SL0202",
    "contract A { event E(); } contract B is A { function E() external {} }": "SL0202",
    "contract A { error E(); } contract B is A { error E(uint256 x); }": "SL0202",
    "contract A { struct S { uint256 a; } } contract B is A { enum S { X } }": "SL0202",
    "contract A { modifier m() { _; } } contract B is A { function m() external {} }": "SL0202",
    "error Error(string s);": "SL0710",
    "contract A { error Panic(uint256 c); }": "SL0710",
    """contract A { function f(bytes memory) public virtual {} }
       contract B is A { function f(bytes calldata) public override {} }""": "SL0522",
    """contract A { function f(bytes memory) internal virtual {} }
       contract B is A { function f(bytes storage) internal override {} }""": "SL0522",
    """contract A { function f() public virtual returns (bytes memory) {} }
       contract B is A { function f() public override returns (bytes calldata) { return msg.data; } }""": "SL0522",
    """contract A { function f() public virtual {} }
       abstract contract B is A { function f() public virtual override; }""": "SL0522",
    """contract A { modifier m(uint256) virtual { _; } }
       contract B is A { modifier m(bool) override { _; } }""": "SL0522",
    """contract A { modifier m() { _; } } contract B { function f() external A.m {} }""": "SL0515",
    "library L { modifier m() { _; } } contract B { function f() external L.m {} }": "SL0515",
    "library L { fallback() external {} }": "SL0511",
    "library L { constructor() {} }": "SL0511",
    "library L { function f() external virtual {} }": "SL0530",
    "contract A { mapping(uint256 => uint256) a; mapping(uint256 => uint256) b; function f() external { a = b; } }": "SL0310",
    """contract A { struct S { mapping(uint256 => uint256) m; } S a; S b;
       function f() external { (a, ) = (b, 1); } }""": "SL0310",
    """contract A { struct S { mapping(uint256 => uint256) m; } S a; S[] b;
       function f() external { b.push(a); } }""": "SL0310",
    "contract A { function f() private {} } contract B is A { function g() external { A.f(); } }": "SL0207",
}
TAKEN = (
    "contract A { uint256 private x; } contract B is A { uint256 private x; }",
    "interface A { function x() external view returns (uint256); } contract B is A { uint256 public x; }",
    "contract A { event E(); } contract B is A { event E(uint256 x); }",
    "contract A { function f() public {} } contract B is A { function f(uint256) public {} }",
    """interface A { function f(bytes calldata) external; }
       contract B is A { function f(bytes memory) public override {} }""",
    """contract A { mapping(uint256 => uint256) a; mapping(uint256 => uint256) b;
       function f(bool c) external { mapping(uint256 => uint256) storage m = a; if (c) m = b; m[1] = 2; } }""",
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_solidity_refuses_is_refused(text: str) -> None:
    assert refused(text)[0] == REFUSED[text]


@pytest.mark.parametrize("text", TAKEN)
def test_what_solidity_takes_is_taken(text: str) -> None:
    assert refused(text) == []


def test_an_overriding_modifier_can_leave_a_pointer_unassigned() -> None:
    """The base alone is right: its modifier never lets the function return."""
    base = """abstract contract A { uint256[] list; function f() mod internal returns (uint256[] storage) {}
      modifier mod() virtual { revert(); _; } }"""
    assert refused(base) == []
    derived = (
        "contract B is A { modifier mod() override { _; } function g() public { f()[0] = 42; } }"
    )
    assert refused(base + derived) == ["SL0602"]
