"""Whatever stands wherever: an expression or a type in each place is compiled or refused, and never breaks the compiler."""

from __future__ import annotations

import pytest

from compiler import CompileError, compile_sources

SOURCE = """
pragma solidity ^0.8.24;
type P is uint256;
contract A { function f() public virtual returns (uint) {} }
library L { function m() public {} }
contract C is A {
    enum E { a } struct S { uint a; } event Ev(); error Er();
    uint x; uint[] arr; mapping(uint => uint) mp; P p;
    function g() internal {}
    function h(uint a) internal {}
    function two() internal returns (uint, uint) {}
    function f() public override returns (uint) { HERE }
}
"""
EXPRESSIONS = """
A super this msg E S Ev Er L L.m keccak256 type(uint) abi uint int[] f g this.f x 1 "a" (A,1) (1,2) () g() two() A.f super.f
payable address msg.sender abi.encode E.a S(1) Ev() Er() type(A) block true [1,2] x.y x[0] arr arr.push arr.push() mp mp[1] -1
!true x++ assert revert p p.wrap P P.wrap L.m.selector
""".split()
PLACES = (
    """
@;|(@,1);|return @;|x = @;|(x,) = (@,1);|uint y = @;|(uint y,) = (@,1);|h(@);|abi.encode(@);|true ? @ : @;|if (@) {}|arr.push(@);
@.a;|@();|@[0];|-@;|@ + 1;|@ == @;|@++;|delete @;|new @();|emit @();|revert @();|[@];|[@,1];|@{value: 1}();|type(@).max;|uint(@);
address(@);|@ = 1;|(@) = 1;|@.length;|@.selector;|try @ {} catch {}|for (@; @; @) {}|while (@) {}|require(@);|arr[@];|mp[@];|S(@);
P.wrap(@);|abi.decode(@, (uint));|abi.decode(hex"", (@));|abi.encodeCall(@, (1));|bytes.concat(@);|arr[@:1];|msg.data[@:];
assembly { let q := @ }|@ storage q = arr;|uint[@] memory q;|unchecked { @; }|int y = @;|bool y = @;|bytes memory y = @;|A y = @;
E y = @;|function() y = @;
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("place", PLACES)
def test_everything_gets_an_answer(place: str) -> None:
    taken = 0
    for expression in EXPRESSIONS:
        body = place.replace("@", expression)
        try:
            compile_sources({"c.sol": SOURCE.replace("HERE", body)})
            taken += 1
        except CompileError as error:
            assert error.diagnostics, body
    assert taken < len(EXPRESSIONS)
