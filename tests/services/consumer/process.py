"""A sidecar as a process of its own, for tests that kill it: python -m tests.services.consumer.process FILE."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from harness.chain.keys import LocalSigner
from harness.services.consumer import watcher
from harness.services.consumer.app import application
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.sidecar import Sidecar

from .world import RemoteChain


def main(file: str) -> None:
    told: dict[str, Any] = json.loads(Path(file).read_text())
    settings = ConsumerSettings(**told["settings"])
    settings = replace(settings, state=Path(told["state"]))
    watcher.FIRST_PAUSE = 0.1
    chain: Any = RemoteChain(told["chain"], settings.chain_id)
    signer = LocalSigner(bytes.fromhex(told["key"]))
    sidecar = Sidecar(settings, signer, chain, first_wait=0.05, push_retry=0.1)
    uvicorn.run(
        application(sidecar), host="127.0.0.1", port=told["port"], log_config=None, access_log=False
    )


if __name__ == "__main__":
    main(sys.argv[1])
