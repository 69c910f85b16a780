"""The address book: what is deployed on a chain, in `deployments/<chain id>/`.

One JSON file per contract and an index. It is written after each step and never overwritten
silently: a different address for a known name is an error until the old entry is archived. The book
belongs to one chain, told apart from others with the same id by its genesis block.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.chain.interface import Chain
from harness.diamond.artifacts import Abi
from harness.errors import ConfigError
from harness.protocol.addresses import Address, to_address
from harness.store.files import write_atomically

FOLDER = "deployments"
INDEX = "index.json"
CHAIN = "chain.json"
_MODE = 0o644  # public facts; only their writer may change them


@dataclass(frozen=True)
class Record:
    """One deployed contract. `transaction` is empty for code that was found or placed."""

    name: str
    address: Address
    abi: Abi
    arguments: tuple[str, ...]
    transaction: str
    block: int
    code_hash: str
    builder: str
    source_path: str

    def to_json(self) -> dict[str, Any]:
        return {
            "contractName": self.name,
            "address": self.address,
            "transaction": self.transaction,
            "block": self.block,
            "codeHash": self.code_hash,
            "builder": self.builder,
            "sourcePath": self.source_path,
            "arguments": list(self.arguments),
            "abi": list(self.abi),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Record:
        return cls(
            document["contractName"],
            to_address(document["address"]),
            document["abi"],
            tuple(document["arguments"]),
            document["transaction"],
            document["block"],
            document["codeHash"],
            document["builder"],
            document["sourcePath"],
        )


class AddressBook:
    """The records of one chain below a root folder."""

    def __init__(self, root: Path, chain_id: int) -> None:
        self.chain_id = chain_id
        self.root = root
        self.folder = root / str(chain_id)

    @classmethod
    def of(cls, chain: Chain, root: Path) -> AddressBook:
        """The book of a chain; ConfigError when the book there belongs to another one."""
        book = cls(root, chain.chain_id)
        genesis = "0x" + chain.block(0).hash.hex()
        recorded = book.genesis()
        if recorded is not None and recorded != genesis:
            raise ConfigError(
                f"{book.folder} describes another chain {chain.chain_id} (genesis {recorded}, "
                f"the node has {genesis}); move it away or archive it"
            )
        return book

    @classmethod
    def of_dev_chain(cls, chain: Chain, root: Path) -> tuple[AddressBook, Path | None]:
        """The book of a chain we own. One that started over gets a new book; the old one is archived.

        A chain started over when its genesis differs, or when the Diamond of the book has no code.
        """
        book = cls(root, chain.chain_id)
        genesis = "0x" + chain.block(0).hash.hex()
        diamond = book.addresses().get("Diamond")
        gone = diamond is not None and not chain.code(diamond)
        if gone or book.genesis() not in (None, genesis):
            return cls(root, chain.chain_id), book.archive()
        return book, None

    def genesis(self) -> str | None:
        """Hash of the genesis block that the book was written for."""
        path = self.folder / CHAIN
        return str(_read(path)["genesis"]) if path.exists() else None

    def names(self) -> list[str]:
        return sorted(self.addresses())

    def addresses(self) -> dict[str, Address]:
        """Everything by name."""
        path = self.folder / INDEX
        if not path.exists():
            return {}
        return {name: to_address(value) for name, value in _read(path).items()}

    def find(self, name: str) -> Record | None:
        path = self.folder / f"{name}.json"
        return Record.from_json(_read(path)) if path.exists() else None

    def address(self, name: str) -> Address:
        """ConfigError when the name is not in the book."""
        found = self.addresses().get(name)
        if found is None:
            raise ConfigError(f"{name} is not in {self.folder}; deploy first")
        return found

    def write(self, record: Record, genesis: bytes, *, replace: bool = False) -> None:
        """Add a record. A known name with another address needs `replace`, which archives the old."""
        present = self.find(record.name)
        if present is not None and present.address != record.address:
            if not replace:
                raise ConfigError(
                    f"{record.name} is {present.address} in {self.folder}, not {record.address}"
                )
            old = self.folder / "replaced" / f"{record.name}.{present.address}.json"
            old.parent.mkdir(exist_ok=True)
            write_atomically(old, _text(present.to_json()), _MODE)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.genesis() is None:
            chain = {"chainId": self.chain_id, "genesis": "0x" + genesis.hex()}
            write_atomically(self.folder / CHAIN, _text(chain), _MODE)
        write_atomically(self.folder / f"{record.name}.json", _text(record.to_json()), _MODE)
        index = {**self.addresses(), record.name: record.address}
        write_atomically(self.folder / INDEX, _text(dict(sorted(index.items()))), _MODE)

    def archive(self) -> Path | None:
        """Move the whole book aside, for a chain that started over; where it went."""
        if not self.folder.exists():
            return None
        number = 1
        while (target := self.root / f"{self.chain_id}.old-{number}").exists():
            number += 1
        self.folder.rename(target)
        return target


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as reason:
        raise ConfigError(f"cannot read {path}: {reason}") from None


def _text(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"
