"""What a ciphertext tells about its text: the length, and only that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.confidential import ecies
from harness.confidential.fields import encrypt_request
from harness.confidential.sizes import sized
from harness.protocol.estimate import prompt_tokens

PUBLIC = ecies.public_bytes(ecies.generate_key())


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_the_length_of_a_text_is_its_ciphertexts(text: str) -> None:
    assert ecies.plain_size(ecies.encrypt(text, PUBLIC)) == len(text.encode())


@pytest.mark.parametrize(
    "text", ["", "hello", "04", "05" + "00" * 93, "04" * 92, "04" * 93 + "0", "é"]
)
def test_what_is_no_ciphertext(text: str) -> None:
    assert ecies.plain_size(text) is None


def test_an_encrypted_request_is_priced_like_the_readable_one() -> None:
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "hello " * 100}, {"role": "user", "content": "x"}],
        "temperature": 1,
    }
    sealed, _ = encrypt_request(body, lambda text: ecies.encrypt(text, PUBLIC))
    assert prompt_tokens(sized(sealed)) == prompt_tokens(body)
    assert prompt_tokens(sealed) > 2 * prompt_tokens(body)
    assert sealed["messages"][0]["content"] != sized(sealed)["messages"][0]["content"]
