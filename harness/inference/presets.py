"""The providers an operator can name, and what is known of each without asking it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal

from harness.errors import ConfigError

DEFAULT_SLUG = "openclaw"
_ANTHROPIC = "https://api.anthropic.com/v1"


@dataclass(frozen=True)
class Preset:
    """One row of the table of providers.

    `dialect` is what it speaks: chat, messages (Anthropic's), enclave (NEAR's) or mock. `keyed`: it takes
    no request without an API key. `private`: what is asked stays on the operator's own machine or under
    a promise of it. `priced`: it publishes a price per model, so a margin over it can be computed.
    `limit_field` is the name under which it wants the limit of tokens. Margins are in percent, `flat`
    in USD per 1,000 tokens; they are what setup proposes.
    """

    slug: str
    title: str
    base_url: str = ""
    keyed: bool = True
    dialect: str = "chat"
    private: bool = False
    priced: bool = False
    limit_field: str = "max_tokens"
    margin: Decimal = Decimal(30)
    flat: Decimal = Decimal("0.001")

    @property
    def local(self) -> bool:
        """Runs beside the operator, so that nothing is paid upstream."""
        return self.base_url.startswith("http://127.0.0.1")

    @property
    def probed(self) -> bool:
        """Whether a key may be stored that its upstream could refuse."""
        return self.keyed or self.slug == "custom"


_ROWS = (
    Preset("openclaw", "OpenClaw gateway", "http://127.0.0.1:18789/v1", keyed=False, margin=Decimal(20)),
    Preset("claude-code", "Claude Code", _ANTHROPIC, dialect="messages"),
    Preset("hermes", "Hermes (Nous Research)", "https://inference-api.nousresearch.com/v1", margin=Decimal(25)),
    Preset("ollama", "Ollama", "http://127.0.0.1:11434/v1", keyed=False, private=True, margin=Decimal(0), flat=Decimal("0.0005")),
    Preset("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", keyed=False, private=True, margin=Decimal(0), flat=Decimal("0.0005")),
    Preset("openai", "OpenAI", "https://api.openai.com/v1", limit_field="max_completion_tokens"),
    Preset("anthropic", "Anthropic", _ANTHROPIC, dialect="messages"),
    Preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", priced=True),
    Preset("venice", "Venice", "https://api.venice.ai/api/v1", private=True),
    Preset("near", "NEAR AI Cloud", "https://cloud-api.near.ai/v1", dialect="enclave", private=True, priced=True, margin=Decimal(20)),
    Preset("together", "Together", "https://api.together.xyz/v1"),
    Preset("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1"),
    Preset("groq", "Groq", "https://api.groq.com/openai/v1"),
    Preset("custom", "any OpenAI-compatible endpoint", keyed=False),
    Preset("mock", "deterministic model for tests and devnets", keyed=False, dialect="mock", priced=True, margin=Decimal(0)),
)  # fmt: skip

PRESETS = {row.slug: row for row in _ROWS}


def preset(slug: str) -> Preset:
    """The row of a slug; ConfigError names the nearest one."""
    found = PRESETS.get(slug)
    if found is None:
        close = difflib.get_close_matches(slug, PRESETS, 1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; one of {', '.join(PRESETS)}"
        raise ConfigError(f"unknown provider {slug!r}{hint}")
    return found
