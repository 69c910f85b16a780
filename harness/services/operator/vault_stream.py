"""A stream on the vault rail: paid for while it runs.

Deltas go out as they come. Every 256 tokens, or $0.002, the stream stops at a checkpoint: what was handed
out so far is written down and told (`halo: usage`), and the consumer answers with a receipt. The value
that no receipt covers never passes the credit: then the stream waits, the provider with it, for up to 30
seconds, and ends with what was receipted. A consumer that hangs up owes what it receipted and at most
one checkpoint more. When the way to it is lost instead, the answer is finished as far as the credit goes
and kept: the same key gets it whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from harness.inference.chunks import Assembler
from harness.inference.provider import Delta, Usage
from harness.protocol import estimate
from harness.services.operator.answers import Answer, Refusal, refuse
from harness.services.operator.job import ConsumerGone, Job
from harness.services.operator.upstream import UPSTREAM_SECONDS, Upstream, seconds_for, timed_out
from harness.services.operator.vault import Serving, VaultRail

CHECKPOINT_TOKENS = 256
CHECKPOINT_BASE = 2_000  # base units: $0.002
STALL_SECONDS = 30.0
NO_CREDIT = "vault_credit_window_exceeded"

_log = logging.getLogger(__name__)


class Meter:
    """Counts a stream's tokens as they pass, by the estimator that both sides share."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._prompt = estimate.prompt_tokens(body)
        self._characters = 0
        self._reported: Usage | None = None

    @property
    def usage(self) -> Usage:
        """What the provider reported, once it has; until then what was counted."""
        if self._reported is not None:
            return self._reported
        return self.counted(0)

    def counted(self, more: int) -> Usage:
        """The count with so many characters more."""
        tokens = -(-(self._characters + more) // estimate.CHARACTERS_PER_TOKEN)
        return Usage(self._prompt, tokens, estimated=True)

    def take(self, delta: Delta) -> None:
        self._characters += characters(delta.data)
        if delta.usage is not None:
            self._reported = delta.usage


def characters(chunk: Mapping[str, Any]) -> int:
    """The characters a chunk adds to an answer: text, reasoning, calls."""
    total = 0
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        delta = choice.get("delta") if isinstance(choice, Mapping) else None
        if not isinstance(delta, Mapping):
            continue
        for name in ("content", "reasoning_content", "reasoning", "refusal"):
            if isinstance(delta.get(name), str):
                total += len(delta[name])
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping):
                total += len(str(function.get("name") or ""))
                total += len(str(function.get("arguments") or ""))
    return total


