"""Whether the vault is the one we were told of, before anything is funded, reserved or signed for it.

The facilitator, the chain and our own configuration must agree; what cannot be checked counts as wrong,
and no option skips the check.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.clients.errors import ServiceError
from harness.clients.facilitator import FacilitatorClient
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin
from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION, vault_domain
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.workers import Workers

RETRY_SECONDS = 5.0
FRESH_SECONDS = 3_600.0


@dataclass(frozen=True)
class VaultTerms:
    """What was found out. Seconds; `separator` is of the vault's EIP-712 domain."""

    separator: bytes
    redeem_grace: int
    max_reserve_ttl: int
    epoch: int


class VaultIdentity:
    """Checked once an hour, and again after every failure."""

    def __init__(
        self,
        vault: Vault,
        token: Address,
        consumer: Address,
        session_key: Address,
        facilitator: FacilitatorClient,
        workers: Workers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._token = token
        self._consumer = consumer
        self._session_key = session_key
        self._facilitator = facilitator
        self._workers = workers
        self._clock = clock
        self._found: VaultTerms | None = None
        self._at = -FRESH_SECONDS
        self._refusal: Refusal | None = None
        self._refused_at = -RETRY_SECONDS

    def verified(self) -> VaultTerms | None:
        """The terms, if they were checked lately: no waiting on the way of a request."""
        fresh = self._clock() - self._at < FRESH_SECONDS
        return self._found if fresh else None

    async def check(self) -> VaultTerms:
        """Raises Refusal: vault_unverified, session_key_mismatch, chain_unavailable."""
        known = self.verified()
        if known is not None:
            return known
        now = self._clock()
        if self._refusal is not None and now - self._refused_at < RETRY_SECONDS:
            raise self._refusal
        try:
            self._found = await self._check()
        except Refusal as refusal:
            self._refusal, self._refused_at = refusal, now
            raise
        self._at, self._refusal = now, None
        return self._found

    async def _check(self) -> VaultTerms:
        try:
            info = await self._facilitator.vault_info()
        except ServiceError as failure:
            raise Refusal(
                "vault_unverified", f"The facilitator does not say which vault it uses: {failure}."
            ) from None
        chain_id = self._vault.chain.chain_id
        ours = (self._vault.address, chain_id, self._token, DOMAIN_NAME, DOMAIN_VERSION)
        theirs = (info.vault, info.chain_id, info.token, info.domain_name, info.domain_version)
        if ours != theirs:
            raise Refusal(
                "vault_unverified",
                f"This wallet is configured for the vault {self._vault.address} on chain {chain_id}, "
                f"the facilitator works with {info.vault} on chain {info.chain_id}.",
                configured=self._vault.address,
                facilitator=info.vault,
            )
        try:
            return await self._workers.chain(self._on_chain)
        except Refusal as failure:
            if failure.code != "chain_unavailable":
                raise
            raise Refusal("vault_unverified", "The vault could not be read.") from None

    def _on_chain(self) -> VaultTerms:
        """In a worker thread."""
        vault, chain = self._vault, self._vault.chain
        if not chain.code(vault.address):
            raise _unverified(f"there is no contract at {vault.address}")
        separator = vault.vault_domain_separator()
        if separator != vault_domain(chain.chain_id, vault.address).separator:
            raise _unverified(f"{vault.address} signs for another domain than the Halo vault's")
        admin = VaultAdmin(chain, vault.address)
        if admin.vault_token() != self._token:
            raise _unverified(f"{vault.address} holds another token than {self._token}")
        registered = vault.session_key(self._consumer)
        if registered not in (ZERO_ADDRESS, self._session_key):
            raise Refusal(
                "session_key_mismatch",
                f"The vault knows the session key {registered} for this wallet; this sidecar would sign "
                f"with {self._session_key}.",
                registered=registered,
                expected=self._session_key,
            )
        return VaultTerms(
            separator,
            admin.redeem_grace(),
            admin.max_reserve_ttl(),
            vault.key_epoch(self._consumer),
        )


def _unverified(why: str) -> Refusal:
    return Refusal("vault_unverified", f"This is not the vault that was configured: {why}.")
