"""A streamed reply on the vault rail: chunks go on at once, receipts follow the operator's checkpoints.

Control events come from the operator beside the model's chunks, under encryption inside them, and are
recognised by their own member `halo`; what a model writes is text inside a chunk and can be none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from harness import faults
from harness.protocol.json_text import parse_json
from harness.services.consumer.ask import Ask
from harness.services.consumer.delivery import Bill, Json
from harness.services.consumer.directory import Offer
from harness.services.consumer.envelope import Letter
from harness.services.consumer.metering import (
    Charge,
    Usage,
    bound,
    delivered_cost,
    message_text,
    meter,
    natural,
    read_settlement,
    read_usage,
)
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import Broken, header_object
from harness.services.consumer.server_events import Event, EventTooLarge
from harness.services.consumer.tab import BROKE_OFF, Tab

SETTLEMENT_EVENT = "halo-settlement"


class StreamReader:
    """Reads one stream to its end, or until it is closed."""

    def __init__(self, ask: Ask, offer: Offer, letter: Letter, tab: Tab, bill: Bill) -> None:
        self._ask = ask
        self._offer = offer
        self._letter = letter
        self._tab = tab
        self._bill = bill
        self._text: list[str] = []
        self._usage: Usage | None = None
        self._settlement: Json | None = None
        self._whole = False

    async def start(self, events: AsyncIterator[Event]) -> AsyncIterator[Json]:
        """Wait for the first chunk, so that an early failure can still be an error status."""
        chunks = self._chunks(events)
        try:
            first = await chunks.__anext__()
        except StopAsyncIteration:
            raise Refusal("upstream_error", "The stream ended before its first chunk.") from None

        async def all_of_them() -> AsyncIterator[Json]:
            yield first
            async for chunk in chunks:
                yield chunk

        return all_of_them()

    async def close(self) -> None:
        """Settle. A whole stream by what the operator says, a broken one by what was delivered."""
        if self._whole:
            await self._settle()
        elif self._ask.gone.is_set():
            # The client left: what it has seen is owed, by the measure both sides share.
            cost = min(delivered_cost(self._ask, self._offer, self._output()), self._tab.ceiling)
            seen = cost if self._text else 0
            charge = Charge(max(seen, self._tab.charged), seen, None, "delivered")
            await self._tab.finish(charge)
        else:
            await self._tab.release(BROKE_OFF)
        self._bill.charged = self._tab.charged

    # -- reading -------------------------------------------------------------------------------

    async def _chunks(self, events: AsyncIterator[Event]) -> AsyncIterator[Json]:
        try:
            async for event in events:
                if event.name == SETTLEMENT_EVENT:
                    self._relay_settlement(event)
                elif event.name == "" and event.data == "[DONE]":
                    self._whole = True
                    break
                chunk = self._letter.open_event(event)
                if chunk is None:
                    continue
                if "halo" in chunk:
                    await self._control(chunk)
                    continue
                self._note(chunk)
                yield chunk
        except (Broken, EventTooLarge) as failure:
            raise Refusal("upstream_error", f"The stream broke off: {failure}.") from None
        if not self._whole:
            raise Refusal("upstream_error", "The stream ended before it was complete.")
        await self._settle()

    def _note(self, chunk: Json) -> None:
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if isinstance(delta, dict):
                self._text.append(message_text(delta))
        self._usage = read_usage(chunk) or self._usage

    async def _control(self, event: Json) -> None:
        kind = event.get("halo")
        if kind == "usage":
            await self._checkpoint(event)
        elif kind == "settlement":
            self._settlement = event
        elif kind == "error":
            error = event.get("error")
            told = error if isinstance(error, dict) else {}
            raise Refusal(
                "upstream_error",
                f"The operator stopped the stream ({str(told.get('code', 'no code'))[:100]}).",
                upstream={"status": event.get("status"), "code": str(told.get("code", ""))[:100]},
            )

    async def _checkpoint(self, event: Json) -> None:
        """An interim receipt, for no more than what has really arrived."""
        cost, tokens = natural(event.get("costBase")), natural(event.get("tokens"))
        if cost is None:
            return
        owed = bound(self._ask, self._offer, cost, self._output())
        await self._tab.checkpoint(owed, tokens)
        faults.reach("consumer.checkpoint")

    def _relay_settlement(self, event: Event) -> None:
        """The relay's own event counts only where nothing is encrypted."""
        if self._letter.sealed or self._settlement is not None:
            return
        headers = header_of(event)
        self._settlement = header_object(headers.get("payment-response"))

    def _output(self) -> str:
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    async def _settle(self) -> None:
        charge = meter(
            self._ask,
            self._offer,
            self._tab.ceiling,
            settlement=read_settlement(self._settlement, self._offer.operator),
            usage=self._usage,
            output=self._output(),
        )
        if charge is None:
            await self._tab.unmetered()
            self._bill.note = "the operator reported no usage; only what was receipted is charged"
        else:
            faults.reach("consumer.metered")
            settlement = read_settlement(self._settlement, self._offer.operator)
            await self._tab.finish(charge, settlement)
            self._bill.tokens = charge.tokens
            if charge.disputed:
                self._bill.note = (
                    f"the operator claimed {charge.claimed} base units; {charge.amount} are owed"
                )
        self._bill.charged = self._tab.charged


def header_of(event: Event) -> dict[str, str]:
    """The headers of the operator's last frame, names in lower case; empty when they are none."""
    try:
        found: Any = parse_json(event.data)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name).lower(): str(value) for name, value in found.items()}
