"""`try`: which calls can be caught, and what its clauses may declare."""

from __future__ import annotations

import pytest

from tests.compiler.refused import refused

AROUND = """
contract A {
    error Own(uint256);
    function one() external returns (uint256) { }
    function two() external returns (uint256, string memory) { }
    function inside() internal { }
    function pays() external payable { }
    function test(A a) external { %s }
}
"""

REFUSED = {
    "try inside() {} catch {}": "SL0606",
    "try a {} catch {}": "SL0606",
    "try (a.one()) {} catch {}": "SL0606",
    "try new bytes(3) {} catch {}": "SL0606",
    "try uint256(3) {} catch {}": "SL0606",
    "try address(a).call('') {} catch {}": "SL0606",
    "try a.one() returns (uint256 x, uint256 y) {} catch {}": "SL0305",
    "try a.two() returns (uint256 x) {} catch {}": "SL0305",
    "try a.one() returns (uint128 x) {} catch {}": "SL0301",
    "try a.two() returns (uint256, string storage s) {} catch {}": "SL0301",
    "try a.two() returns (uint256, string s) {} catch {}": "SL0312",
    "try a.one() returns () {} catch {}": "SL0104",
    "try a.one() {} catch () {}": "SL0104",
    "try a.one() {}": "SL0111",
    "try a.one() {} catch {} catch (bytes memory) {}": "SL0607",
    "try a.one() {} catch Error(string memory) {} catch Error(string memory) {}": "SL0607",
    "try a.one() {} catch Panic(uint256) {} catch {} catch Panic(uint256) {}": "SL0607",
    "try a.one() {} catch Own(uint256) {}": "SL0607",
    "try a.one() {} catch Error {}": "SL0607",
    "try a.one() {} catch Error(bytes memory) {}": "SL0607",
    "try a.one() {} catch Error(string calldata) {}": "SL0607",
    "try a.one() {} catch Panic(int256) {}": "SL0607",
    "try a.one() {} catch (string memory) {}": "SL0607",
    "try a.one() {} catch (bytes memory, uint256) {}": "SL0607",
    "try a.one() returns (uint256 x) {} catch { x; }": "SL0201",
    "try a.one() {} catch Error(string memory x) {} catch { x; }": "SL0201",
    "try a.one() returns (uint256 x) {} catch {} x;": "SL0201",
    "try a.one{value: 1}() {} catch {}": "SL0406",
    "try a.one() { break; } catch {}": "SL0604",
    "try a.one() { undeclared; } catch {}": "SL0201",
}

TAKEN = (
    "try a.one() {} catch {}",
    "try a.one() returns (uint256) {} catch (bytes memory) {}",
    "try a.two() returns (uint256 x, string memory) { uint256 y = x; y; } catch Panic(uint256) {}",
    "try a.pays{value: 1, gas: 2}() {} catch Error(string memory) {} catch {}",
    "try new B(3) returns (B b) { b; } catch {} catch Error(string memory) {}",
    "try new B{salt: bytes32(0)}(3) {} catch {}",
)  # fmt: skip


@pytest.mark.parametrize("statement", REFUSED)
def test_what_solidity_refuses_is_refused(statement: str) -> None:
    assert refused(AROUND % statement)[0] == REFUSED[statement]


@pytest.mark.parametrize("statement", TAKEN)
def test_what_solidity_takes_is_taken(statement: str) -> None:
    assert refused(AROUND % statement + "contract B { constructor(uint256) {} }") == []


def test_a_view_function_cannot_try_what_changes_state() -> None:
    text = AROUND.replace("test(A a) external", "test(A a) external view")
    assert refused(text % "try a.one() {} catch {}") == ["SL0410"]
