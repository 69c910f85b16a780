"""What an agent says about itself in its metadata, and how that is spelled on chain.

    persona       UTF-8                          the system prompt under which it answers
    x402_price    32 bytes, big-endian, wei      what a call costs; nothing means the platform's default
    public_face   directory | app | html         what a visitor of its name sees
    lessons       UTF-8, one a line              what it has learnt: 10 lines of 240 characters, 2,000 bytes

Encoding is strict, because what is published is our own; decoding takes whatever is on chain, because
anybody may have written it: what cannot be understood counts as not said.
"""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak

PERSONA = keccak(text="localharness.persona")
X402_PRICE = keccak(text="localharness.x402_price")
PUBLIC_FACE = keccak(text="localharness.public_face")
LESSONS = keccak(text="localharness.lessons")

DEFAULT_PRICE = 10**16  # wei of $LH: 0.01
DIRECTORY, APP, HTML = FACES = ("directory", "app", "html")
MAX_PERSONA_BYTES = 16_384  # what the registry takes
MAX_LESSONS = 10
MAX_LESSON_CHARACTERS = 240
MAX_LESSONS_BYTES = 2_000


def encode_persona(text: str) -> bytes:
    """ValueError when it is too long. An empty one takes the persona back."""
    value = text.encode()
    if len(value) > MAX_PERSONA_BYTES:
        raise ValueError(f"a persona has at most {MAX_PERSONA_BYTES} bytes, this one {len(value)}")
    return value


def decode_persona(value: bytes) -> str:
    return value.decode(errors="replace")


def encode_price(wei: int | None) -> bytes:
    """Wei of $LH; None advertises nothing, so that the default holds."""
    if wei is None:
        return b""
    if not 0 <= wei < 2**256:
        raise ValueError(f"{wei} wei is no price")
    return wei.to_bytes(32, "big")


def decode_price(value: bytes) -> int | None:
    """None when nothing, or nothing of 32 bytes, is advertised."""
    return int.from_bytes(value, "big") if len(value) == 32 else None


def encode_face(face: str | None) -> bytes:
    """None goes back to the default."""
    if face is not None and face not in FACES:
        raise ValueError(f"a public face is one of {', '.join(FACES)}, not {face!r}")
    return (face or "").encode()


def decode_face(value: bytes) -> str:
    """The directory page unless one of the others is chosen."""
    face = value.decode(errors="replace")
    return face if face in FACES else DIRECTORY


def encode_lessons(lessons: Iterable[str]) -> bytes:
    """All of them, one a line; ValueError that says which rule one breaks."""
    kept: list[str] = []
    for lesson in lessons:
        text = lesson.strip()
        if not text or len(text.splitlines()) != 1:
            raise ValueError("a lesson is one line of text")
        if len(text) > MAX_LESSON_CHARACTERS:
            raise ValueError(
                f"a lesson has at most {MAX_LESSON_CHARACTERS} characters, this one {len(text)}"
            )
        if text in kept:
            raise ValueError(f"{text!r} is there already")
        kept.append(text)
    if len(kept) > MAX_LESSONS:
        raise ValueError(f"at most {MAX_LESSONS} lessons, these are {len(kept)}")
    value = "\n".join(kept).encode()
    if len(value) > MAX_LESSONS_BYTES:
        raise ValueError(f"lessons have at most {MAX_LESSONS_BYTES} bytes, these {len(value)}")
    return value


def decode_lessons(value: bytes) -> tuple[str, ...]:
    """What is within the bounds of what anybody has written there: a prompt is built from it."""
    text = value[:MAX_LESSONS_BYTES].decode(errors="ignore")
    lines = [line.strip()[:MAX_LESSON_CHARACTERS] for line in text.splitlines()]
    return tuple(dict.fromkeys(line for line in lines if line))[:MAX_LESSONS]
