"""The wallet's side of the vault: what is in it, putting in, taking out.

Before money or a signature goes anywhere the vault's identity is checked against configuration, chain
and facilitator; what cannot be checked counts as wrong and nothing skips it. Amounts in base units of
the dollar, times in seconds.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from harness.chain.interface import Chain
from harness.chain.outbox import Outbox
from harness.clients.errors import ServiceError
from harness.clients.facilitator import FacilitatorClient, VaultInfo
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultAdmin
from harness.errors import ConfigError, HarnessError
from harness.halo.config import HaloConfig
from harness.protocol.addresses import ZERO_ADDRESS, Address
from harness.protocol.amounts import DOLLARS
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION, vault_domain


@dataclass(frozen=True)
class Standing:
    """What the chain says of a wallet and the vault."""

    address: Address
    vault: Address
    balance: int
    locked: int
    withdrawable: int
    session_key: Address | None
    expected_key: Address
    wallet_usdc: int
    wallet_wei: int
    requested_at: int
    authorized: int
    executable_at: int
    now: int
    problem: str | None

    @property
    def key_matches(self) -> bool:
        return self.session_key in (None, self.expected_key)

    def to_json(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "vault": self.vault,
            "verified": self.problem is None,
            "problem": self.problem,
            "balanceBase": str(self.balance),
            "lockedBase": str(self.locked),
            "withdrawableBase": str(self.withdrawable),
            "sessionKey": self.session_key,
            "expectedSessionKey": self.expected_key,
            "sessionKeyMatches": self.key_matches,
            "walletUsdcBase": str(self.wallet_usdc),
            "walletWei": str(self.wallet_wei),
            "withdrawal": {
                "requestedAt": self.requested_at or None,
                "authorizedBase": str(self.authorized),
                "executableAt": self.executable_at or None,
            },
        }


class VaultDesk:
    """One wallet at one vault. `outbox` is needed to write."""

    def __init__(
        self,
        config: HaloConfig,
        chain: Chain,
        wallet: Address,
        session_key: Address,
        outbox: Outbox | None = None,
    ) -> None:
        if config.vault_address is None:
            raise ConfigError(
                f"no vault is configured on {config.chain.name}; run: halo setup --vault-address 0x…"
            )
        self._config = config
        self._chain = chain
        self._wallet = wallet
        self._key = session_key
        self._vault = Vault(chain, config.vault_address, outbox)
        self._admin = VaultAdmin(chain, config.vault_address)
        self._token = FwUsd(chain, config.chain.usdc.address, outbox)

    def standing(self) -> Standing:
        """Read everything; a vault that is not the right one is told in `problem`."""
        vault, wallet = self._vault, self._wallet
        problem = self.problem()
        there = bool(self._chain.code(vault.address))
        read = there and problem is None
        requested = vault.withdraw_requested_at(wallet) if read else 0
        key = vault.session_key(wallet) if read else ZERO_ADDRESS
        return Standing(
            address=wallet,
            vault=vault.address,
            balance=vault.balance(wallet) if read else 0,
            locked=vault.locked_total(wallet) if read else 0,
            withdrawable=vault.withdrawable(wallet) if read else 0,
            session_key=None if key == ZERO_ADDRESS else key,
            expected_key=self._key,
            wallet_usdc=self._token.balance_of(wallet),
            wallet_wei=self._chain.balance(wallet),
            requested_at=requested,
            authorized=vault.withdraw_authorized(wallet) if read else 0,
            executable_at=requested + self._admin.withdraw_timelock() if requested else 0,
            now=self._chain.block().timestamp,
            problem=problem,
        )

    def problem(self) -> str | None:
        """Why this is not the vault to trust, or None. Raises NodeError when the chain cannot be read."""
        vault, chain = self._vault, self._chain
        if not chain.code(vault.address):
            return f"there is no contract at {vault.address}"
        if vault.vault_domain_separator() != vault_domain(chain.chain_id, vault.address).separator:
            return f"{vault.address} signs for another domain than the Halo vault's"
        if self._admin.vault_token() != self._config.chain.usdc.address:
            return f"{vault.address} holds another token than {self._config.chain.usdc.address}"
        try:
            info = self._facilitator_says()
        except ServiceError as failure:
            return f"the facilitator does not say which vault it uses: {failure}"
        theirs = (info.vault, info.chain_id, info.domain_name, info.domain_version)
        if theirs != (vault.address, chain.chain_id, DOMAIN_NAME, DOMAIN_VERSION):
            return f"the facilitator works with the vault {info.vault} on chain {info.chain_id}"
        return None

    def check(self) -> Standing:
        """The standing; HarnessError when the vault or the session key is not the right one."""
        found = self.standing()
        if found.problem is not None:
            raise HarnessError(
                f"this is not the vault that was configured: {found.problem}; nothing was sent. "
                "Correct it with halo setup --vault-address or --facilitator-url"
            )
        if not found.key_matches:
            raise HarnessError(
                f"the vault knows the session key {found.session_key} for this wallet, expected is "
                f"{found.expected_key}; use the other --session-key, or withdraw and set it anew"
            )
        return found

    def deposit(self, amount: int) -> bytes:
        """Approve where needed and deposit; the transaction. The first deposit registers the session key."""
        found = self.check()
        if found.wallet_usdc < amount:
            raise HarnessError(
                f"{found.address} has {DOLLARS.show(found.wallet_usdc)}, the deposit is "
                f"{DOLLARS.show(amount)}; send USDC to {found.address} on {self._config.chain.name}"
            )
        if self._token.allowance(self._wallet, self._vault.address) < amount:
            self._token.approve(self._vault.address, amount)
        return self._vault.deposit(amount, self._key).transaction

    def request(self) -> Standing:
        """Ask for everything that is free; it can be taken after the timelock."""
        found = self.check()
        if found.withdrawable == 0:
            raise HarnessError(
                f"nothing is free to withdraw: {DOLLARS.show(found.locked)} is reserved for operators and "
                "becomes free when the reservations expire"
            )
        self._vault.request_withdraw()
        return self.standing()

    def execute(self, amount: int) -> bytes:
        """Take what was asked for; the transaction."""
        found = self.check()
        if not found.requested_at:
            raise HarnessError("no withdrawal was asked for; first: halo vault withdraw --request")
        if found.now < found.executable_at:
            raise HarnessError(
                f"the timelock ends in {found.executable_at - found.now} s; then: "
                "halo vault withdraw --execute <usd>"
            )
        most = min(found.authorized, found.withdrawable)
        if amount > most:
            raise HarnessError(f"at most {DOLLARS.show(most)} can be taken now")
        return self._vault.withdraw(amount).transaction

    def _facilitator_says(self) -> VaultInfo:
        urls = [self._config.facilitator.url, *self._config.facilitator.failover_urls]

        async def ask() -> VaultInfo:
            client = FacilitatorClient(urls)
            try:
                return await client.vault_info()
            finally:
                await client.close()

        return asyncio.run(ask())
