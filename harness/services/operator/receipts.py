"""Receipts from consumers: verified against the chain, written down, and only then counted.

accepted                 on disk, counts against what is owed
accepted, provisional    on disk; the chain could not be asked, so it does not count yet
refused                  with the reason; nothing was kept
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harness import faults
from harness.protocol.addresses import Address, to_address
from harness.protocol.json_text import parse_json
from harness.protocol.recovery import recover_signer
from harness.protocol.vault import RECEIPT, SignedReceipt, vault_domain
from harness.protocol.vault import Receipt as UnsignedReceipt
from harness.services.operator.credit import StaleCycle, Tab, Tabs
from harness.services.operator.gate import ChainUnread, Gate, SessionKey
from harness.services.operator.office import Office
from harness.store.operator import OperatorJournal, ProvisionalReceipt, TabRow

NOT_HIGHER = "receipt_not_higher"
STALE_CYCLE = "vault_cycle_stale"
KEY_MISMATCH = "vault_session_key_mismatch"
TOO_HIGH = "receipt_exceeds_reservation"
MALFORMED = "invalid_receipt"
WRONG_OPERATOR = "wrong_operator"
UNVERIFIED = "chain_unavailable"

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_log = logging.getLogger(__name__)


class BadReceipt(Exception):
    """Refused; `reason` is a word of the wire."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class OfferedReceipt:
    """A receipt as it arrived; cycle None means the present one."""

    consumer: Address
    cumulative: int
    signature: bytes
    cycle: int | None

    @classmethod
    def read(
        cls, consumer: str, cumulative: Any, signature: Any, cycle: Any = None
    ) -> OfferedReceipt:
        """From the members of a frame or header. Raises BadReceipt."""
        if not isinstance(signature, str) or _SIGNATURE.fullmatch(signature) is None:
            raise BadReceipt(MALFORMED)
        raw = bytes.fromhex(signature[2:])
        if int.from_bytes(raw[32:64], "big") > _HALF_ORDER or raw[64] not in (27, 28):
            raise BadReceipt(MALFORMED)
        try:
            address = to_address(consumer.lower())
        except (ValueError, AttributeError):
            raise BadReceipt(MALFORMED) from None
        number = None if cycle in (None, "", "0", 0) else _number(cycle)
        return cls(address, _number(cumulative), raw, number)

    @classmethod
    def from_header(cls, consumer: Address, header: str) -> OfferedReceipt:
        """X-Halo-Receipt: base64 of {cumulative, signature[, cycle]}. Raises BadReceipt."""
        try:
            wire = parse_json(base64.b64decode(header, validate=True))
        except (binascii.Error, ValueError):
            raise BadReceipt(MALFORMED) from None
        if not isinstance(wire, dict):
            raise BadReceipt(MALFORMED)
        return cls.read(consumer, wire.get("cumulative"), wire.get("signature"), wire.get("cycle"))


def _number(value: Any) -> int:
    text = str(value) if type(value) in (int, str) else ""
    if _DECIMAL.fullmatch(text) is None:
        raise BadReceipt(MALFORMED)
    return int(text)


