"""Halo as a named model provider of Hermes: the endpoint that `halo consume` serves on this machine."""

from providers import register_provider
from providers.base import ProviderProfile

register_provider(
    ProviderProfile(
        name="halo",
        display_name="Halo",
        description="Halo: inference paid per request from your own wallet",
        env_vars=("HALO_API_KEY", "HALO_BASE_URL"),
        base_url="http://127.0.0.1:8799/v1",
        auth_type="api_key",
        fallback_models=("gpt-4o-mini",),
    )
)
