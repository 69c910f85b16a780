"""First light."""
from __future__ import annotations

import asyncio
import time
from pathlib import Path

from .scripted_relay import ScriptedRelay
from .world import World, question, sealed, settlement
import json


def test_exact(world: World, tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedRelay() as relay, world.operator(relay, tmp_path) as operator:
            customer = world.customer()
            t = time.time()
            challenge = await relay.ask(question())
            print(challenge.status, challenge.body)
            assert challenge.status == 402
            paid = await relay.ask(question(), customer.payment(challenge))
            print(paid, time.time() - t)
            assert paid.status == 200
            assert world.dollar.balance_of(operator.address) == 1000
    asyncio.run(main())


def test_vault(world: World, tmp_path: Path) -> None:
    async def main() -> None:
        async with ScriptedRelay() as relay, world.operator(relay, tmp_path) as operator:
            customer = world.customer()
            customer.deposit(1_000_000)
            customer.reserve(operator.address, 500_000)
            t = time.time()
            body, channel = sealed(question("x" * 400), relay)
            answer = await relay.ask(body, customer.vault_headers())
            print(answer.status, answer.headers, time.time() - t)
            assert answer.status == 200
            print(json.loads(channel.open_response(answer.body)))
            told = settlement(answer)
            print(told)
            ack = await relay.receipt(customer.receipt(operator.address, int(told["cumulative"])))
            print(ack)
            await operator.redeemer.flush()
            assert world.dollar.balance_of(operator.address) == int(told["cumulative"])
    asyncio.run(main())
