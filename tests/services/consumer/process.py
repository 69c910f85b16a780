"""A sidecar as a process of its own, for tests that kill it. It is forked from a server that has everything
imported already, so that a life begins in no time."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from harness import faults
from harness.chain.keys import LocalSigner
from harness.services.consumer import watcher
from harness.services.consumer.app import application
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.sidecar import Sidecar


class RemoteChain:
    """The other end of a ChainServer."""

    def __init__(self, url: str, chain_id: int) -> None:
        self._url = url
        self.chain_id = chain_id
        self._http = httpx.Client(timeout=30)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = self._http.post(self._url, content=pickle.dumps((name, args, kwargs)))
            succeeded, value = pickle.loads(answer.content)
            if not succeeded:
                raise value
            return value

        return call


def main(told: dict[str, Any]) -> None:
    """Serve until killed. `crash_at` names the point at which this process ends itself."""
    log = os.open(told["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    faults.arm(told["crash_at"])
    settings = ConsumerSettings(**told["settings"], state=Path(told["state"]))
    watcher.FIRST_PAUSE = 0.1
    chain: Any = RemoteChain(told["chain"], settings.chain_id)
    signer = LocalSigner(bytes.fromhex(told["key"]))
    sidecar = Sidecar(settings, signer, chain, first_wait=0.05, push_retry=0.1)
    uvicorn.run(
        application(sidecar), host="127.0.0.1", port=told["port"], log_config=None, access_log=False
    )
