"""The wallet is the identity: a version 3 keystore that nothing here overwrites or deletes.

Creating fails when a keystore is there; rotating keeps the old one under another name and at no moment
leaves the place empty. An empty passphrase (unattended mode) needs no slow derivation: it hides nothing,
the file's mode is the protection.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.chain.keys import LocalSigner
from harness.errors import ConfigError
from harness.halo.private import create_private, private_folder, read_private, write_atomically
from harness.protocol.addresses import Address, to_address

WORK = 1 << 18  # scrypt N that Ethereum's clients use
WORK_UNATTENDED = 1 << 12

MIN_PASSPHRASE = 12
LONG_PASSPHRASE = 16


@dataclass(frozen=True)
class Keystore:
    """A keystore file and the account it says it holds."""

    path: Path
    address: Address
    document: dict[str, Any] = field(
        repr=False
    )  # with an empty passphrase it is as good as the key

    @classmethod
    def read(cls, path: Path) -> Keystore:
        """ConfigError when there is none, others can read it, or it is not a keystore."""
        if not path.exists() and not path.is_symlink():
            raise ConfigError(f"keystore not found: {path}; run: halo setup")
        text = read_private(path)
        try:
            document = json.loads(text)
            address = to_address(document["address"])
            if document["version"] != 3:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise ConfigError(
                f"{path} is not a version 3 keystore; restore your backup of it"
            ) from None
        return cls(path, address, document)

    def unlock(self, passphrase: str) -> LocalSigner:
        """The signer; ConfigError when the passphrase is wrong or the key is not that of the address."""
        from eth_keyfile.keyfile import decode_keyfile_json

        try:
            secret: Any = passphrase.encode()  # annotated for text, works on bytes only
            raw = decode_keyfile_json(self.document, secret)
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"cannot unlock {self.path}: wrong passphrase") from None
        signer = LocalSigner(bytes(raw))
        if signer.address != self.address:
            raise ConfigError(
                f"{self.path} says {self.address} but holds the key of {signer.address}; "
                "restore your backup of it"
            )
        return signer

    @property
    def opens_without_passphrase(self) -> bool:
        """Whether this is an unattended keystore."""
        try:
            self.unlock("")
        except ConfigError:
            return False
        return True


def create(
    path: Path, passphrase: str, key: bytes | None = None, *, work: int | None = None
) -> Keystore:
    """A new keystore with this key, or a fresh one; ConfigError when the place is taken."""
    private_folder(path.parent)
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path} exists already; a wallet is never overwritten")
    create_private(path, _document(passphrase, key, work))
    return Keystore.read(path)


def rotate(
    path: Path, passphrase: str, key: bytes | None = None, *, work: int | None = None
) -> tuple[Keystore, Path]:
    """Replace the wallet; the new keystore and where the old one is kept.

    The old file gets its second name first and the new one replaces the first name in one step, so a
    crash in between leaves either wallet in place and never none.
    """
    old = Keystore.read(path)
    text = _document(passphrase, key, work)
    kept = path.with_name(f"{path.stem}.{old.address}.{int(time.time())}.json")
    try:
        os.link(path, kept)
    except FileExistsError:
        raise ConfigError(f"{kept} exists already; try again in a second") from None
    write_atomically(path, text)
    return Keystore.read(path), kept


def kept_keystore(path: Path, address: Address) -> Path | None:
    """The newest keystore that a rotation put aside for this address."""
    found = sorted(path.parent.glob(f"{path.stem}.{address}.*.json"))
    return found[-1] if found else None


def parse_key(text: str) -> bytes:
    """64 hex digits, with or without 0x; ValueError that never quotes them."""
    digits = text.strip().removeprefix("0x")
    try:
        raw = bytes.fromhex(digits)
        LocalSigner(raw)  # refuses zero and what is not below the order
    except Exception:
        raise ValueError("a private key is 64 hex digits") from None
    if len(digits) != 64:
        raise ValueError("a private key is 64 hex digits")
    return raw


def weakness(passphrase: str) -> str | None:
    """What is wrong with a new passphrase; None when nothing is."""
    if len(passphrase) < MIN_PASSPHRASE:
        return f"too short: at least {MIN_PASSPHRASE} characters"
    classes = [str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum()]
    if len(passphrase) < LONG_PASSPHRASE and sum(any(map(k, passphrase)) for k in classes) < 3:
        return (
            f"too simple: below {LONG_PASSPHRASE} characters it needs three of "
            "lower case, upper case, digits, other"
        )
    return None


def _document(passphrase: str, key: bytes | None, work: int | None) -> str:
    from eth_keyfile.keyfile import create_keyfile_json

    raw = key if key is not None else secrets.token_bytes(32)
    cost = work or (WORK if passphrase else WORK_UNATTENDED)
    secret: Any = passphrase.encode()  # the function is annotated for text and works on bytes only
    document = create_keyfile_json(raw, secret, kdf="scrypt", iterations=cost)
    return json.dumps(document, indent=2) + "\n"
