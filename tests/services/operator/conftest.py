"""Chains, each with a facilitator, for all tests of the operator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.chain.keys import LocalSigner
from tests.services.conftest import ThreadedServer

from .scripted_facilitator import build
from .world import WEI, World


@contextmanager
def served(world: World, state: Path) -> Iterator[World]:
    """A world whose facilitator listens."""
    gas = LocalSigner.generate()
    world.chain.set_balance(gas.address, 1_000 * WEI)
    app = build(world.chain, gas, world.vault.address, world.dollar.address, world.hand, state)
    with ThreadedServer(app) as url:
        world.url = url
        yield world


@pytest.fixture(scope="session")
def served_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(World(), tmp_path_factory.mktemp("facilitator")) as world:
        yield world


@pytest.fixture(scope="session")
def served_named_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(World(84532), tmp_path_factory.mktemp("facilitator")) as world:
        yield world


@pytest.fixture
def world(served_world: World) -> World:
    served_world.hand.reset()
    served_world.chain.failing = None
    return served_world


@pytest.fixture
def named_world(served_named_world: World) -> World:
    """On a chain that x402 version 1 has a name for, base-sepolia: not every one has.

    Its time is the wall's, for clients of version 1 sign what is valid from ten minutes ago.
    """
    served_named_world.hand.reset()
    now = int(time.time())
    if served_named_world.chain.block().timestamp < now:
        served_named_world.chain.set_time(now)
    return served_named_world
