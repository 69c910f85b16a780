"""More live values than the stack reaches: the reference compiler gives up here, so Python is the oracle."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from eth_abi import encode

from compiler import CompileError, CompileOptions, compile_sources
from harness.chain.evm import Evm

SOURCE = (Path(__file__).parent / "corpus" / "deep_stack.sol").read_text()
WORD = 2**256 - 1


@pytest.fixture(scope="module", params=[0, 1, 2, 3])
def call(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    options = CompileOptions(optimize=request.param, verify_each=True)
    contract = compile_sources({"deep.sol": SOURCE}, options).contract("ManyLocals")
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None

    def run(signature: str, *values: object) -> int:
        types = signature[signature.index("(") + 1 : -1]
        data = bytes.fromhex(contract.selectors[signature]) + encode(_split(types), values)
        outcome = evm.call(address, data)
        assert outcome.success, outcome
        return int.from_bytes(outcome.output, "big")

    return run


def _split(types: str) -> list[str]:
    return types.split(",")


def inner(*v: int) -> int:
    x = sum(v[i] * (i + 1) for i in range(10)) & WORD
    y = sum(v[10 + i] * (i + 1) for i in range(10)) & WORD
    return ((x ^ y) + v[0] + v[19]) & WORD


def test_twenty_arguments(call) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(1)
    for _ in range(10):
        v = [rng.getrandbits(256) for _ in range(10)]
        expected = inner(*v, *v) ^ inner(*v[::-1], *v[::-1])
        assert call("args(" + ",".join(["uint256"] * 10) + ")", *v) == expected


def walk(n: int, a: int, b: int, c: int, d: int, e: int, f: int) -> int:
    if n == 0:
        return a ^ b ^ c ^ d ^ e ^ f
    g, h, i, j, k, m = (
        (x + y) & WORD for x, y in zip((a, b, c, d, e, f), range(1, 7), strict=True)
    )
    p, q, r = g ^ h, i ^ j, k ^ m
    s, t = p ^ q, 0
    t = r ^ s
    first = walk(n - 1, g, h, i, j, k, m)
    second = walk(n - 1, t, s, r, q, p, m)
    total = first + g + h * 2 + i * 3 + j * 4 + k * 5 + m * 6 + p + q + r + s + t
    return (total + second + a + b + c + d + e + f) & WORD


def test_recursion_keeps_values_that_live_in_memory(call) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(2)
    for n in range(6):
        v = [rng.getrandbits(256) for _ in range(6)]
        assert call("deepRecursion(uint256,uint256[6])", n, v) == walk(n, *v)


def wide(v: list[int], k: int) -> int:
    names = "abcdefgh"
    s: dict[str, int] = {}
    previous = k
    for name, word in zip(names, v, strict=True):
        s[name] = previous = word ^ previous
    s["i"], s["j"], s["l"], s["m"] = (
        s["a"] & s["b"],
        s["c"] | s["d"],
        s["e"] & s["f"],
        s["g"] | s["h"],
    )
    s["n"], s["o"] = s["i"] ^ s["j"], s["l"] ^ s["m"]
    s["p"] = s["n"] & s["o"]
    s["q"] = s["p"] | s["a"]
    previous = s["q"]
    for name, other in zip("rstu", "bcde", strict=True):
        s[name] = previous = previous ^ s[other]
    total = 0
    for x in range(k % 5):
        total ^= s["a"]
        for shift, name in enumerate("bcdefgh", 1):
            total ^= (s[name] << shift) & WORD
        s["a"] ^= x
        s["u"] ^= total
        s["s"] = s["u"] & s["t"]
        if s["s"] % 3 == 1:
            s["a"], s["u"] = s["u"], s["a"]
            s["q"] = s["r"] | s["s"]
    for name in "ijlmnopqrstuabcdefgh":
        total ^= s[name]
    return total


def test_thirty_locals_in_a_loop(call) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(3)
    for _ in range(20):
        v, k = [rng.getrandbits(256) for _ in range(8)], rng.getrandbits(256)
        assert call("wide(uint256[8],uint256)", v, k) == wide(v, k)


def test_a_result_made_of_many_calls_leaves_before_its_dead_values() -> None:
    """What is dead stays on the stack under what is computed; the way back must still be reached."""
    places = range(15)
    source = """pragma solidity ^0.8.20; contract C { uint256 s;
        function g(uint256 x) internal returns (uint256) { if (x == 7) return 9; s = x; return x * 3; }
        function h(uint256 x, uint256 y) internal returns (uint256) { LOCALS
            if (x == 5) { (x, y) = (y, x); return ~x; }
            return SUM; }
        function f(uint256 x) external returns (uint256) { return h(x, x + 1) ^ h(x + 1, x); } }"""
    source = source.replace("LOCALS", " ".join(f"uint256 v{i} = g(x + {i});" for i in places))
    source = source.replace("SUM", " ^ ".join(f"g(v{i})" for i in places))

    def g(x: int) -> int:
        return 9 if x == 7 else 3 * x

    def h(x: int, y: int) -> int:
        total = 0
        for i in places:
            total ^= g(g(x + i))
        return ~y & WORD if x == 5 else total

    for level in (0, 1):
        contract = compile_sources({"a.sol": source}, CompileOptions(optimize=level)).contract("C")
        evm = Evm()
        address = evm.deploy(contract.bytecode).created
        assert address is not None
        for x in range(10):
            data = bytes.fromhex(contract.selectors["f(uint256)"]) + encode(["uint256"], [x])
            assert int.from_bytes(evm.call(address, data).output, "big") == h(x, x + 1) ^ h(
                x + 1, x
            )


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "term",
    ["v[{}]", "(v[{}] ^ v[0])", "v[{}] / 1", "uint256(uint64(v[{}]))", "(v[{}] > 3 ? v[1] : v[2])"],
)
def test_a_long_sum_fits_the_1024_words_of_the_evm(level: int, term: str) -> None:
    """Each term leaves something dead behind; it must not pile up."""
    count = 1_500
    terms = [term.format(i) for i in range(count)]
    source = f"""pragma solidity ^0.8.20;
        contract A {{ function f(uint256[] calldata v) external pure returns (uint256) {{
            return {" + ".join(terms)};
        }} }}"""
    options = CompileOptions(optimize=level, evm_version="cancun")
    contract = compile_sources({"a.sol": source}, options).contract("A")
    evm = Evm()
    evm.set_code(b"\xaa" * 20, contract.runtime)  # larger than a chain would take
    v = [random.Random(i).getrandbits(32) for i in range(count)]
    words = {
        "v[{}]": v,
        "(v[{}] ^ v[0])": [word ^ v[0] for word in v],
        "v[{}] / 1": v,
        "uint256(uint64(v[{}]))": v,
        "(v[{}] > 3 ? v[1] : v[2])": [v[1] if word > 3 else v[2] for word in v],
    }[term]
    data = bytes.fromhex(contract.selectors["f(uint256[])"]) + encode(["uint256[]"], [v])
    outcome = evm.call(b"\xaa" * 20, data)
    assert outcome.success, outcome.error
    assert int.from_bytes(outcome.output, "big") == sum(words)


def deployed(source: str, level: int) -> Callable[..., int]:
    """A contract of one file, and a call of its function `f` with words."""
    options = CompileOptions(optimize=level, verify_each=True)
    contract = compile_sources({"a.sol": source}, options).contract("C")
    evm = Evm()
    address = evm.deploy(contract.bytecode).created
    assert address is not None
    (selector,) = contract.selectors.values()

    def run(*words: int) -> int:
        outcome = evm.call(
            address, bytes.fromhex(selector) + b"".join(w.to_bytes(32) for w in words)
        )
        assert outcome.success, outcome
        return int.from_bytes(outcome.output, "big")

    return run


LOCALS = range(20)
LIVING = range(1_100)
SUM = " ^ ".join(f"v{i} * {i + 1}" for i in LOCALS)


def mixed(v: Sequence[int]) -> int:
    return reduce(xor, (word * number for number, word in enumerate(v, 1))) & WORD


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_recursion_that_allocates_nothing_has_free_memory_for_its_values(level: int) -> None:
    values = " ".join(f"uint256 v{i} = n * {i + 3} + k;" for i in LOCALS)
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        function walk(uint256 n, uint256 k) internal pure returns (uint256) {{ unchecked {{
            {values}
            if (n == 0) return k;
            uint256 x = walk(n - 1, k ^ v3);
            return (x + walk(n - 1, x)) ^ {SUM};
        }} }}
        function f(uint256 n, uint256 k) external pure returns (uint256) {{ return walk(n, k); }} }}""", level)  # fmt: skip

    def walk(n: int, k: int) -> int:
        if n == 0:
            return k
        v = [(n * (i + 3) + k) & WORD for i in LOCALS]
        x = walk(n - 1, k ^ v[3])
        return (x + walk(n - 1, x)) & WORD ^ mixed(v)

    for n in range(5):
        assert call(n, 5 + n) == walk(n, 5 + n)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ([*LOCALS[1:], 0], [*LOCALS]),
        ([*reversed(LOCALS)], [*LOCALS]),
        ([19, 1, 2, 10, *range(4, 10), 3, *range(11, 19), 0], [*LOCALS]),
        ([0, 18, *LOCALS[2:18], 2, 19], [*LOCALS]),
        ([0, 1, 11, *range(3, 11), 2, *range(12, 17)], [9, 8, 16, 3, 14, 0, 12, 2, 6, 15, 7, 5, 4, 10, 13, 1, 11]),
        ([*range(7), 14, 8, 16, *range(10, 14), 9, 15, 7, 17, 18, 19], [16, 14, 17, 10, 13, 18, 3, 1, 8, 7, 4, 15, 19, 9, 5, 0, 2]),
    ],
    ids=["rotated", "reversed", "two pairs", "copied along", "one of two in memory", "two of five in memory"],
)  # fmt: skip
def test_values_that_change_places_in_a_loop(
    order: list[int], wanted: list[int], level: int
) -> None:
    """Of values that are handed round some are in memory and some are not."""
    places = range(len(order))
    values = " ".join(f"uint256 v{i} = a * {i + 3} + b;" for i in places)
    to, come = ", ".join(f"v{i}" for i in places), ", ".join(f"v{i}" for i in order)
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        function f(uint256 a, uint256 b, uint256 n) external pure returns (uint256) {{ unchecked {{
            {values}
            for (uint256 i = 0; i < n; i++) ({to}) = ({come});
            return {" ^ ".join(f"v{i} * {i + 1}" for i in wanted)};
        }} }} }}""", level)  # fmt: skip
    for n in range(4):
        v = [(7 * (i + 3) + 11) & WORD for i in places]
        for _ in range(n):
            v = [v[i] for i in order]
        assert call(7, 11, n) == reduce(xor, (v[i] * (i + 1) for i in wanted))


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("count", [15, 16, 17, 20])
def test_more_results_of_a_recursion_than_the_stack_reaches(count: int, level: int) -> None:
    places = range(count)
    results, again = (", ".join(f"uint256 {name}{i}" for i in places) for name in "rt")
    values = " ".join(f"uint256 v{i} = n * {i + 3} + k;" for i in LOCALS)
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        function walk(uint256 n, uint256 k) internal pure returns ({results}) {{ unchecked {{
            if (n == 0) {{ {" ".join(f"r{i} = k + {i};" for i in places)} return ({", ".join(f"r{i}" for i in places)}); }}
            {values}
            ({again}) = walk(n - 1, k + 5);
            {" ".join(f"r{i} = t{i} * {i + 2} + v{i % 20};" for i in places)}
            r0 += {SUM};
        }} }}
        function f(uint256 n, uint256 k) external pure returns (uint256) {{ unchecked {{
            ({results}) = walk(n, k);
            return {" ^ ".join(f"r{i} * {i + 1}" for i in places)};
        }} }} }}""", level)  # fmt: skip

    def walk(n: int, k: int) -> list[int]:
        if n == 0:
            return [k + i for i in places]
        v = [n * (i + 3) + k for i in LOCALS]
        r = [t * (i + 2) + v[i % 20] for i, t in enumerate(walk(n - 1, k + 5))]
        r[0] += mixed(v)
        return r

    for n in range(4):
        assert call(n, 3) == mixed(walk(n, 3))


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("used", [[0], [19], [0, 19], [2, 3, 17]])
def test_a_few_of_many_results(used: list[int], level: int) -> None:
    """Those that nobody wants lie above one that goes to memory."""
    count = range(20)
    results = ", ".join(f"uint256 r{i}" for i in count)
    taken = ", ".join(f"uint256 t{i}" if i in used else "" for i in count)
    wanted = " ^ ".join(f"t{i} * {i + 11}" for i in used)
    values = " ".join(f"uint256 v{i} = k * {i + 3} ^ k >> {i};" for i in LOCALS)
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        uint256 s;
        function g(uint256 k) internal returns ({results}) {{ unchecked {{
            s += k; {" ".join(f"r{i} = k + {i};" for i in count)} if (k == 7) s = 9;
        }} }}
        function f(uint256 k) external returns (uint256) {{ unchecked {{
            {values}
            ({taken}) = g(k);
            uint256 y;
            for (uint256 i = 0; i < 3; i++) {{ y = y * 3 + ({SUM}); y ^= {wanted}; v3 ^= y; }}
            (uint256 q, {"," * 18}) = g(y);
            return y ^ q + {wanted.replace("^", "+")} + ({SUM});
        }} }} }}""", level)  # fmt: skip
    for k in (0, 7, 1 << 255, WORD):
        v = [(k * (i + 3) & WORD) ^ k >> i for i in LOCALS]
        t = {i: (k + i) * (i + 11) & WORD for i in used}
        y = 0
        for _ in range(3):
            y = (y * 3 + mixed(v)) & WORD ^ reduce(xor, t.values())
            v[3] ^= y
        assert call(k) == y ^ (y + sum(t.values()) + mixed(v)) & WORD


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("result", ["{}", "k", "i % 2 == 0 ? k + {} : {}"])
def test_many_results_that_are_numbers_or_alike(result: str, level: int) -> None:
    count = range(24)
    given = [result.replace("{}", str(i)).replace("i %", f"{i} %") for i in count]
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        uint256 s;
        function g(uint256 k) internal returns ({", ".join(["uint256"] * 24)}) {{
            s = k;
            if (k > 5) return ({", ".join(given)});
            s += 1;
            return ({", ".join(f"k + {i}" for i in count)});
        }}
        function h(uint256 k) internal returns (uint256) {{
            ({", ".join(f"uint256 v{i}" for i in count)}) = g(k);
            return {" ^ ".join(f"v{i} * {i + 1}" for i in count)};
        }}
        function f(uint256 k) external returns (uint256) {{ return h(k) ^ h(k / 2); }} }}""", level)  # fmt: skip

    def h(k: int) -> int:
        if k <= 5:
            return mixed([k + i for i in count])
        return mixed({"{}": [*count], "k": [k] * 24}.get(result, [k + i if i % 2 == 0 else i for i in count]))  # fmt: skip

    for k in (0, 5, 6, 11, 12, 1000):
        assert call(k) == h(k) ^ h(k // 2)


def test_a_recursion_of_assembly_leaves_alone_what_lies_in_free_memory() -> None:
    """The pointer was not moved: a frame that is saved there would lie over the word."""

    def source(count: int) -> str:
        values = " ".join(f"let v{i} := add(mul(n, {i + 3}), k)" for i in range(count))
        mixed_up = "r"
        for i in range(count):
            mixed_up = f"xor({mixed_up}, mul(v{i}, {i + 1}))"
        return f"""pragma solidity ^0.8.20; contract C {{
            function f(uint256 m, uint256 first) external pure returns (uint256 word) {{
                assembly ("memory-safe") {{
                    function walk(n, k) -> r {{
                        {values}
                        if n {{ r := walk(sub(n, 1), xor(k, v3)) r := {mixed_up} }}
                    }}
                    let free := mload(0x40)
                    mstore(free, 42)
                    word := add(mload(free), mul(walk(m, first), 1000))
                }}
            }} }}"""

    assert deployed(source(8), 2)(3, 5) % 1000 == 42
    with pytest.raises(CompileError) as caught:
        deployed(source(20), 2)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message.split(" and ")[0]) == (
        "SL4007",
        "this function can call itself",
    )


