"""Programs through the reference compiler: several a call, and each with an answer of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from harness.chain.evm import DEFAULT_SENDER
from harness.protocol.addresses import create_address
from tests.oracle import solc

# The first contract that the usual sender makes.
LIBRARY = create_address(DEFAULT_SENDER, 0)


class Answer(NamedTuple):
    """The contract `Main`, or why there is none."""

    contract: Any = None
    refusal: str = ""
    library: Any = None  # `X`, where there is one


def unable(refusal: str) -> bool:
    """The program is right, but this pipeline cannot compile it."""
    return any(
        w in refusal
        for w in (
            "tack too deep",
            "too deep in the stack",
            "nimplemented",
            "CompilerError",
            "not supported by the legacy",
            "Internal",
        )
    )


def reference(texts: dict[str, str], via_ir: bool, keep: bool) -> dict[str, Answer]:
    """By file. `keep` leaves the answer on disk."""
    answers: dict[str, Answer] = {}
    left = dict(texts)
    while left:
        answer = _ask(left, via_ir, False, keep)
        found = [e for e in answer.get("errors", []) if e["severity"] == "error"]
        if not found:
            for name in left:
                answers[name] = _answer(answer, name)
            break
        named = {e.get("sourceLocation", {}).get("file"): e for e in found}
        guilty = [name for name in left if name in named]
        if not guilty and len(left) > 1:  # it does not say which
            for name, text in left.items():
                answers |= reference({name: text}, via_ir, keep)
            break
        for name in guilty or list(left):
            error = named.get(name, found[0])
            answers[name] = Answer(refusal=str(error.get("formattedMessage") or error["message"]))
            if via_ir and unable(answers[name].refusal):
                answers[name] = _optimized(name, left[name], keep)
            del left[name]
    return answers


def _optimized(name: str, text: str, keep: bool) -> Answer:
    """The optimizer moves variables to memory where the stack is too deep."""
    answer = _ask({name: text}, True, True, keep)
    found = [e for e in answer.get("errors", []) if e["severity"] == "error"]
    if found:
        return Answer(refusal=str(found[0].get("formattedMessage")))
    return _answer(answer, name)


def _answer(answer: dict[str, Any], name: str) -> Answer:
    made = answer.get("contracts", {}).get(name, {})
    if "Main" not in made:
        return Answer(refusal="there is no Main")
    return Answer(made["Main"], library=made.get("X"))


def _ask(texts: dict[str, str], via_ir: bool, optimize: bool, keep: bool) -> dict[str, Any]:
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in texts.items()},
        "settings": {
            "viaIR": via_ir,
            "optimizer": {"enabled": optimize, "runs": 1},
            "evmVersion": "cancun",
            "metadata": {"appendCBOR": False},
            "outputSelection": {"*": {"Main": solc.OUTPUTS[:3], "X": solc.OUTPUTS[1:2]}},
            "libraries": {name: {"X": LIBRARY} for name, t in texts.items() if "library X " in t},
        },
    }
    return solc.compile_standard(request, keep=keep)
