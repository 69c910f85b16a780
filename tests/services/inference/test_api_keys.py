"""K2: keys as displays shorten them are refused; good ones come through byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.inference.api_keys import checked, normalise
from tests.services.inference.conftest import KEY

MASKED = [
    "sk-or-…1955", "sk-…abcd", "sk-proj-0123456789abcdef…9876", "sk-or-v1-0123456789abcdef...1955",
    "sk-0123456789abcdefgh..1955", "sk-****************1955", "**********************", "sk-ant-**-0123456789abcdef",
    "sk-••••••••••••••••1955", "••••••••••••••••••••••", "sk-●●●●●●●●●●●●●●●●1955", "sk-xxxxxxxxxxxxxxxxxxxx1955",
    "sk-XXXXXXXXXXXXXXXXXXXXXXXX", "sk-or-v1-[redacted]-0123456789", "<your-openrouter-api-key-here>",
    "sk-proj-0123456789 … abcdef", "your_api_key_0123456789abcdef", "sk-or-v1-0123⋯456789abcdef", "sk-■■■■■■■■■■■■■■■■■■1955",
    "sk-0123456789abcdef____________1955", "sk-0123456789abcdef-REDACTED-1955", "sk-0123456789････abcdef・・1955",
    '"sk-or-…1955"', "Bearer sk-…1955", "sk-###################1955",
]  # fmt: skip


@pytest.mark.parametrize("text", MASKED)
def test_k2_masked_spellings_are_refused(text: str) -> None:
    for keyed in (True, False):
        with pytest.raises(ConfigError) as refused:
            checked(text, "openrouter", keyed)
        assert text not in str(refused.value) and "1955" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "   ", '""', "Bearer ", "short", "a" * 19, "two words of a key 0123456", "sk-0123456789abcdefgh\nij", "sk-0123456789abcdefghié"])  # fmt: skip
def test_k2_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        checked(text, "openai")


@pytest.mark.parametrize(
    "text",
    [
        KEY, f"  {KEY}\n", f'"{KEY}"', f"'{KEY}'", f"Bearer {KEY}", f"bearer  {KEY}", f'"Bearer {KEY}"',
        f"Authorization: Bearer {KEY}", f"“{KEY}”", f"`{KEY}`", f'Bearer "{KEY}"',
    ],
)  # fmt: skip
def test_k2_what_surrounds_a_key_is_removed(text: str) -> None:
    assert checked(text, "openai") == KEY


@pytest.mark.parametrize(
    "key",
    ["sk-or-v1-" + "0f" * 32, "sk-ant-api03-Ab_c-D--x_y0123456789AA", "gsk_" + "A1b2" * 13, "fw_3Zx" + "k" * 20,
     "a" * 20, "tgp_v1_" + "Z9" * 20, "eyJhbGciOi.J9eyJzdWIi.Oixyz_0123-4", "k" * 32],
)  # fmt: skip
def test_k2_good_keys_come_through(key: str) -> None:
    assert checked(key, "openai") == key


def test_a_provider_without_keys_needs_none() -> None:
    assert checked("", "ollama", keyed=False) == ""
    assert checked("short", "custom", keyed=False) == "short"


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
