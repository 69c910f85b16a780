"""Declarations as text, values as bytes, reverts as names."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.chain.abi import Interface
from harness.chain.errors import ContractError
from harness.chain.records import LogRecord
from harness.chain.reverts import BUILT_IN_ERRORS, ErrorTable
from harness.chain.signature import parse
from harness.protocol.addresses import ZERO_ADDRESS, checksum

from .conftest import sample


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("function f()", "f()"),
        ("function f(uint x, int y) view returns (bool);", "f(uint256,int256)"),
        ("error E(address who, bytes4[] ids)", "E(address,bytes4[])"),
        ("event V(uint256 indexed a, string b)", "V(uint256,string)"),
        (
            "function cut((address facet, uint8 action, bytes4[] ids)[] cuts, address init, bytes calldata data)",
            "cut((address,uint8,bytes4[])[],address,bytes)",
        ),
        ("function g((uint8 a, (bytes32 b, bool[2] c) d) x, uint256[][3] y)", "g((uint8,(bytes32,bool[2])),uint256[][3])"),
    ],
)  # fmt: skip
def test_lines_are_read(text: str, signature: str) -> None:
    assert parse(text).signature == signature


@pytest.mark.parametrize(
    "text", ["", "function", "function f", "function f(", "function f(uint256", "f()", "struct S()",
             "function f() payble", "function f(uint256 ]"],
)  # fmt: skip
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_text_and_json_describe_the_same_interface() -> None:
    compiled, _ = sample()
    written = Interface.of(
        """
        function set(uint256 given, bytes32 tag, string note) returns (uint256 old)
        function lastChange() view returns ((address who, uint64 when) pair, uint256[] numbers)
        event Changed(address indexed by, bytes32 indexed tag, uint256 value, string note)
        error TooBig(uint256 given, uint256 limit)
        """
    )
    for name in ("set", "lastChange"):
        assert written.function(name) == compiled.function(name)
    assert written.event("Changed") == compiled.event("Changed")
    assert written.error("TooBig") == compiled.error("TooBig")
    with pytest.raises(KeyError):
        written.function("missing")


@given(
    st.binary(min_size=20, max_size=20), st.integers(0, 2**64 - 1), st.text(), st.lists(st.binary())
)
def test_values_read_back(raw: bytes, number: int, text: str, blobs: list[bytes]) -> None:
    interface = Interface.of("function f((address who, uint64 when)[] a, string b, bytes[] c)")
    function = interface.function("f")
    calldata = function.encode([(checksum(raw), number)], text, blobs)
    assert function.decode_input(calldata) == {
        "a": ((checksum(raw), number),), "b": text, "c": tuple(blobs),
    }  # fmt: skip


def test_wrong_values_are_refused_with_what_was_wanted() -> None:
    function = Interface.of("function f(uint8 x, address y)").function("f")
    with pytest.raises(ValueError, match=r"expected 2 values \(uint8 x, address y\), got 1"):
        function.encode(1)
    with pytest.raises(ValueError, match="not a call of"):
        function.decode_input(b"\0" * 36)
    reader = Interface.of("function f() returns (uint256)").function("f")
    with pytest.raises(ValueError, match="does not decode"):
        reader.decode_output(b"\1")


def test_short_data_stays_an_error_beside_tools_that_pad_it() -> None:
    """ape loosens the shared registry when it is imported; whatever came first, ours stays strict."""
    code = (
        "import sys\n"
        "names = ['ape.utils.abi', 'harness.chain.abi']\n"
        "import importlib\n"
        "for name in (names if sys.argv[1] == 'ape' else reversed(names)): importlib.import_module(name)\n"
        "from harness.chain.abi import Interface\n"
        "function = Interface.of('function f() returns (uint256)').function('f')\n"
        "try: print(function.decode_output(b''))\n"
        "except ValueError: print('refused')\n"
    )
    for first in ("ape", "ours"):
        done = subprocess.run(
            [sys.executable, "-c", code, first], capture_output=True, text=True, check=True
        )
        assert done.stdout == "refused\n"


def test_indexed_dynamic_values_are_hashes() -> None:
    event = Interface.of("event V(string indexed name, uint256 n)").event("V")
    record = LogRecord(ZERO_ADDRESS, (event.topic, b"\7" * 32), (5).to_bytes(32, "big"), 1, b"", 0)
    assert event.decode(record) == {"name": b"\7" * 32, "n": 5}
    assert not event.matches(LogRecord(ZERO_ADDRESS, (event.topic,), b"", 1, b"", 0))


@pytest.mark.parametrize(
    ("data", "name", "arguments", "text"),
    [
        (b"", None, {}, "call reverted: no reason given"),
        (b"\1\2\3", None, {}, "call reverted: unknown error 0x010203"),
        (
            bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big"), "Panic", {"code": 0x11},
            "call reverted: Panic(code=17) (arithmetic overflow or underflow)",
        ),
        (bytes.fromhex("4e487b71"), None, {}, "call reverted: unknown error 0x4e487b71"),
        (
            bytes.fromhex("08c379a0") + (32).to_bytes(32, "big") + (2).to_bytes(32, "big") + b"no".ljust(32, b"\0"),
            "Error", {"message": "no"}, "call reverted: Error(message=no)",
        ),
    ],
)  # fmt: skip
def test_reverts_have_names_and_values(
    data: bytes, name: str | None, arguments: dict[str, Any], text: str
) -> None:
    error = BUILT_IN_ERRORS.decode(data)
    assert (error.name, error.args, error.data, str(error)) == (name, arguments, data, text)


@given(st.binary(max_size=200))
def test_any_revert_data_makes_an_error(data: bytes) -> None:
    table = ErrorTable(Interface.of("error E(string a, bytes[] b)").errors)
    assert isinstance(table.decode(data), ContractError)
    prefixed = table.decode(table_selector() + data)
    assert prefixed.data == table_selector() + data


def table_selector() -> bytes:
    return Interface.of("error E(string a, bytes[] b)").error("E").selector


def test_custom_errors_show_their_values_and_survive_pickling() -> None:
    table = ErrorTable(Interface.of("error NotDue(uint256 id, bytes4 tag)").errors)
    data = (
        Interface.of("function NotDue(uint256 id, bytes4 tag)").functions[0].encode(7, b"\1\2\3\4")
    )
    error = table.decode(data)
    assert str(error) == "call reverted: NotDue(id=7, tag=0x01020304)"
    again = pickle.loads(pickle.dumps(error))
    assert (again.name, again.args, str(again)) == (error.name, error.args, str(error))
    unknown = BUILT_IN_ERRORS.decode(data)
    assert table.explain(unknown).name == "NotDue"
    assert table.explain(error) is error
