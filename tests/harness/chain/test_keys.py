"""Keys: signatures equal to another implementation's, files that only their owner reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from harness.chain.keys import LocalSigner, load_signer, signer_from_hex
from harness.chain.transaction import Transaction
from harness.errors import ConfigError
from harness.protocol.addresses import checksum
from harness.protocol.recovery import recover_signer

KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"


@given(
    st.integers(1, 2**32), st.integers(0, 2**32), st.none() | st.binary(min_size=20, max_size=20),
    st.integers(0, 2**100), st.binary(max_size=100), st.integers(21_000, 10**7),
    st.integers(0, 2**60), st.integers(0, 2**60),
)  # fmt: skip
def test_signed_bytes_equal_eth_accounts(
    chain_id: int,
    nonce: int,
    to: bytes | None,
    value: int,
    data: bytes,
    gas: int,
    fee: int,
    tip: int,
) -> None:
    ours = LocalSigner(bytes.fromhex(KEY)).sign_transaction(
        Transaction(chain_id, nonce, checksum(to) if to else None, value, data, gas, fee + tip, tip)
    )
    fields = {
        "type": 2, "chainId": chain_id, "nonce": nonce, "value": value, "data": data, "gas": gas,
        "maxFeePerGas": fee + tip, "maxPriorityFeePerGas": tip,
    }  # fmt: skip
    if to:
        fields["to"] = checksum(to)
    assert ours == bytes(Account.sign_transaction(fields, "0x" + KEY).raw_transaction)


@given(st.binary(min_size=32, max_size=32))
def test_signatures_recover(digest: bytes) -> None:
    signer = LocalSigner.from_phrase("x")
    signature = signer.sign_digest(digest)
    assert recover_signer(digest, signature) == signer.address
    assert recover_signer(digest, signature[:64] + bytes([signature[64] - 27])) == signer.address
    assert int.from_bytes(signature[32:64], "big") <= 2**255


@pytest.mark.parametrize(
    "signature", [b"", b"\0" * 65, b"\xff" * 65, b"\1" * 64, b"\1" * 64 + b"\x05"]
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(ValueError):
        recover_signer(b"\1" * 32, signature)


def private(path: Path, text: str) -> Path:
    path.touch(0o600)
    path.write_text(text)
    return path


def test_a_key_file_is_hex_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = private(tmp_path / "a.key", f"0x{KEY}\n")
    assert load_signer(path).address == Account.from_key(KEY).address
    for mode in (0o640, 0o604, 0o644):
        path.chmod(mode)
        with pytest.raises(ConfigError, match="chmod 600"):
            load_signer(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_signer(path).address  # systemd lets the service in by an access list
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "elsewhere"))
    with pytest.raises(ConfigError):
        load_signer(path)
    monkeypatch.setenv("FACETWORKS_ALLOW_OPEN_KEYS", "1")
    assert load_signer(path).address


def test_wrong_keys_are_refused_without_showing_them(tmp_path: Path) -> None:
    for text in ("", "12", "0" * 64, "f" * 64, KEY[:-1] + "g"):
        with pytest.raises(ConfigError) as caught:
            signer_from_hex(text, "THE_SOURCE")
        assert "THE_SOURCE" in str(caught.value)
        assert not text or text not in str(caught.value)
    with pytest.raises(ConfigError, match="cannot read"):
        load_signer(tmp_path / "missing")
    assert KEY[:8] not in repr(LocalSigner(bytes.fromhex(KEY)))


def test_keystores_of_other_tools_open(tmp_path: Path) -> None:
    keystore = json.dumps(Account.encrypt(KEY, "correct horse", kdf="pbkdf2", iterations=1000))
    path = private(tmp_path / "store.json", keystore)
    assert load_signer(path, lambda: "correct horse").address == Account.from_key(KEY).address
    with pytest.raises(ConfigError, match="wrong password"):
        load_signer(path, lambda: "battery staple")
    with pytest.raises(ConfigError, match="password file"):
        load_signer(path)


@pytest.mark.parametrize(
    "text", ["{}", '{"version": 3, "crypto": {}}', '{"version": 2}', "{", "{1}"]
)
def test_what_looks_like_a_keystore_and_is_none_is_a_damaged_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="damaged keystore"):
        load_signer(private(tmp_path / "store.json", text), lambda: "correct horse")


def test_a_key_file_of_bytes_is_told(tmp_path: Path) -> None:
    path = private(tmp_path / "key", "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not text"):
        load_signer(path)
