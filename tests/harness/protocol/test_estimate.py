"""The estimate both sides of a payment share."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.estimate import ceiling_tokens, completion_ceiling, cost_base, prompt_tokens

TEXT = {"role": "user", "content": "x" * 9}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 0),
        ({"messages": [TEXT]}, 4 + 3),
        ({"messages": [TEXT, TEXT]}, 8 + 5),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x" * 8}]}]}, 4 + 2),
        ({"messages": [{"content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]}]}, 4 + 85),
        ({"messages": [{"content": [{"type": "image_url", "image_url": {"url": "u"}}]}]}, 4 + 1_105),
        ({"messages": [{"content": None, "tool_calls": [{"id": "a"}]}]}, 4 + 3),
        ({"prompt": "x" * 5}, 2),
        ({"tools": [{"a": 1}]}, 3),
    ],
)  # fmt: skip
def test_prompts(body: dict[str, Any], expected: int) -> None:
    assert prompt_tokens(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 1_024),
        ({"model": "gpt-4o-mini"}, 1_024),
        ({"model": "gpt-4o-mini", "max_tokens": 10}, 10),
        ({"max_tokens": 10, "max_completion_tokens": 20}, 20),
        ({"max_tokens": True}, 1_024),
        ({"max_tokens": -4}, 1_024),
        ({"model": "o3-mini"}, 8_192),
        ({"model": "openai/o1"}, 8_192),
        ({"model": "gpt-5-nano", "max_tokens": 10}, 8_192),
        ({"model": "deepseek/deepseek-r1", "max_tokens": 9_000}, 9_000),
        ({"model": "foo-thinking"}, 8_192),
        ({"model": "turbo3"}, 1_024),
    ],
)
def test_ceilings_of_answers(body: dict[str, Any], expected: int) -> None:
    assert completion_ceiling(body) == expected


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["messages", "prompt", "tools", "model", "max_tokens"]), ANY_JSON
    )
)
def test_any_json_has_an_estimate_that_transport_does_not_change(body: dict[str, Any]) -> None:
    assert ceiling_tokens(body) == ceiling_tokens(json.loads(json.dumps(body)))
    assert ceiling_tokens(body) > 0


def test_costs_round_up() -> None:
    assert cost_base(0, Decimal("0.5")) == 0
    assert cost_base(1_000, Decimal("0.0005")) == 500
    assert cost_base(1, Decimal("0.0005")) == 1
    assert cost_base(3, Decimal("1")) == 3_000
