"""What an operator tells the relay about itself, signed for one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.protocol.authorization import DigestSigner
from harness.protocol.frames import Announcement, announce_message, pubkey_message
from harness.protocol.personal import personal_sign
from harness.protocol.sealed import OperatorKey
from harness.services.operator.settings import OperatorSettings


@dataclass(frozen=True)
class Offer:
    """What can be sold now: models of providers that work. Prices are USD for a thousand tokens."""

    providers: Sequence[str] = ()
    models: Sequence[str] = ()
    tee_models: Sequence[str] = ()
    pricing: Mapping[str, str] | None = None
    context_length: Mapping[str, int] | None = None
    private: bool = False  # every provider is declared to keep nothing


class Announcer:
    """Signs announcements. The encryption key lives in memory and is attested by the wallet."""

    def __init__(self, settings: OperatorSettings, signer: DigestSigner, key: OperatorKey) -> None:
        self._settings = settings
        self._signer = signer
        self.renew(key)

    def renew(self, key: OperatorKey) -> None:
        """Offer another encryption key from the next announcement on."""
        self.key = key
        text = pubkey_message(self._signer.address, key.public_hex)
        self._attestation = personal_sign(self._signer, text)

    def announce(self, peer_id: str, offer: Offer, *, vault: bool) -> Announcement:
        """The announcement for the connection that the relay calls `peer_id`."""
        settings = self._settings
        return Announcement(
            address=self._signer.address,
            cli_version=settings.cli_version,
            provider=offer.providers[0] if offer.providers else "",
            providers=list(offer.providers),
            models=list(offer.models),
            tee_models=list(offer.tee_models),
            pricing=dict(offer.pricing or {}),
            context_length=dict(offer.context_length or {}),
            streaming=True,
            stream_receipts=True,
            vault_payments=vault,
            privacy=offer.private,
            flow_control=True,
            label=settings.label or "",
            data_retention=settings.data_retention,
            encryption_pubkey=self.key.public_hex,
            pubkey_attestation=self._attestation,
            max_concurrency=settings.max_concurrency,
            peer_id=peer_id,
            signature=personal_sign(self._signer, announce_message(self._signer.address, peer_id)),
        )
