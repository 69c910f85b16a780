"""External library functions: what is refused, how unlinked code looks, and how it is linked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler import CompileOptions, compile_sources
from compiler.cli import main
from compiler.evm.keccak import keccak256
from compiler.linking import UnlinkedCode, parse_libraries, placeholder
from compiler.standard_json import compile_standard
from tests.compiler.refused import PRAGMA, refused

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
AROUND = """
struct S { uint256 a; mapping(uint256 => uint256) m; }
library L {
    function take(S storage s) external {}
    function view_() external view {}
    function word(uint256 x) public pure returns (uint256) { return x; }
    function hidden() private {}
    %s
}
contract C { using L for uint256; S s; uint256 x; %s }
"""
REFUSED = {
    ("", "function f() external { L.word{gas: 1}(2); }"): "SL0406",
    ("", "function f() external { L.word{value: 1}(2); }"): "SL0406",
    ("", "function f() external pure { L.view_(); }"): "SL0411",
    ("", "function f() external view { L.take(s); }"): "SL0410",
    ("", "function f() external { S memory t; L.take(t); }"): "SL0312",
    ("", "function f() external { L.take(x); }"): "SL0404",
    ("", "function f() external { L.hidden(); }"): "SL0207",
    ("", "function f() external { new L(); }"): "SL0314",
    ("", "function f() external { payable(L); }"): "SL0302",
    ("function p() external payable {}", ""): "SL0116",
    ("function p() external { L.word(1); }", ""): "SL0405",
    ("function p() external view returns (uint256) { return view_(); }", ""): "SL0405",
    ("function p(S memory) external {}", ""): "SL0312",
    ("function p(mapping(uint256 => uint256) memory) external {}", ""): "SL0312",
    ("function p(uint256[]) external {}", ""): "SL0312",
    ("function word(uint256) external {}", ""): "SL0202",
    ("", "function f() external { assembly { let a := L } }"): "SL0806",
    ("", "function f() external { assembly { if L {} } }"): "SL0806",
    ("", "function f() external { assembly { L := 1 } }"): "SL0806",
    ("", "function f() external { assembly { let a := L.address } }"): "SL0806",
    ("", "function f() external { assembly { let a := C } }"): "SL0806",
    ("", "function f() external { assembly { let L := 1 } }"): "SL0202",
}  # fmt: skip
TAKEN = (
    ("", "function f() external { L.take(s); x.word(); uint256(1).word(); address(L); }"),
    ("", "function f() external pure returns (bytes4) { return L.take.selector; }"),
    ("function p() external { word(1); }", ""),
    ("function p() external returns (uint256) { return msg.value; }", ""),
    ("", "function f() external { address a = address(L); assembly { pop(extcodesize(a)) } }"),
    ("", "function f() external { assembly { function L(C) {} L(1) } }"),
)
SOURCE = (
    PRAGMA
    + """
