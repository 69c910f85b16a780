"""The bombs themselves, each as files by path; `a.sol` holds the contract `A`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

PRAGMA = "pragma solidity ^0.8.24;\n"
Files = dict[str, str]


class Bomb(NamedTuple):
    """`make(size)` builds the files. A bomb that compiles is checked for linear work at half its `size`;
    `answer` is the code of the refusal, "" where it compiles. `call` is a call of `f(uint256)` with the
    argument 3 and what it must return, where there is something to run."""

    make: Callable[[int], Files]
    size: int
    answer: str = ""
    call: int | None = None


def contract(*members: str) -> Files:
    return {"a.sol": PRAGMA + "contract A {\n" + "\n".join(members) + "\n}\n"}


def function(body: str) -> Files:
    """One pure function of one number."""
    return contract(f"function f(uint256 a) external pure returns (uint256) {{ {body} }}")


def long_sum(terms: int) -> Files:
    return function("return " + " + ".join(["a"] * terms) + ";")


def long_mixed_chain(terms: int) -> Files:
    signs = ("+", "^", "|", "*")
    chain = "".join(f" {signs[i % 4]} (a % {i + 2})" for i in range(terms))
    return function(f"unchecked {{ return a{chain}; }}")


def nested_calls(depth: int) -> Files:
    return contract(
        "function g(uint256 a) internal pure returns (uint256) { return a / 2 + 1; }",
        "function f(uint256 a) external pure returns (uint256) { return " + "g(" * depth + "a" + ")" * depth + "; }",
    )  # fmt: skip


def call_chain(length: int) -> Files:
    """f0 calls f1 calls f2 …"""
    links = [
        f"function g{i}(uint256 a) internal pure returns (uint256) {{ return g{i + 1}(a) + 1; }}"
        for i in range(length)
    ]
    last = f"function g{length}(uint256 a) internal pure returns (uint256) {{ return a; }}"
    return contract(
        *links, last, "function f(uint256 a) external pure returns (uint256) { return g0(a); }"
    )


def doubling_calls(depth: int) -> Files:
    """Each function calls the next one twice: copied blindly, the code doubles at every level."""
    links = [
        f"function g{i}(uint256 a) internal pure returns (uint256) {{ return g{i + 1}(a) ^ g{i + 1}(a + {i}); }}"
        for i in range(depth)
    ]
    last = f"function g{depth}(uint256 a) internal pure returns (uint256) {{ return a; }}"
    return contract(
        *links, last, "function f(uint256 a) external pure returns (uint256) { return g0(a); }"
    )


def live_locals(count: int) -> Files:
    declared = "".join(f"uint256 v{i} = a * {i + 2};" for i in range(count))
    used = " ^ ".join(f"(v{i} % (a + {i + 1}))" for i in range(count))
    return function(f"{declared} return {used};")


def nested_try(depth: int) -> Files:
    text = "x++;"
    for _ in range(depth):
        text = f"try this.g() returns (uint256 v) {{ x += v; }} catch {{ {text} }}"
    return contract(
        "uint256 x;",
        "function g() external pure returns (uint256) { return 1; }",
        f"function f(uint256 a) external returns (uint256) {{ x = a; {text} return x; }}",
    )


def nested_loops(depth: int) -> Files:
    heads = "".join(f"for (uint256 i{n} = 0; i{n} < 1; i{n}++) {{" for n in range(depth))
    return function(f"uint256 t = a; {heads} t++; {'}' * depth} return t;")


def shadowed_loops(depth: int) -> Files:
    heads = "for (uint256 i = 0; i < 1; i++) {" * depth
    return function(f"uint256 t = a; {heads} t++; {'}' * depth} return t;")


def placeholders(modifiers: int) -> Files:
    """`_` three times in each of several modifiers: the body runs 3ⁿ times and is copied far less often."""
    return contract(
        "uint256 x;", "modifier m() { _; _; _; }",
        f"function g() internal {' m' * modifiers} {{ x++; }}",
        "function f(uint256 a) external returns (uint256) { x = a; if (a > 1000) g(); return x; }",
    )  # fmt: skip


def many_dimensions(count: int) -> Files:
    return contract(
        "uint8" + "[2]" * count + " x;",
        f"function f(uint256 a) external returns (uint256) {{ x{'[1]' * (count - 1)}[a - 2] = 3; return x{'[1]' * count}; }}",
    )


def many_functions(count: int) -> Files:
    return contract(
        *(
            f"function f{i}(uint256 a) external pure returns (uint256) {{ return a ^ {i}; }}"
            for i in range(count)
        )
    )


def many_state_variables(count: int) -> Files:
    return contract(*(f"uint{8 * (i % 32 + 1)} public v{i};" for i in range(count)))


def deep_inheritance(depth: int) -> Files:
    chain = ["contract B0 { function f(uint256 a) public virtual returns (uint256) { return a; } }"]
    chain += [
        f"contract B{i} is B{i - 1} {{ function f(uint256 a) public virtual override returns (uint256) {{ return super.f(a) + 1; }} }}"
        for i in range(1, depth)
    ]
    text = "abstract " + "\nabstract ".join(chain)
    return {"a.sol": f"{PRAGMA}{text}\ncontract A is B{depth - 1} {{ }}\n"}


def wide_inheritance(count: int) -> Files:
    bases = "".join(f"abstract contract B{i} {{ uint256 b{i}; }}\n" for i in range(count))
    return {
        "a.sol": f"{PRAGMA}{bases}contract A is {', '.join(f'B{i}' for i in range(count))} {{ }}\n"
    }


def long_else_if(count: int) -> Files:
    """Each `else if` is one level of nesting to the parser."""
    chain = "".join(f"if (a == {i}) return {i * 7}; else " for i in range(count))
    return function(chain + "return a + 1;")


def long_if_list(count: int) -> Files:
    return function(
        "".join(f"if (a == {i}) return {i * 7 % 251};" for i in range(count)) + "return a + 1;"
    )


def many_statements(count: int) -> Files:
    return function("".join(f"a = a * {i + 3} % 1000003;" for i in range(count)) + "return a;")


def huge_string(length: int) -> Files:
    return contract(
        f'function f(uint256 a) external pure returns (uint256) {{ return a + bytes("{"x" * length}").length; }}'
    )


def long_comment(length: int) -> Files:
    return {"a.sol": PRAGMA + "/*" + "*" * length + "*/\n// " + "/" * length + "\ncontract A { }\n"}


def many_comments(count: int) -> Files:
    return {"a.sol": PRAGMA + "/// one line of documentation\n" * count + "contract A { }\n"}


def many_imports(count: int) -> Files:
    """A tree of files, every one of which is reached many times."""
    files = {
        "a.sol": PRAGMA
        + "".join(f'import "./f{i}.sol";\n' for i in range(count))
        + "contract A { }\n"
    }
    for i in range(count):
        text = "".join(f'import "./f{j}.sol";\n' for j in range(max(i - 3, 0), i))
        files[f"f{i}.sol"] = f"{PRAGMA}{text}contract C{i} {{ }}\n"
    return files


def many_named_imports(count: int) -> Files:
    """A name handed on from file to file, the last one first."""
    files = {"a.sol": PRAGMA + f'import {{T}} from "./f{count - 1}.sol";\ncontract A {{ T t; }}\n'}
    for i in range(1, count):
        files[f"f{i}.sol"] = f'{PRAGMA}import {{T}} from "./f{i - 1}.sol";\n'
    files["f0.sol"] = f"{PRAGMA}type T is uint256;\n"
    return files


def many_structs(count: int) -> Files:
    structs = ["struct S0 { uint256 a; uint256 b; }"]
    structs += [f"struct S{i} {{ S{i - 1} inner; uint256 own; }}" for i in range(1, count)]
    return contract(*structs, f"S{count - 1} s;")


def branching_structs(depth: int) -> Files:
    """Each struct holds the one before it twice: its size doubles, the work to find it must not."""
    structs = ["struct S0 { uint256 a; }"]
    structs += [f"struct S{i} {{ S{i - 1} left; S{i - 1} right; }}" for i in range(1, depth)]
    return contract(*structs, f"S{depth - 1} s;")


def copied_structs(depth: int) -> Files:
    """The same, and every way there is to copy one."""
    structs = ["struct S0 { uint256 a; }"]
    structs += [f"struct S{i} {{ S{i - 1} left; S{i - 1} right; }}" for i in range(1, depth)]
    last = f"S{depth - 1}"
    return contract(
        *structs, f"{last} s;",
        f"function g({last} calldata x) external returns ({last} memory) {{ s = x; {last} memory m = s; delete s; return m; }}",
        f"function f(uint256 a) external pure returns (uint256) {{ {last} memory m; m; return a; }}",
    )  # fmt: skip


def long_and(terms: int) -> Files:
    return function("return " + " && ".join(f"a > {i}" for i in range(terms)) + " ? 1 : 2;")


def storage_writes(count: int) -> Files:
    writes = "".join(f"m[{i % 100}] += {i};" for i in range(count))
    return contract(
        "uint256[100] m;",
        f"function f(uint256 a) external returns (uint256) {{ {writes} return m[0] - {sum(range(0, count, 100))} + a + {count - 1}; }}",
    )


def external_calls(count: int) -> Files:
    return contract(
        "function g(uint256 a) external pure returns (uint256) { return a + 1; }",
        f"function f(uint256 a) external view returns (uint256) {{ {'a = this.g(a);' * count} return a; }}",
    )


def linked_hashes(count: int) -> Files:
    """Like constants that hold the one before twice, but not numbers that could be worked out at once."""
    links = ['bytes32 constant C0 = keccak256("a");']
    links += [
        f"bytes32 constant C{i} = keccak256(abi.encode(C{i - 1}, C{i - 1}));"
        for i in range(1, count)
    ]
    return contract(
        *links, f"function f() external pure returns (bytes32) {{ return C{count - 1}; }}"
    )


def linked_constants(count: int) -> Files:
    """Each constant is written with the one before it, twice."""
    links = ["uint256 constant C0 = 1;"]
    links += [f"uint256 constant C{i} = C{i - 1} ^ (C{i - 1} + 1);" for i in range(1, count)]
    return contract(
        *links,
        f"function f(uint256 a) external pure returns (uint256) {{ return a + C{count - 1} * 0; }}",
    )


def many_errors_and_events(count: int) -> Files:
    return contract(
        *(f"event E{i}(uint256 indexed a); error R{i}(uint256 a);" for i in range(count)),
        "function f(uint256 a) external returns (uint256) { emit E0(a); return a; }",
    )


def nested_tuples(depth: int) -> Files:
    return function(f"return {'(' * depth}a{')' * depth};")


def nested_ternaries(depth: int) -> Files:
    return function("return " + "".join(f"a == {i} ? {i} : " for i in range(depth)) + "a + 1;")


def nested_mappings(depth: int) -> Files:
    return contract("mapping(uint256 => " * depth + "uint256" + ")" * depth + " m;",
                    f"function f(uint256 a) external returns (uint256) {{ m{'[a]' * depth} = a; return m{'[a]' * depth}; }}")  # fmt: skip


def wide_abi(count: int) -> Files:
    members = "".join(f"uint256[] v{i}; " for i in range(count))
    return contract(
        f"struct S {{ {members} }}",
        "function g(S calldata s) external pure returns (S memory) { return s; }",
        "function f(uint256 a) external pure returns (uint256) { return a; }",
    )


def long_switch(count: int) -> Files:
    cases = "".join(f"case {i} {{ r := {i * 3} }}" for i in range(count))
    return contract(
        f"function f(uint256 a) external pure returns (uint256 r) {{ assembly {{ switch a {cases} default {{ r := 1 }} }} }}"
    )


def deep_assembly(depth: int) -> Files:
    return contract(
        f"function f(uint256 a) external pure returns (uint256 r) {{ assembly {{ r := {'add(1, ' * depth}a{')' * depth} }} }}"
    )


def many_usings(count: int) -> Files:
    libraries = "".join(
        f"library L{i} {{ function g{i}(uint256 a) internal pure returns (uint256) {{ return a + {i}; }} }}\n"
        for i in range(count)
    )
    text = "".join(f"using L{i} for uint256;" for i in range(count))
    calls = "".join(f"a = a.g{i}();" for i in range(count))
    return {
        "a.sol": f"{PRAGMA}{libraries}contract A {{ {text} function f(uint256 a) external pure returns (uint256) {{ {calls} return a; }} }}\n"
    }


def many_overloads(count: int) -> Files:
    """One name for functions of one, two, three … parameters, and a call of each."""
    overloads = [
        f"function g({', '.join(['uint256 a'] + ['uint256'] * i)}) internal pure returns (uint256) {{ return a; }}"
        for i in range(count)
    ]
    calls = "".join(f"a = g({', '.join(['a'] * (i + 1))});" for i in range(count))
    return contract(
        *overloads, f"function f(uint256 a) external pure returns (uint256) {{ {calls} return a; }}"
    )


COMPILES: dict[str, Bomb] = {
    "sum of 10,000 terms": Bomb(long_sum, 10_000, call=30_000),
    "sum of 3,000 terms": Bomb(long_sum, 3_000, call=9_000),
    "chain of 3,000 mixed operators": Bomb(long_mixed_chain, 3_000),
    "240 nested calls": Bomb(nested_calls, 240, call=2),
    "chain of 200 calls": Bomb(call_chain, 200, call=203),
    "60 levels of doubling calls": Bomb(doubling_calls, 60),
    "200 live locals": Bomb(live_locals, 200),
    "40 nested try": Bomb(nested_try, 40, call=4),
    "60 nested loops": Bomb(nested_loops, 60, call=4),
    "60 loops over one name": Bomb(shadowed_loops, 60, call=4),
    "6 modifiers with three placeholders": Bomb(placeholders, 6, call=3),
    "8-dimensional array": Bomb(many_dimensions, 8, call=3),
    "2,000 functions": Bomb(many_functions, 2_000),
    "500 public variables": Bomb(many_state_variables, 500),
    "inheritance 120 deep": Bomb(deep_inheritance, 120, call=122),
    "inheritance of 200": Bomb(wide_inheritance, 200),
    "110 else-ifs": Bomb(long_else_if, 110, call=21),
    "1,000 ifs": Bomb(long_if_list, 1_000, call=21),
    "3,000 statements": Bomb(many_statements, 3_000),
    "1,000 statements": Bomb(many_statements, 1_000, call=940_250),
    "string of 20,000 characters": Bomb(huge_string, 20_000, call=20_003),
    "comment of 500,000 characters": Bomb(long_comment, 400_000),
    "10,000 lines of documentation": Bomb(many_comments, 10_000),
    "300 imports": Bomb(many_imports, 300),
    "300 files that hand on one name": Bomb(many_named_imports, 300),
    "200 nested structs": Bomb(many_structs, 200),
    "8 doubling structs": Bomb(copied_structs, 8, call=3),
    "600 terms of &&": Bomb(long_and, 600, call=2),
    "800 writes to one array": Bomb(storage_writes, 800, call=802),
    "500 external calls": Bomb(external_calls, 500, call=503),
    "100 doubling constants": Bomb(linked_constants, 100, call=3),
    "1,000 events and errors": Bomb(many_errors_and_events, 1_000, call=3),
    "200 parentheses": Bomb(nested_tuples, 200, call=3),
    "200 ternaries": Bomb(nested_ternaries, 200, call=3),
    "60 nested mappings": Bomb(nested_mappings, 60, call=3),
    "struct of 40 arrays": Bomb(wide_abi, 40, call=3),
    "switch of 400 cases": Bomb(long_switch, 400, call=9),
    "240 nested assembly calls": Bomb(deep_assembly, 240, call=243),
    "150 libraries in use": Bomb(many_usings, 150, call=11_178),
    "60 overloads": Bomb(many_overloads, 60, call=3),
}  # fmt: skip

REFUSED: dict[str, Bomb] = {
    "60 doubling structs": Bomb(branching_structs, 60, "SL4010"),
    "copies of 40 doubling structs": Bomb(copied_structs, 40, "SL4010"),
    "60 doubling hashes": Bomb(linked_hashes, 60, "SL4010"),
    "12 modifiers with three placeholders": Bomb(placeholders, 12, "SL4009"),
    "30,000 checked additions": Bomb(lambda n: function("a += 1;" * n + "return a;"), 30_000, "SL4009"),
    "300 parentheses": Bomb(nested_tuples, 300, "SL4001"),
    "400 nested blocks": Bomb(lambda n: function("{" * n + "}" * n + "return a;"), 400, "SL4001"),
    "300 negations": Bomb(lambda n: function("return " + "~" * n + "a;"), 300, "SL4001"),
    "400 else-ifs": Bomb(long_else_if, 400, "SL4001"),
    "300 ternaries": Bomb(nested_ternaries, 300, "SL4001"),
    "300 nested mappings": Bomb(nested_mappings, 300, "SL4001"),
    "300 nested assembly calls": Bomb(deep_assembly, 300, "SL4001"),
    "inheritance of 300": Bomb(wide_inheritance, 300, "SL4004"),
    "name of 2,000 letters": Bomb(lambda n: contract(f"uint256 {'x' * n};"), 2_000, "SL4003"),
    "number of 100,000 digits": Bomb(lambda n: contract(f"uint256 x = {'9' * n};"), 100_000, "SL4008"),
    "hexadecimal number of 100,000 digits": Bomb(lambda n: contract(f"uint256 x = 0x{'f' * n};"), 100_000, "SL4008"),
    "file of 2 MiB": Bomb(lambda n: {"a.sol": PRAGMA + "//" + "x" * n}, 2 << 20, "SL4002"),
    "20 MiB in many files": Bomb(
        lambda n: {f"f{i}.sol": PRAGMA + "//" + "x" * (1 << 19) for i in range(2 * n)}, 20, "SL4002"
    ),
    "millions of tokens": Bomb(
        lambda n: {f"f{i}.sol": PRAGMA + ";" * 500_000 for i in range(n)}, 5, "SL4002"
    ),
    "exponent of 99,999": Bomb(lambda n: function(f"return 1e{n};"), 99_999, "SL0307"),
    "power of a power": Bomb(lambda n: function(f"return 2 ** 2 ** {n};"), 20, "SL0307"),
    "shift of a literal": Bomb(lambda n: function(f"return 1 << {n};"), 10**9, "SL0307"),
    "arrays of 2**256 in 9 dimensions": Bomb(
        lambda n: contract(f"uint256{f'[{2**255}]' * n} x;"), 9, "SL0330"
    ),
}  # fmt: skip
