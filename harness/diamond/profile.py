"""What an agent says about itself: persona, price, public face, lessons.

No facet of its own: these are values of RegistryFacet's metadata under agreed keys, which the holder of
the identity alone may write. The rules of each value are in `harness.protocol.profile`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.chain.records import Receipt
from harness.diamond.registry import Registry
from harness.protocol import profile


class Profiles:
    """Writes refuse with ValueError before anything is sent."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def persona(self, identity: int) -> str:
        """The system prompt under which the agent answers; empty when none is published."""
        return profile.decode_persona(self._registry.metadata(identity, profile.PERSONA))

    def set_persona(self, identity: int, text: str, *, key: str | None = None) -> Receipt:
        return self._set(identity, profile.PERSONA, profile.encode_persona(text), key)

    def price(self, identity: int) -> int:
        """Wei of $LH for a call: the advertised price, or the platform's default."""
        advertised = self.advertised_price(identity)
        return profile.DEFAULT_PRICE if advertised is None else advertised

    def advertised_price(self, identity: int) -> int | None:
        return profile.decode_price(self._registry.metadata(identity, profile.X402_PRICE))

    def set_price(self, identity: int, wei: int | None, *, key: str | None = None) -> Receipt:
        """None advertises nothing, so that the default holds; 0 is free."""
        return self._set(identity, profile.X402_PRICE, profile.encode_price(wei), key)

    def public_face(self, identity: int) -> str:
        """`directory`, `app` or `html`."""
        return profile.decode_face(self._registry.metadata(identity, profile.PUBLIC_FACE))

    def set_public_face(
        self, identity: int, face: str | None, *, key: str | None = None
    ) -> Receipt:
        return self._set(identity, profile.PUBLIC_FACE, profile.encode_face(face), key)

    def lessons(self, identity: int) -> tuple[str, ...]:
        """At most ten, one line each, in the order they were learnt."""
        return profile.decode_lessons(self._registry.metadata(identity, profile.LESSONS))

    def set_lessons(
        self, identity: int, lessons: Iterable[str], *, key: str | None = None
    ) -> Receipt:
        """All of them anew."""
        return self._set(identity, profile.LESSONS, profile.encode_lessons(lessons), key)

    def record_lesson(self, identity: int, lesson: str, *, key: str | None = None) -> Receipt:
        """One more; ValueError when it is there already or there is no room."""
        return self.set_lessons(identity, (*self.lessons(identity), lesson), key=key)

    def publish(
        self,
        identity: int,
        *,
        persona: str | None = None,
        price: int | None = None,
        public_face: str | None = None,
        lessons: Iterable[str] | None = None,
        key: str | None = None,
    ) -> Receipt:
        """Several at once, in one transaction; what is None stays as it is."""
        given: tuple[tuple[bytes, Any, Any], ...] = (
            (profile.PERSONA, profile.encode_persona, persona),
            (profile.X402_PRICE, profile.encode_price, price),
            (profile.PUBLIC_FACE, profile.encode_face, public_face),
            (profile.LESSONS, profile.encode_lessons, lessons),
        )
        fields = [(field, encode(value)) for field, encode, value in given if value is not None]
        if not fields:
            raise ValueError("nothing to publish")
        names, values = zip(*fields, strict=True)
        return self._registry.set_metadata_many(identity, names, values, key=key)

    def _set(self, identity: int, field: bytes, value: bytes, key: str | None) -> Receipt:
        return self._registry.set_metadata(identity, field, value, key=key)