class ReceiptDesk:
    """Takes receipts for one operator and vault. `changed` is told whose tab has moved."""

    def __init__(
        self,
        chain_id: int,
        vault: Address,
        operator: Address,
        tabs: Tabs,
        gate: Gate,
        journal: OperatorJournal,
        office: Office,
        changed: Callable[[Address], None],
    ) -> None:
        self._separator = vault_domain(chain_id, vault).separator
        self._operator = operator
        self._tabs = tabs
        self._gate = gate
        self._journal = journal
        self._office = office
        self._changed = changed

    async def take(self, offered: OfferedReceipt) -> bool:
        """Keep a receipt; whether only provisionally. Raises BadReceipt."""
        try:
            tab = await self._tab(offered)
            await self._check(offered, tab)
        except ChainUnread:
            return await self._provisionally(offered)
        if offered.cumulative > tab.held:
            faults.reach("operator.receipt_keeping")
            row = tab_row(offered.consumer, tab)
            row = replace(row, held=offered.cumulative, signature=offered.signature)
            await self._office.in_thread(self._journal.keep_tab, row)
            faults.reach("operator.receipt_kept")
            tab.receive(offered.cumulative)
            tab.used_at = self._gate.chain_time()
        self._changed(offered.consumer)
        return False

    async def settle_provisional(self) -> None:
        """Look again at receipts that the chain could not be asked about."""
        for kept in await self._office.in_thread(self._journal.provisional_receipts):
            offered = OfferedReceipt(kept.consumer, kept.cumulative, kept.signature, kept.cycle)
            try:
                if await self.take(offered):
                    return
            except BadReceipt as bad:
                _log.warning(
                    "a provisional receipt is not good",
                    extra={"consumer": kept.consumer, "reason": bad.reason},
                )
            await self._office.in_thread(self._journal.drop_provisional, kept)

    async def stored(self, consumer: Address, tab: Tab) -> SignedReceipt | None:
        """The highest receipt of a tab as it is redeemed. Raises ChainUnread."""
        row = await self._office.in_thread(self._journal.tab, consumer, tab.cycle)
        if row is None or row.signature is None:
            return None
        epoch = (await self._gate.session_key(consumer)).epoch
        receipt = UnsignedReceipt(consumer, self._operator, row.held, epoch, row.cycle)
        return SignedReceipt(receipt, row.signature)

    # -- how -----------------------------------------------------------------------------------

    async def _tab(self, offered: OfferedReceipt) -> Tab:
        """The tab of the receipt's cycle; read anew when ours cannot tell."""
        tab = self._tabs.newest(offered.consumer)
        known = (
            tab is not None
            and offered.cycle in (None, tab.cycle)
            and offered.cumulative <= tab.collectable
        )
        if tab is None or not known:
            reading = await self._gate.read(offered.consumer)
            if reading.pair.cycle == 0:
                raise BadReceipt(STALE_CYCLE)
            try:
                tab = self._tabs.at(offered.consumer, reading.pair)
            except StaleCycle:
                raise ChainUnread from None  # a node that lags behind: look again later
        if offered.cycle not in (None, tab.cycle):
            raise BadReceipt(STALE_CYCLE)
        if offered.cumulative > tab.collectable:
            raise BadReceipt(TOO_HIGH)
        return tab

    async def _check(self, offered: OfferedReceipt, tab: Tab) -> None:
        if offered.cumulative < tab.held:
            raise BadReceipt(NOT_HIGHER)
        for fresh in (False, True):  # a key that was changed shows as a wrong signature first
            key = await self._gate.session_key(offered.consumer, fresh=fresh)
            if self._signed_by(offered, tab.cycle, key):
                return
        raise BadReceipt(KEY_MISMATCH)

    def _signed_by(self, offered: OfferedReceipt, cycle: int, key: SessionKey) -> bool:
        values = (offered.consumer, self._operator, offered.cumulative, key.epoch, cycle)
        digest = RECEIPT.digest(self._separator, values)
        try:
            return key.set and recover_signer(digest, offered.signature) == key.signer
        except ValueError:
            return False

    async def _provisionally(self, offered: OfferedReceipt) -> bool:
        """Only what the key known last has signed: strangers must not push honest receipts out."""
        tab = self._tabs.newest(offered.consumer)
        key = self._gate.last_key(offered.consumer)
        cycle = offered.cycle or (tab.cycle if tab is not None else None)
        if cycle is None or key is None or not self._signed_by(offered, cycle, key):
            raise BadReceipt(UNVERIFIED)
        kept = ProvisionalReceipt(offered.consumer, cycle, offered.cumulative, offered.signature)
        await self._office.in_thread(self._journal.keep_provisional, kept)
        return True


def tab_row(consumer: Address, tab: Tab) -> TabRow:
    """A tab for the journal, without a receipt."""
    return TabRow(
        consumer=consumer,
        cycle=tab.cycle,
        served=tab.served,
        voided=tab.voided,
        held=tab.held,
        redeemed=tab.redeemed,
        collectable=tab.collectable,
        created=tab.created,
        expiry=tab.expiry,
    )
