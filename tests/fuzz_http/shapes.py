"""Values in the shape that a JSON Schema describes, drawn at random."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

MOST_REPEATS = 200
DEEPEST = 8


class Shapes:
    """Draws from the schemas of one OpenAPI document. `words` are values worth trying as text."""

    def __init__(self, document: Mapping[str, Any], words: tuple[str, ...]) -> None:
        self._schemas: Mapping[str, Any] = document.get("components", {}).get("schemas", {})
        self._words = words

    def draw(self, schema: Schema, rng: random.Random, depth: int = 0) -> Any:
        """A value that the schema allows, as far as this knows schemas."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self.draw(rng.choice(schema[several]), rng, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = rng.choice(kind)
        if depth > DEEPEST:
            return None
        return self._of_kind(kind, schema, rng, depth)

    def _of_kind(self, kind: str, schema: Schema, rng: random.Random, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, rng, depth)
        if kind == "array":
            count = rng.randint(schema.get("minItems", 0), min(schema.get("maxItems", 4), 4))
            return [self.draw(schema.get("items", {}), rng, depth + 1) for _ in range(count)]
        if kind == "integer":
            least = schema.get("minimum", -3)
            return rng.randint(int(least), int(schema.get("maximum", least + 10**6)))
        if kind == "number":
            return round(rng.uniform(schema.get("minimum", -1.0), schema.get("maximum", 1e6)), 3)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "null":
            return None
        if "pattern" in schema:
            return matching(schema["pattern"], rng)
        return rng.choice(self._words)

    def _object(self, schema: Schema, rng: random.Random, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        found = {
            name: self.draw(member, rng, depth + 1)
            for name, member in schema.get("properties", {}).items()
            if name in required or rng.random() < 0.6
        }
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and more:
            for _ in range(rng.randint(0, 2)):
                found[rng.choice(self._words)] = self.draw(more, rng, depth + 1)
        return found


def matching(pattern: str, rng: random.Random) -> str:
    """A text that the pattern matches. Knows what the documents use, and raises for anything else."""
    import re._parser as parser  # type: ignore[import-not-found]  # the one reader of patterns there is

    return _text(parser.parse(pattern), rng)


def _text(parts: Any, rng: random.Random) -> str:
    return "".join(_part(str(kind).lower(), value, rng) for kind, value in parts)


def _part(kind: str, value: Any, rng: random.Random) -> str:
    if kind == "literal":
        return chr(value)
    if kind == "at":
        return ""
    if kind == "in":
        return chr(rng.choice([code for each in value for code in _codes(each)]))
    if kind == "any":
        return chr(rng.randint(32, 126))
    if kind == "max_repeat":
        least, most, inside = value
        count = rng.randint(least, max(least, min(int(most), least + 6, MOST_REPEATS)))
        return "".join(_text(inside, rng) for _ in range(count))
    if kind == "subpattern":
        return _text(value[3], rng)
    if kind == "branch":
        return _text(rng.choice(value[1]), rng)
    raise NotImplementedError(f"a pattern with {kind}")


def _codes(each: Any) -> range:
    kind, value = str(each[0]).lower(), each[1]
    if kind == "literal":
        return range(value, value + 1)
    if kind == "range":
        return range(value[0], value[1] + 1)
    raise NotImplementedError(f"a class with {kind}")


def fits(pattern: str, text: str) -> bool:
    """Whether a drawn text is one that the pattern means."""
    return re.search(pattern, text) is not None
