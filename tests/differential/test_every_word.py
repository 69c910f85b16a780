"""Calldata and revert data spoiled in every place: each word replaced by each number at an edge, cut at each length.

Both builds run on revm where it is installed; what they answer must be equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from eth_abi import encode

from tests.differential.builds import Pair, build_both
from tests.invariants.chain import EVM

EDGES = (
    0,
    1,
    2,
    31,
    32,
    33,
    64,
    96,
    128,
    160,
    2**64 - 1,
    2**64,
    2**255,
    2**256 - 1,
    2**256 - 32,
    2**256 - 96,
)

CALLDATA = """pragma solidity ^0.8.20;
contract C {
    struct Inner { uint8 small; bytes text; }
    struct Outer { Inner[] inner; uint16[2] two; string name; }
    function a(bytes calldata x, uint256[] calldata y) external pure returns (bytes32, uint256) { return (keccak256(x), y.length); }
    function b(bytes memory x, uint256[] memory y) external pure returns (bytes32, uint256) { return (keccak256(x), y.length); }
    function c(uint8[][] calldata x, uint256 i, uint256 j) external pure returns (uint256, uint8) { return (x[i].length, x[i][j]); }
    function d(bytes[] calldata x, uint256 i) external pure returns (bytes memory) { return x[i]; }
    function e(Outer calldata x) external pure returns (uint256, bytes memory, uint16, bytes32) {
        return (x.inner.length, x.inner.length == 0 ? bytes("") : x.inner[0].text, x.two[1], keccak256(bytes(x.name)));
    }
    function f(Outer memory x) external pure returns (bytes memory) { return abi.encode(x); }
    function g(bytes calldata x) external pure returns (uint16[] memory, bytes memory) { return abi.decode(x, (uint16[], bytes)); }
    function h(bytes memory x) external pure returns (uint16[] memory, bytes memory) { return abi.decode(x, (uint16[], bytes)); }
    function s(bytes calldata x, uint256 i, uint256 j) external pure returns (bytes memory) { return x[i:j]; }
    function t(uint256[] calldata x, uint256 i, uint256 j) external pure returns (uint256[] memory) { return x[i:j]; }
}
"""
ARGUMENTS = {
    "a": (["bytes", "uint256[]"], [b"abc", [5, 6]]),
    "b": (["bytes", "uint256[]"], [b"abc", [5, 6]]),
    "c": (["uint8[][]", "uint256", "uint256"], [[[1], [2, 3]], 1, 1]),
    "d": (["bytes[]", "uint256"], [[b"x", b"yz" * 20], 1]),
    "e": (["((uint8,bytes)[],uint16[2],string)"], [([(7, b"in")], [1, 2], "name")]),
    "f": (["((uint8,bytes)[],uint16[2],string)"], [([(7, b"in")], [1, 2], "name")]),
    "g": (["bytes"], [encode(["uint16[]", "bytes"], [[9], b"text"])]),
    "h": (["bytes"], [encode(["uint16[]", "bytes"], [[9], b"text"])]),
    "s": (["bytes", "uint256", "uint256"], [b"0123456789", 2, 5]),
    "t": (["uint256[]", "uint256", "uint256"], [[1, 2, 3], 1, 2]),
}  # fmt: skip

CAUGHT = """pragma solidity ^0.8.20;
contract C {
    function raise(bytes calldata x) external pure { bytes memory y = x; assembly { revert(add(y, 32), mload(y)) } }
    function a(bytes calldata x) external view returns (uint256, bytes memory) {
        try this.raise(x) { return (0, ""); } catch Error(string memory text) { return (1, bytes(text)); }
        catch Panic(uint256 code) { return (2, abi.encode(code)); } catch (bytes memory data) { return (3, data); }
    }
    function b(bytes calldata x) external view returns (uint256, bytes memory) {
        try this.raise(x) { return (0, ""); } catch Panic(uint256 code) { return (2, abi.encode(code)); }
    }
    function answer(bytes calldata x) external pure { bytes memory y = x; assembly { return(add(y, 32), mload(y)) } }
    function c(bytes calldata x) external view returns (uint16[] memory, uint8) { return D(address(this)).answer(x); }
    function d(bytes calldata x) external view returns (uint8, uint8[2] memory) { return E(address(this)).answer(x); }
}
interface D { function answer(bytes calldata) external pure returns (uint16[] memory, uint8); }
interface E { function answer(bytes calldata) external pure returns (uint8, uint8[2] memory); }
"""
ERROR = bytes.fromhex("08c379a0") + encode(["string"], ["why not"])
PANIC = bytes.fromhex("4e487b71") + encode(["uint256"], [0x32])


def spoiled(data: bytes, head: int, words: tuple[int, ...] = EDGES) -> Iterator[bytes]:
    yield data
    for at, word in product(range(head, len(data) - 31, 32), words):
        yield data[:at] + word.to_bytes(32, "big") + data[at + 32 :]
    for length in range(head, len(data), 5):
        yield data[:length]
    yield data[:-1]
    yield data + b"\xff" * 33


def same(pair: Pair, messages: Iterator[bytes]) -> int:
    """How many of the messages succeed; all must do so, or not, with both builds."""
    evm, succeeded = EVM(), 0
    ours, theirs = (evm.deploy(code).created for code in (pair.ours, pair.theirs))
    assert ours is not None and theirs is not None
    for data in messages:
        first, second = evm.view(ours, data, gas=3_000_000), evm.view(theirs, data, gas=3_000_000)
        assert (first.success, first.output) == (second.success, second.output), data.hex()
        succeeded += first.success
    return succeeded


def selector(pair: Pair, name: str) -> bytes:
    from tests.differential.messages import selector_of

    return selector_of(next(e for e in pair.abi if e.get("name") == name))


@pytest.fixture(scope="module", params=[True, False], ids=["newer", "older"])
def pairs(request: pytest.FixtureRequest) -> dict[str, Pair]:
    sources = {"calldata.sol": CALLDATA, "caught.sol": CAUGHT}
    built = build_both(sources, via_ir=request.param).pairs
    return {name.partition(".")[0]: pair for name, pair in built.items()}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_spoiled_arguments(
    pairs: dict[str, Pair], name: str, request: pytest.FixtureRequest
) -> None:
    pair = pairs["calldata"]
    words = EDGES
    if name in "de" and "older" in request.node.name:
        # An offset back behind the start of calldata leads to nothing but zeros: an empty byte string. When it is
        # copied to memory the newer pipeline and ours refuse it, the older one does not.
        words = tuple(w for w in EDGES if w < 2**255)
    data = selector(pair, name) + encode(*ARGUMENTS[name])
    assert same(pair, spoiled(data, 4, words)) > 1


@pytest.mark.parametrize("name", ["s", "t"])
def test_every_slice(pairs: dict[str, Pair], name: str) -> None:
    pair = pairs["calldata"]
    types, (array, *_) = ARGUMENTS[name]
    bounds = (*range(len(array) + 2), 2**255, 2**256 - 1)
    cut = (selector(pair, name) + encode(types, [array, i, j]) for i, j in product(bounds, bounds))
    assert same(pair, cut) == (len(array) + 1) * (len(array) + 2) // 2


@pytest.mark.parametrize("name", ["a", "b"])
@pytest.mark.parametrize("data", [ERROR, PANIC], ids=["error", "panic"])
def test_spoiled_revert_data(pairs: dict[str, Pair], name: str, data: bytes) -> None:
    pair = pairs["caught"]
    every = [*spoiled(data, 4), *(data[:n] for n in range(len(data)))]
    assert same(pair, (selector(pair, name) + encode(["bytes"], [d]) for d in every)) >= 1 or (
        name,
        data,
    ) == ("b", ERROR)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("c", encode(["uint16[]", "uint8"], [[1, 65535], 7])),
        ("d", encode(["uint8", "uint8[2]"], [1, [2, 255]])),
    ],
)
def test_spoiled_answers(pairs: dict[str, Pair], name: str, data: bytes) -> None:
    pair = pairs["caught"]
    assert same(pair, (selector(pair, name) + encode(["bytes"], [d]) for d in spoiled(data, 0))) > 1
