"""API keys as people paste them: cleaned of what surrounds them, refused when a display has shortened them.

A key copied from a masked display is the commonest cause of an operator that cannot serve. It is refused
where it is given, because upstream it fails only with the first paid request.
"""

from __future__ import annotations

import re

from harness.errors import ConfigError

MIN_LENGTH = 20  # characters; no provider with keys issues shorter ones

_QUOTES = "\"'`“”‘’"
_BEARER = re.compile(r"(?:authorization\s*:\s*)?bearer\s+", re.IGNORECASE)
# Marks that displays put in place of what they hide: dots and bullets of every kind, stars, crosses, words.
_MASKS = re.compile(
    r"…|⋯|⋮|\.\.|・・|··|‥|\*\*|••|●|○|◦|⁎⁎|∗∗|＊|■|█|▪|x{6,}|#{4,}|_{6,}|-{6,}"
    r"|<[^>]*>|\[[^\]]*\]|\b(?:redacted|hidden|masked|truncated)\b|your[-_ ]?api[-_ ]?key",
    re.IGNORECASE,
)
_FIX = "pass the full, exact key from where it was issued, not from a display that shortens it"


def normalise(text: str) -> str:
    """Without surrounding blanks, quotes and a leading `Bearer`; the key itself is not touched."""
    key = text.strip()
    while True:
        shorter = _BEARER.sub("", key, count=1) if _BEARER.match(key) else key
        if len(shorter) >= 2 and shorter[0] in _QUOTES and shorter[-1] in _QUOTES:
            shorter = shorter[1:-1]
        shorter = shorter.strip()
        if shorter == key:
            return key
        key = shorter


def checked(text: str, slug: str, keyed: bool = True) -> str:
    """The key to store, byte-exact but for what `normalise` removes.

    Raises ConfigError for a masked key, blanks or control characters inside it, one that no HTTP header
    can carry, and, where the provider is `keyed`, an empty or implausibly short one. The message never
    contains the key.
    """
    key = normalise(text)
    if not key and keyed:
        raise ConfigError(f"{slug} needs an API key; give --api-key")
    if _MASKS.search(key):
        raise ConfigError(f"the API key for {slug} is masked or truncated; {_FIX}")
    if any(not "!" <= character <= "~" for character in key):
        raise ConfigError(
            f"the API key for {slug} contains blanks or characters that no key has; {_FIX}"
        )
    if keyed and len(key) < MIN_LENGTH:
        raise ConfigError(
            f"the API key for {slug} is only {len(key)} characters, too short for a key; {_FIX}"
        )
    return key
