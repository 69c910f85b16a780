"""What an OpenAI client must have seen at a sidecar, whichever language and version it is of."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PYTHON_CLIENT, NODE_CLIENT = HERE / "openai_client.py", HERE / "openai_client.mjs"
MODEL = "gpt-4o-mini"
SECONDS = 180


def run(command: Sequence[str], base_url: str) -> dict[str, Any]:
    """Run a client to its end; what it saw. AssertionError with its own words when it failed."""
    environment = {**os.environ, "BASE_URL": base_url, "MODEL": MODEL}
    environment.pop("PYTHONPATH", None)  # a client of its own environment sees nothing of ours
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def check(seen: dict[str, Any]) -> None:
    """AssertionError that lists everything that is not as the API promises."""
    tools = [
        (tool["name"], tool["finish"], type(json.loads(tool["arguments"])["city"]))
        for tool in (seen["tool"], seen["streamed_tool"])
    ]
    refusals = [
        seen[name] and (seen[name]["status"], seen[name]["code"])
        for name in ("no_operator", "over_cap", "over_budget")
    ]
    found = {
        "the answer repeats the question": "count to three" in seen["text"],
        "usage counts both ways": min(seen["usage"].values()) > 0,
        "the bill is in the headers": seen["paid"] == "true" and seen["rail"] in ("exact", "vault"),
        "a stream says the same, in pieces": (
            seen["streamed"].strip() == seen["text"].strip() and seen["chunks"] > 3
        ),
        "a stream ends with the same usage": seen["stream_usage"] == seen["usage"],
        "tools are called, whole and streamed": tools == [("weather", "tool_calls", str)] * 2,
        "refusals have status and code": (
            refusals == [(503, "no_operator"), (402, "over_cap"), (402, "over_budget")]
        ),
        "the model is listed": MODEL in seen["models"],
    }
    wrong = [what for what, holds in found.items() if not holds]
    assert not wrong, f"not so: {'; '.join(wrong)}: {json.dumps(seen)}"
