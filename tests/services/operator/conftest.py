"""One chain and one facilitator for all tests of the operator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.chain.keys import LocalSigner
from tests.services.conftest import ThreadedServer

from .scripted_facilitator import build
from .world import WEI, World


@pytest.fixture(scope="session")
def served_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World()
    gas = LocalSigner.generate()
    world.chain.set_balance(gas.address, 1_000 * WEI)
    state = tmp_path_factory.mktemp("facilitator")
    app = build(world.chain, gas, world.vault.address, world.dollar.address, world.hand, state)
    with ThreadedServer(app) as url:
        world.url = url
        yield world


@pytest.fixture
def world(served_world: World) -> World:
    served_world.hand.reset()
    served_world.chain.failing = None
    return served_world