@pytest.mark.parametrize(
    ("read", "refused"),
    [
        ("word := mload(0x80)", True),
        ("word := keccak256(0x60, 0x40)", True),
        ("if eq(k, 3) { return(0x80, returndatasize()) }", True),
        ("word := keccak256(0, 0x80)", False),
        ("word := mload(given)", False),
    ],
)
def test_assembly_reads_at_a_fixed_address_only_where_no_value_is_in_memory(
    read: str, refused: bool
) -> None:
    """What the program allocates begins at 0x80, or behind those values."""
    values = " ".join(f"uint256 v{i} = n * {i + 3} + k;" for i in LOCALS)
    source = f"""pragma solidity ^0.8.20; contract C {{
        function f(uint256 n, uint256 k) external pure returns (uint256 word) {{ unchecked {{
            uint256[1] memory given = [n];
            {values}
            for (uint256 i = 0; i < 3; i++) {{ (v0, v5, v9, v19) = (v9, v0, v19, v5); k ^= {SUM}; }}
            assembly {{ {read} }}
            word ^= k ^ {SUM};
        }} }} }}"""
    if not refused:
        deployed(source, 2)
        return
    with pytest.raises(CompileError) as caught:
        deployed(source, 2)
    (found,) = (d for d in caught.value.diagnostics if d.severity == "error")
    assert (found.code, found.message.split(",")[0]) == ("SL4007", "this assembly reads memory at a fixed address")  # fmt: skip


