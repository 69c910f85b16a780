"""Starts services as processes in a few milliseconds: `python -m tests.crash.nursery` has everything
imported and forks.

It reads a command a line and answers a line: `{"start": role, "settings": {...}, "crash": point, "log":
path}` -> `{"pid": n}`, `{"wait": pid}` -> `{"status": n}`. A child is a real process with its own
sockets, locks and database connections; it ends as that service would, or by `os._exit` at the point named.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness import faults
from harness.chain.keys import LocalSigner
from harness.devnet.world import dev_secret
from harness.inference.build import ProviderConfig, build_provider
from harness.inference.mock import MockProvider
from harness.inference.router import Router
from harness.logs import configure
from harness.services.consumer import app as consumer
from harness.services.consumer.settings import ConsumerSettings
from harness.services.facilitator import app as facilitator
from harness.services.facilitator.settings import FacilitatorSettings
from harness.services.indexer import app as indexer
from harness.services.indexer.settings import IndexerSettings
from harness.services.operator import app as operator
from harness.services.operator.settings import OperatorSettings
from harness.services.relay import app as relay
from harness.services.relay.settings import RelaySettings
from harness.services.relay.versions import parse_version

PATHS = ("state",)
MODELS = ("mock-echo", "mock-slow?first_ms=100&per_tok_ms=5")


def serve(role: str, settings: dict[str, Any]) -> None:
    """Run one service until it is told to stop."""
    for name in PATHS:
        if name in settings:
            settings[name] = Path(settings[name])
    wallet = settings.pop("wallet", role)
    signer = LocalSigner(dev_secret(wallet))
    if role == "facilitator":
        settings["assets"] = tuple(settings["assets"])
        facilitator.serve(FacilitatorSettings(key=dev_secret("facilitator").hex(), **settings))
    elif role == "relay":
        floor = parse_version(settings.pop("min_cli_version"))
        relay.serve(RelaySettings(min_cli_version=floor, **settings))
    elif role == "indexer":
        indexer.serve(IndexerSettings(**settings))
    elif role == "operator":
        price = Decimal(settings.pop("price"))
        upstream = settings.pop("upstream", None)
        provider = (
            MockProvider(MODELS)
            if upstream is None
            else build_provider(ProviderConfig("custom", upstream, None, MODELS))
        )
        operator.serve(
            OperatorSettings(pricing_mode="flat", flat_usd_per_1k=price, **settings),
            signer,
            Router([provider]),
        )
    else:
        consumer.serve(ConsumerSettings(**settings), signer)


def child(command: dict[str, Any]) -> int:
    log = os.open(command["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.setsid()
    faults.arm(command.get("crash"))
    configure("info")
    try:
        serve(command["start"], command["settings"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException:
        import traceback

        traceback.print_exc()
        return 70
    return 0


def main() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        if "start" in command:
            pid = os.fork()
            if pid == 0:
                os._exit(child(command))
            answer = {"pid": pid}
        else:
            _, status = os.waitpid(command["wait"], 0)
            answer = {"status": os.waitstatus_to_exitcode(status)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
