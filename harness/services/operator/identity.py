"""Is the facilitator's vault the one this operator is configured for? Unless it is, nothing is served on credit."""

from __future__ import annotations

import logging
from typing import Protocol

from harness.chain.errors import ChainError
from harness.clients.errors import ServiceError
from harness.clients.facilitator import VaultInfo
from harness.diamond.vault import Vault
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION, vault_domain
from harness.services.operator.office import Office
from harness.services.operator.settings import OperatorSettings

RETRY_SECONDS = 60.0

_log = logging.getLogger(__name__)


class Informer(Protocol):
    """The facilitator's word about its vault."""

    async def vault_info(self) -> VaultInfo: ...


async def vault_problem(
    settings: OperatorSettings, vault: Vault, informer: Informer, office: Office
) -> str | None:
    """Why the vault cannot be trusted now; None when it is the configured one."""
    try:
        info = await informer.vault_info()
    except ServiceError as failure:
        return f"the facilitator does not tell its vault: {failure}"
    pairs = [
        ("vault", info.vault, vault.address),
        ("chain", info.chain_id, settings.chain_id),
        ("token", info.token, settings.usdc),
        ("domain", (info.domain_name, info.domain_version), (DOMAIN_NAME, DOMAIN_VERSION)),
    ]
    for name, theirs, ours in pairs:
        if theirs != ours:
            return (
                f"the facilitator's {name} is {theirs}, configured is {ours}; "
                "correct --facilitator-url or vaultAddress"
            )
    try:
        separator = await office.ask_chain(vault.vault_domain_separator)
    except (ChainError, TimeoutError, OSError, ValueError) as failure:
        return f"the vault does not answer on chain: {failure or 'timed out'}"
    if separator != vault_domain(settings.chain_id, vault.address).separator:
        return "the contract at vaultAddress is not a vault of this version; correct vaultAddress"
    return None
