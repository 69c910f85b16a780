"""What a generated contract is sent: well-formed calls, and calldata bent in several places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.differential.explore import FIRST
from tests.differential.messages import encoded, messages
from tests.differential.twins import Message
from tests.fuzz import counterpart

_WORDS = (
    0,
    1,
    31,
    32,
    33,
    64,
    96,
    128,
    2**64 - 1,
    2**64,
    2**255,
    2**256 - 1,
    2**256 - 32,
    2**32,
    0xBAD0,
    2**8,
    2**16,
    2**128,
)


@st.composite
def twisted(draw: st.DrawFn, message: st.SearchStrategy[Message]) -> Message:
    """A few words of the arguments are replaced, then perhaps the end is cut off."""
    made = draw(message)
    data = bytearray(made.data)
    places = (len(data) - 4) // 32
    for _ in range(draw(st.integers(1, 2)) if places > 0 else 0):
        at = 4 + 32 * draw(st.integers(0, places - 1))
        data[at : at + 32] = draw(st.sampled_from(_WORDS)).to_bytes(32, "big")
    if len(data) > 4 and draw(st.integers(0, 3)) == 3:
        del data[draw(st.integers(4, len(data))) :]
    return made._replace(data=bytes(data))


def sequences(abi: list[dict[str, Any]], most: int) -> st.SearchStrategy[list[Message | bytes]]:
    """Messages to the contract, and scripts (plain bytes) for its counterpart between them."""
    plain = messages(abi, at=FIRST)
    scripts = counterpart.scripts(plain.map(lambda message: message.data))
    step: st.SearchStrategy[Message | bytes] = st.one_of(plain, plain, twisted(plain), scripts)
    return st.lists(step, min_size=most // 2, max_size=most)


def arguments(abi: Sequence[dict[str, Any]]) -> st.SearchStrategy[bytes]:
    """Of the constructor."""
    constructor = next((e for e in abi if e["type"] == "constructor"), {"inputs": []})
    return encoded(constructor["inputs"])
