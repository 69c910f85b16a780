"""Who checks the enclaves of confidential requests, from configuration."""

from __future__ import annotations

import httpx

from harness.confidential.attestor import Attestor
from harness.confidential.policy import AttestationPolicy
from harness.halo.config import HaloConfig
from harness.services.consumer.settings import ConsumerSettings


def attestor(config: HaloConfig, settings: ConsumerSettings) -> Attestor:
    """Nothing is asked yet. ConfigError for measurements that are none, or a devnet's root on a live chain."""
    policy = AttestationPolicy.of(
        settings.chain_id,
        base_url=settings.tee_base_url,
        roots=settings.tee_roots,
        measurements=config.confidential.measurements,
    )
    return Attestor(settings.tee_base_url, policy, httpx.AsyncClient(follow_redirects=False))
