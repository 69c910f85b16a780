"""Names of files by what they hold: IPFS (a UnixFS file, CID version 0) and Swarm (its chunk tree)."""

from __future__ import annotations

from hashlib import sha256

from compiler.evm.keccak import keccak256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
IPFS_CHUNK, IPFS_LINKS = 256 * 1024, 174
SWARM_CHUNK, SWARM_BRANCHES = 4096, 128

_Block = tuple[
    bytes, int, int
]  # multihash, bytes of the file below it, bytes of all blocks below it


def ipfs_hash(data: bytes) -> bytes:
    """The multihash of a file as `ipfs add` makes it."""
    chunks = [data[at : at + IPFS_CHUNK] for at in range(0, len(data), IPFS_CHUNK)] or [b""]
    level = [_leaf(chunk) for chunk in chunks]
    while len(level) > 1:
        groups = (level[at : at + IPFS_LINKS] for at in range(0, len(level), IPFS_LINKS))
        level = [_node(group) for group in groups]
    return level[0][0]


def ipfs_name(data: bytes) -> str:
    """The hash as people write it: `Qm…`."""
    number, text = int.from_bytes(ipfs_hash(data), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return text


def _leaf(chunk: bytes) -> _Block:
    size = _varint(len(chunk))
    content = b"\x12" + size + chunk if chunk else b""
    return _block(_field(0x0A, b"\x08\x02" + content + b"\x18" + size), len(chunk), 0)


def _node(links: list[_Block]) -> _Block:
    size, stored = sum(link[1] for link in links), sum(link[2] for link in links)
    listed = b"".join(
        _field(0x12, _field(0x0A, multihash) + b"\x12\x00\x18" + _varint(below))
        for multihash, _, below in links
    )
    sizes = b"".join(b"\x20" + _varint(part) for _, part, _ in links)
    return _block(listed + _field(0x0A, b"\x08\x02\x18" + _varint(size) + sizes), size, stored)


def _block(content: bytes, size: int, stored: int) -> _Block:
    return b"\x12\x20" + sha256(content).digest(), size, stored + len(content)


def _field(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(0x80 | number & 0x7F)
        number >>= 7
    return bytes((*found, number))


def swarm_hash(data: bytes) -> bytes:
    """The address of a file in Swarm."""
    return _chunk(data, False) if data else bytes(32)


def _chunk(data: bytes, inner: bool) -> bytes:
    """A chunk's address; a full last chunk among larger ones is wrapped once (`inner`)."""
    content = data
    if len(data) > SWARM_CHUNK or (inner and len(data) == SWARM_CHUNK):
        span = SWARM_CHUNK
        while span * SWARM_BRANCHES < len(data):
            span *= SWARM_BRANCHES
        parts = (data[at : at + span] for at in range(0, len(data), span))
        content = b"".join(_chunk(part, span > SWARM_CHUNK) for part in parts)
    row = content.ljust(SWARM_CHUNK, b"\0")
    while len(row) > 32:
        row = b"".join(keccak256(row[at : at + 64]) for at in range(0, len(row), 64))
    return keccak256(len(data).to_bytes(8, "little") + row)
