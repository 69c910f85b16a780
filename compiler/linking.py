"""Code that calls libraries by an address that is filled in when it is known.

Until then twenty bytes are missing at each call. As text they read `__$…$__`, with the start of the hash of the
library's `path:Name` between, as every deployment tool expects; as bytes such code does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ADDRESS_SIZE = 20


class UnlinkedCode(ValueError):
    """The code calls a library whose address nobody gave."""


class Linkable:
    """Code, and where the address of each library (by "path:Name") goes into it."""

    __slots__ = ("code", "links")

    def __init__(self, code: bytes = b"", links: Mapping[str, list[int]] | None = None) -> None:
        self.code = code
        self.links = dict(links or {})

    def linked(self, addresses: Mapping[str, bytes]) -> Linkable:
        """The code with the addresses that are known filled in."""
        code = bytearray(self.code)
        for name, places in self.links.items():
            for at in places if name in addresses else ():
                code[at : at + ADDRESS_SIZE] = addresses[name]
        left = {name: places for name, places in self.links.items() if name not in addresses}
        return Linkable(bytes(code), left)

    def whole(self) -> bytes:
        """The bytes; raises UnlinkedCode while an address is missing."""
        if self.links:
            raise UnlinkedCode(f"the address of library {min(self.links)} is missing")
        return self.code

    def text(self) -> str:
        """Hex digits, with a placeholder for each missing address."""
        text = self.code.hex()
        for name, places in self.links.items():
            for at in places:
                end = 2 * (at + ADDRESS_SIZE)
                text = text[: 2 * at] + placeholder(name) + text[end:]
        return text

    def references(self) -> dict[str, dict[str, list[dict[str, int]]]]:
        """Missing addresses by file and library, as in solc's `linkReferences`."""
        found: dict[str, dict[str, list[dict[str, int]]]] = {}
        for name, places in self.links.items():
            path, _, library = name.rpartition(":")
            found.setdefault(path, {})[library] = [
                {"length": ADDRESS_SIZE, "start": at} for at in places
            ]
        return found


def placeholder(name: str) -> str:
    """What stands for the address of the library "path:Name" in unlinked code."""
    from compiler.evm.keccak import keccak256

    return f"__${keccak256(name.encode()).hex()[:34]}$__"


def parse_libraries(texts: Iterable[str]) -> dict[str, bytes]:
    """`path:Name=0x…` entries, several in one text with commas or spaces between. Raises ValueError."""
    found: dict[str, bytes] = {}
    for entry in " ".join(texts).replace(",", " ").split():
        name, equals, address = entry.rpartition("=")
        if not equals or ":" not in name:
            raise ValueError(f"library {entry!r} is not FILE:NAME=ADDRESS")
        if name in found:
            raise ValueError(f"library {name} is given twice")
        found[name] = parse_address(name, address)
    return found


def parse_address(name: str, text: str) -> bytes:
    """A library's address: 0x and forty digits, with a right checksum where case is mixed."""
    from compiler.semantics.constants import checksummed

    digits = text[2:] if text.startswith("0x") else ""
    if len(digits) != 2 * ADDRESS_SIZE or any(c not in "0123456789abcdefABCDEF" for c in digits):
        raise ValueError(f"{text!r} for library {name} is no address: 0x and 40 digits")
    if digits not in (digits.lower(), digits.upper()) and checksummed(text) != text:
        raise ValueError(
            f"{text} for library {name} has a wrong checksum; right is {checksummed(text)}"
        )
    return bytes.fromhex(digits)
