"""A process that has everything imported and becomes an operator whenever a line tells it to.

One line of JSON in: an operator's configuration, and where it shall die. Out: its process id, and when it
is gone, how it ended. Forking costs a hundredth of starting Python anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from harness import faults
from harness.chain.json_rpc import HttpTransport
from harness.chain.keys import LocalSigner
from harness.chain.node import NodeChain
from harness.inference.mock import MockProvider
from harness.inference.provider import Completion
from harness.inference.router import Router
from harness.services.operator.app import Operator
from harness.services.operator.settings import OperatorSettings


class Counting(MockProvider):
    """Writes a mark into a file for every call of the model."""

    def __init__(self, marks: Path) -> None:
        super().__init__()
        self._marks = marks

    async def complete(self, body: Any, headers: Any = None) -> Completion:
        with self._marks.open("a") as out:
            out.write("x")
        return await super().complete(body, headers)


def operate(wanted: dict[str, Any]) -> None:
    """Be an operator until SIGTERM, or until a fault point ends the process."""
    settings = OperatorSettings(
        **(
            wanted["settings"]
            | {"state": Path(wanted["state"]), "flat_usd_per_1k": Decimal("0.01")}
        )
    )
    signer = LocalSigner(bytes.fromhex(wanted["key"][2:]))

    async def main() -> None:
        chain = NodeChain(HttpTransport(wanted["rpc"]), settings.chain_id)
        async with httpx.AsyncClient(verify=False) as http:
            router = Router([Counting(Path(wanted["marks"]))])
            operator = Operator(settings, signer, router, chain, http=http)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, operator.ask_to_stop)
            await operator.run()

    asyncio.run(main())


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            faults.arm(wanted["crash_at"])
            try:
                operate(wanted)
            except BaseException as failure:
                print(failure, file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