class VaultStream:
    """One streamed answer."""

    def __init__(self, rail: VaultRail, serving: Serving) -> None:
        self._rail = rail
        self._serving = serving
        self._job = serving.job
        self._meter = Meter(serving.job.body)
        self._handed = 0  # base units of what has gone out
        self._told = (0, 0)  # tokens and base units at the last checkpoint
        self._assembler = Assembler()
        self._unattended = False  # nobody is reached any more; finished for a retry

    async def run(self) -> None:
        """Stream, charge, answer. Raises Refusal while nothing was sent; ConsumerGone."""
        try:
            await self._forward()
            whole = self._whole(self._meter.usage)
            if self._unattended and whole is None:
                raise ConsumerGone  # too long to be kept
        except ConsumerGone:
            await self._leave(self._serving.admission.receipted() + CHECKPOINT_BASE)
            raise
        except Refusal as refusal:
            if self._job.chunks == 0:
                raise
            await self._break_off(refusal)
            return
        usage = self._meter.usage
        charge = self._serving.rate.charge(usage, self._serving.admission.ceiling)
        await self._rail.conclude(
            self._serving, usage, charge.base, Answer(200, None), charge.lost, whole
        )

    # -- while it runs -------------------------------------------------------------------------

    async def _forward(self) -> None:
        async with pumped(self._rail.upstream, self._job, self._go_on) as deltas:
            async for delta in deltas:
                await self._make_room(delta)
                self._meter.take(delta)
                await self._hand({name: it for name, it in delta.data.items() if name != "halo"})
                if self._unattended:
                    continue  # what is only kept was handed to nobody
                self._handed = self._cost(self._meter.counted(0))
                tokens, base = self._told
                counted = self._meter.counted(0).total
                if counted - tokens >= CHECKPOINT_TOKENS or self._handed - base >= CHECKPOINT_BASE:
                    await self._checkpoint()

    async def _hand(self, data: dict[str, Any]) -> None:
        self._assembler.add(data)
        if self._unattended:
            return
        try:
            await self._job.chunk(data)
        except ConsumerGone:
            self._go_on()

    def _go_on(self) -> None:
        """Finish the answer for a retry, if there can be one. Raises ConsumerGone."""
        if not self._job.cut or self._job.key is None:
            raise ConsumerGone
        self._unattended = True

    def _whole(self, usage: Usage) -> dict[str, Any] | None:
        """The answer as one body, for a retry; None when it cannot be told in one."""
        if self._job.key is None or self._job.body.get("n") not in (None, 1):
            return None
        body = self._assembler.body(usage)
        return body if self._job.fits(Answer(200, body)) else None

    def _cost(self, usage: Usage) -> int:
        return min(self._serving.rate.cost(usage), self._serving.admission.ceiling)

    async def _make_room(self, delta: Delta) -> None:
        """Wait until the credit covers the next piece. Raises Refusal when it does not in time."""
        next_cost = self._cost(self._meter.counted(characters(delta.data)))
        if self._covered(next_cost):
            return
        if self._unattended:
            raise ConsumerGone  # no receipt will come
        if self._handed == 0:  # reading the prompt is work done, whatever comes of it
            self._handed = min(next_cost, self._cost(self._meter.counted(0)))
        await self._checkpoint()
        try:
            async with asyncio.timeout(STALL_SECONDS):
                while not self._covered(next_cost):
                    bell = self._rail.bells.wait(self._serving.consumer)
                    await self._job.unless_gone(bell)
        except TimeoutError:
            raise refuse(
                402,
                NO_CREDIT,
                "no receipt came for what was streamed, so the stream ends here; "
                "answer halo-usage events with receipts",
                NO_CREDIT,
            ) from None

    def _covered(self, next_cost: int) -> bool:
        serving = self._serving
        more = max(0, next_cost - serving.admission.accrued)
        return serving.tab.unpaid + more <= serving.window or next_cost == 0

    async def _checkpoint(self) -> None:
        serving = self._serving
        usage = self._meter.counted(0)
        serving.admission.accrue(self._handed)
        self._told = (usage.total, self._handed)
        await self._rail.keep_accrued(serving, usage.total)
        await self._job.chunk(
            {
                "halo": "usage",
                "tokens": usage.total,
                "costBase": str(serving.admission.accrued),
                "cumulativeProposed": str(serving.tab.owed),
                "cycle": str(serving.tab.cycle),
            }
        )

    # -- ends ----------------------------------------------------------------------------------

    async def _leave(self, most: int) -> None:
        """The consumer hung up: charge what is covered and at most one checkpoint."""
        amount = min(self._handed, most)
        if self._job.chunks == 0 or amount == 0:
            return  # nothing was handed out; the admission is released
        if not self._job.cut:  # where the way was lost it was not the consumer who left
            self._serving.tab.lose(self._handed - amount, self._serving.window)
        await self._rail.conclude(self._serving, self._meter.counted(0), amount, Answer(200, None))

    async def _break_off(self, refusal: Refusal) -> None:
        """The stream cannot go on: charge what was receipted, say why."""
        error = refusal.answer.body["error"]
        with suppress(ConsumerGone):
            await self._job.chunk(
                {"halo": "error", "status": refusal.answer.status, "error": error}
            )
        amount = min(self._handed, self._serving.admission.receipted())
        if refusal.code == NO_CREDIT:  # its provider's failure is not held against a consumer
            self._serving.tab.lose(self._handed - amount, self._serving.window)
        await self._rail.conclude(self._serving, self._meter.counted(0), amount, refusal.answer)


@asynccontextmanager
async def pumped(
    upstream: Upstream, job: Job, go_on: Callable[[], None] | None = None
) -> AsyncIterator[AsyncIterator[Delta]]:
    """The provider's deltas, read in a task of their own and one ahead at most.

    A consumer that reads slowly, or a stream that waits for its receipt, holds the provider back. When the
    consumer is gone `go_on` decides: it raises ConsumerGone, or returns to have the rest read.
    """
    queue: asyncio.Queue[Delta | Refusal | None] = asyncio.Queue(1)

    async def pump() -> None:
        try:
            async with aclosing(upstream.stream(job)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    await queue.put(delta)
        except Refusal as refusal:
            await queue.put(refusal)
        else:
            await queue.put(None)

    async def read() -> AsyncIterator[Delta]:
        seconds = seconds_for(job)
        while True:
            try:
                async with asyncio.timeout(seconds):
                    try:
                        found = await job.unless_gone(queue.get())
                    except ConsumerGone:
                        if go_on is None:
                            raise
                        go_on()
                        found = await queue.get()
            except TimeoutError:
                raise timed_out() from None
            seconds = UPSTREAM_SECONDS
            if found is None:
                return
            if isinstance(found, Refusal):
                raise found
            yield found

    pumping = asyncio.create_task(pump())
    pumping.add_done_callback(lambda done: _ended(done, queue))
    try:
        yield read()
    finally:
        pumping.cancel()
        await asyncio.wait((pumping,))


def _ended(done: asyncio.Task[None], queue: asyncio.Queue[Delta | Refusal | None]) -> None:
    """A provider's bug must not leave the stream waiting."""
    if not done.cancelled() and done.exception() is not None:
        _log.error("the provider failed", exc_info=done.exception())
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(timed_out())
