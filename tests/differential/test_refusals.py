"""What our tests say Solidity refuses or takes is what the reference compiler refuses or takes."""

from __future__ import annotations

import pytest

from tests.compiler import (
    test_chains,
    test_inheritance,
    test_libraries,
    test_transient,
    test_try_catch,
    test_tuples,
    test_type_expressions,
    test_using,
)
from tests.compiler.refused import PRAGMA
from tests.oracle import solc

CHILD = "contract B { constructor(uint256) {} }"
REFUSED = [
    *test_chains.REFUSED,
    *test_inheritance.REFUSED,
    *(test_using.AROUND + text for text in test_using.REFUSED),
    *(test_using.AROUND + test_using.USED % text for text in test_using.MISUSED),
    *(test_tuples.AROUND % text for text in test_tuples.REFUSED),
    *(test_try_catch.AROUND % text for text in test_try_catch.REFUSED),
    *(test_libraries.AROUND % text for text in test_libraries.REFUSED),
    *(test_type_expressions.AROUND % text for text in test_type_expressions.REFUSED),
    *(f"contract A {{ {text} }}" for text in test_transient.REFUSED),
]
TAKEN = [
    *test_chains.TAKEN,
    *test_inheritance.TAKEN,
    *(test_tuples.AROUND % text for text in test_tuples.TAKEN),
    *(test_try_catch.AROUND % text + CHILD for text in test_try_catch.TAKEN),
    *(test_libraries.AROUND % text for text in test_libraries.TAKEN),
    *(test_type_expressions.AROUND % text for text in test_type_expressions.TAKEN),
]


def taken(text: str, imported: str = "") -> bool:
    outputs = ["abi", "evm.bytecode.object"]
    texts = {"a.sol": PRAGMA + text, "b.sol": PRAGMA + imported}
    try:
        solc.compile_sources(texts if imported else {"a.sol": texts["a.sol"]}, outputs=outputs)
    except solc.SolcError:
        return False
    return True


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_the_reference_refuses_it_too(number: int) -> None:
    assert not taken(REFUSED[number]), REFUSED[number]


@pytest.mark.parametrize("number", range(len(TAKEN)))
def test_the_reference_takes_it_too(number: int) -> None:
    assert taken(TAKEN[number]), TAKEN[number]


@pytest.mark.parametrize("statement", test_type_expressions.OF_MODULES)
def test_modules_are_taken_and_refused_alike(statement: str) -> None:
    text = test_type_expressions.IMPORTING % statement
    wanted = not test_type_expressions.OF_MODULES[statement]
    assert taken(text, test_type_expressions.IMPORTED) is wanted