library L { function f(uint256 x) external pure returns (uint256) { return x; } }
contract A { function g() external pure returns (uint256) { return L.f(1) + L.f(2); } }
contract B { function h() external returns (address) { return address(new A()); } }
"""
)


@pytest.mark.parametrize(("inside", "outside"), REFUSED)
def test_what_solidity_refuses_is_refused(inside: str, outside: str) -> None:
    assert refused(AROUND % (inside, outside))[0] == REFUSED[inside, outside]


@pytest.mark.parametrize(("inside", "outside"), TAKEN)
def test_what_solidity_takes_is_taken(inside: str, outside: str) -> None:
    assert refused(AROUND % (inside, outside)) == []


def test_unlinked_code_has_no_bytes() -> None:
    contracts = compile_sources({"a.sol": SOURCE}).contracts
    for name in ("a.sol:A", "a.sol:B"):
        with pytest.raises(UnlinkedCode, match=r"a\.sol:L"):
            contracts[name].bytecode  # noqa: B018
    assert contracts["a.sol:L"].bytecode
    mark = placeholder("a.sol:L")
    assert mark == f"__${keccak256(b'a.sol:L').hex()[:34]}$__" and len(mark) == 40
    assert contracts["a.sol:A"].deployed.text().count(mark) >= 1
    assert mark in contracts["a.sol:B"].creation.text()  # within the code of A that it carries


def test_linking_fills_every_place_and_leaves_the_rest() -> None:
    unlinked = compile_sources({"a.sol": SOURCE}).contracts
    address = bytes.fromhex(ADDRESS[2:])
    linked = compile_sources({"a.sol": SOURCE}, CompileOptions(libraries={"a.sol:L": address}))
    for name in ("a.sol:A", "a.sol:B"):
        text = unlinked[name].creation.text()
        assert linked.contracts[name].bytecode.hex() == text.replace(
            placeholder("a.sol:L"), ADDRESS[2:].lower()
        )
        assert linked.contracts[name].creation.references() == {}
        assert unlinked[name].creation.linked({"a.sol:L": address}).whole().hex() == linked.contracts[name].bytecode.hex()  # fmt: skip


def test_standard_json_links_and_lists_what_is_missing() -> None:
    request = {
        "language": "Solidity",
        "sources": {"a.sol": {"content": SOURCE}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode"]}}},
    }
    code = compile_standard(request)["contracts"]["a.sol"]["A"]["evm"]["bytecode"]
    (entries,) = list(code["linkReferences"]["a.sol"].values())
    for entry in entries:
        assert code["object"][2 * entry["start"] :].startswith("__$")
    request["settings"]["libraries"] = {"a.sol": {"L": ADDRESS}}  # type: ignore[index]
    code = compile_standard(request)["contracts"]["a.sol"]["A"]["evm"]["bytecode"]
    assert code["linkReferences"] == {} and ADDRESS[2:].lower() in code["object"]
    for wrong in ([], {"a.sol": ADDRESS}, {"a.sol": {"L": "0x1"}}, {"a.sol": {"L": 7}}):
        request["settings"]["libraries"] = wrong  # type: ignore[index]
        assert compile_standard(request)["errors"][0]["type"] == "JSONError"


def test_the_command_line_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.sol").write_text(SOURCE)
    command = ["--base-path", str(tmp_path), "a.sol", "-o", str(tmp_path / "out")]
    assert main(command) == 0
    unlinked = json.loads((tmp_path / "out" / "A.json").read_text())
    assert "__$" in unlinked["bytecode"] and "L" in unlinked["linkReferences"]["a.sol"]
    assert "L" in unlinked["runtimeLinkReferences"]["a.sol"]
    assert main([*command, "--libraries", f"a.sol:L={ADDRESS}"]) == 0
    linked = json.loads((tmp_path / "out" / "A.json").read_text())
    assert "__$" not in linked["bytecode"] + linked["runtime"] and linked["linkReferences"] == {}
    capsys.readouterr()
    with pytest.raises(SystemExit) as status:
        main([*command, "--libraries", "L=0x12"])
    assert status.value.code == 2 and "FILE:NAME=ADDRESS" in capsys.readouterr().err


def test_the_summary_says_what_is_not_linked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.sol"
    source.write_text(
        "pragma solidity ^0.8.20; library L { function f() external {} }"
        "contract C { function g() external { L.f(); } }"
    )
    assert main([str(source)]) == 0
    assert f"not linked: {source}:L (give its address: --libraries" in capsys.readouterr().out
    assert main([str(source), "--libraries", f"{source}:M={ADDRESS}"]) == 0  # another name
    assert "not linked" in capsys.readouterr().out
    assert main([str(source), "--libraries", f"{source}:L={ADDRESS}"]) == 0
    assert "not linked" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ["a.sol:L", "L=" + ADDRESS, "a.sol:L=0x12", "a.sol:L=" + ADDRESS[2:], "a.sol:L=0x" + 40 * "g",
     "a.sol:L=" + ADDRESS.replace("E", "e", 1), f"a.sol:L={ADDRESS},a.sol:L={ADDRESS}"],
)  # fmt: skip
def test_malformed_libraries_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="librar"):
        parse_libraries([text])


def test_several_libraries_in_one_text() -> None:
    address = bytes.fromhex(ADDRESS[2:])
    lower = ADDRESS.lower()
    assert parse_libraries([f"a:b.sol:L={ADDRESS}, c.sol:M={lower}"]) == {
        "a:b.sol:L": address,
        "c.sol:M": address,
    }