@pytest.mark.parametrize("level", [0, 2])
def test_two_functions_that_call_each_other_keep_their_values_in_memory(level: int) -> None:
    values = " ".join(f"uint256 v{i} = n * {i + 3} + k;" for i in LOCALS)
    body = f"""internal pure returns (uint256) {{ unchecked {{
        {values}
        if (n == 0) return k;
        return (OTHER(n - 1, k ^ v3) + OTHER(n / 2, PICKED)) ^ {SUM};
    }} }}"""
    call = deployed(f"""pragma solidity ^0.8.20; contract C {{
        function one(uint256 n, uint256 k) {body.replace("OTHER", "two").replace("PICKED", "v4")}
        function two(uint256 n, uint256 k) {body.replace("OTHER", "one").replace("PICKED", "v5")}
        function f(uint256 n, uint256 k) external pure returns (uint256) {{ return one(n, k); }} }}""", level)  # fmt: skip

    def walk(n: int, k: int, chosen: int) -> int:
        if n == 0:
            return k
        v = [(n * (i + 3) + k) & WORD for i in LOCALS]
        total = walk(n - 1, k ^ v[3], 9 - chosen) + walk(n // 2, v[chosen], 9 - chosen)
        return total & WORD ^ mixed(v)

    for n in range(5):
        assert call(n, 7 + n) == walk(n, 7 + n, 4)


@pytest.mark.parametrize("level", [0, 2])
def test_more_living_values_than_the_1024_words_of_the_evm(level: int) -> None:
    """Each is in reach when it is wanted: the newest first."""
    source = f"""pragma solidity ^0.8.20; contract C {{
        uint256 s;
        function g() internal returns (uint256) {{ if (s == 5000) return 7; s++; return s * 3; }}
        function f() external returns (uint256 total) {{ unchecked {{
            {" ".join(f"uint256 v{i} = g();" for i in LIVING)}
            {" ".join(f"total = total * 5 + v{i};" for i in reversed(LIVING))}
        }} }} }}"""
    contract = compile_sources({"a.sol": source}, CompileOptions(optimize=level)).contract("C")
    evm = Evm()
    evm.set_code(b"\xaa" * 20, contract.runtime)  # larger than a chain would take
    outcome = evm.call(b"\xaa" * 20, bytes.fromhex(contract.selectors["f()"]))
    assert outcome.success, outcome.error
    total = 0
    for i in reversed(LIVING):
        total = (total * 5 + 3 * (i + 1)) & WORD
    assert int.from_bytes(outcome.output, "big") == total
