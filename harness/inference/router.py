"""Which provider answers for a model, and which are shut because their account does not work.

A refused key or an empty account does not heal by itself: after the first such failure a provider's
models are withdrawn, so that nobody pays for a request which must fail. It is asked again every minute
and comes back when it answers. Busy or broken upstreams never shut a provider.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from harness.inference.provider import (
    Completion,
    Delta,
    FaultKind,
    Json,
    ModelInfo,
    Price,
    Provider,
    ProviderError,
)

REPROBE_SECONDS = 60.0

_log = logging.getLogger(__name__)


class GuardedProvider:
    """A provider behind its breaker; offers the same as the provider."""

    def __init__(self, inner: Provider, changed: Callable[[], None]) -> None:
        self.inner = inner
        self.slug = inner.slug
        self.models = inner.models
        self.confidential = inner.confidential
        self.fault: ProviderError | None = None  # why it is shut; None: open for work
        self._changed = changed

    @property
    def shut(self) -> bool:
        return self.fault is not None

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        self._admit()
        try:
            return await self.inner.complete(body, headers)
        except ProviderError as error:
            self.note(error)
            raise

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        self._admit()
        try:
            async with aclosing(self.inner.stream(body, headers)) as deltas:
                async for delta in deltas:
                    yield delta
        except ProviderError as error:
            self.note(error)
            raise

    async def probe(self) -> None:
        """Ask the provider itself, shut or not; its answer opens or shuts the breaker. Raises ProviderError."""
        try:
            await self.inner.probe()
        except ProviderError as error:
            self.note(error)
            raise
        self.reset()

    async def list_models(self) -> list[ModelInfo]:
        return await self.inner.list_models()

    async def price(self, model: str) -> Price | None:
        return await self.inner.price(model)

    async def signature(self, completion_id: str, model: str) -> Json | None:
        return await self.inner.signature(completion_id, model)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def note(self, error: ProviderError) -> None:
        """Shut the breaker for a fault that will not pass; others leave it as it is."""
        if not error.kind.sticky:
            return
        was_shut, self.fault = self.shut, error
        if not was_shut:
            _log.error("provider shut", extra={"provider": self.slug, "reason": str(error.kind)})
            self._changed()

    def reset(self) -> None:
        """Open for work again."""
        was_shut, self.fault = self.shut, None
        if was_shut:
            _log.info("provider open again", extra={"provider": self.slug})
            self._changed()

    def _admit(self) -> None:
        if self.fault is not None:
            raise ProviderError(self.fault.status, self.fault.kind, False, str(self.fault))


class Router:
    """Providers in the order of their priority; the first is the primary one.

    `changed` is called, in the event loop, whenever the list of announced models has changed. `clock`
    counts seconds.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        changed: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = time.monotonic,
        reprobe_seconds: float = REPROBE_SECONDS,
    ) -> None:
        if not providers:
            raise ValueError("a router needs at least one provider")
        self.on_change = changed
        self.providers = [GuardedProvider(p, self._compare) for p in providers]
        self._told = self.announced()
        self._clock = clock
        self._every = reprobe_seconds
        self._probed: dict[int, float] = {}

    def for_model(self, model: str) -> GuardedProvider:
        """Exactly named, else one name containing the other, else the primary; open ones before shut ones."""
        wanted = model.lower()
        exact = [p for p in self.providers if model in p.models]
        alike = [p for p in self.providers if any(_contains(m.lower(), wanted) for m in p.models)]
        for found in (exact, alike, self.providers[:1]):
            if found:
                return next((p for p in found if not p.shut), found[0])
        raise AssertionError("there is always a primary provider")

    def announced(self) -> tuple[str, ...]:
        """Models of all open providers, without repetition, in order."""
        return tuple(dict.fromkeys(m for p in self.providers if not p.shut for m in p.models))

    def _compare(self) -> None:
        """Another provider may serve the same models; then nothing has changed for the market."""
        before, self._told = self._told, self.announced()
        if self._told != before:
            self.on_change()

    def confidential_models(self) -> tuple[str, ...]:
        """Those of them that an enclave answers."""
        return tuple(m for m in self.announced() if self.for_model(m).confidential)

    async def probe_all(self) -> list[tuple[str, ProviderError | None]]:
        """At startup: probe each provider, all at once; what each said. Never raises for a provider."""

        async def one(provider: GuardedProvider) -> tuple[str, ProviderError | None]:
            try:
                await provider.probe()
            except ProviderError as error:
                return provider.slug, error
            return provider.slug, None

        return list(await asyncio.gather(*map(one, self.providers)))

    async def reprobe(self) -> None:
        """Probe each shut provider whose last probe is a minute old. Call as often as you like."""
        now = self._clock()
        for index, provider in enumerate(self.providers):
            if not provider.shut:
                self._probed.pop(index, None)
                continue
            if now - self._probed.setdefault(index, now) < self._every:
                continue
            self._probed[index] = now
            try:
                await provider.probe()
            except ProviderError as error:
                if error.kind is FaultKind.INVALID:
                    provider.reset()  # it reads requests again, whatever it thinks of the probe
                _log.info(
                    "provider stays shut" if provider.shut else "provider answers again",
                    extra={"provider": provider.slug, "reason": str(error.kind)},
                )

    async def watch(self, pause: float = 1.0) -> None:
        """Re-probe until cancelled."""
        while True:
            await self.reprobe()
            await asyncio.sleep(pause)

    async def aclose(self) -> None:
        """Close all providers."""
        for provider in self.providers:
            await provider.aclose()


def _contains(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one in other or other in one)
