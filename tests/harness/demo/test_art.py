"""The example collection: who may mint, ask, buy and move, and where the money goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.chain.abi import Interface
from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.chain.reverts import ErrorTable
from harness.diamond.tokens import FwUsd
from harness.protocol.addresses import ZERO_ADDRESS
from tests.harness.contracts import artifact, built
from tests.harness.diamond.conftest import member

ART = built("examples/art.sol")["Art"]


class World:
    """The collection, its money, an artist and two collectors."""

    def __init__(self) -> None:
        self.chain = EmbeddedChain()
        self.artist = member(self.chain, "artist")
        self.ann, self.ben = member(self.chain, "ann"), member(self.chain, "ben")
        money = artifact("contracts/tokens/FwUSD.sol").creation(self.artist.address)
        token = self.artist.execute(Call(None, money)).created
        assert token is not None
        self.money = FwUsd(self.chain, token, self.artist)
        created = self.artist.execute(Call(None, ART.creation(token, "Works", "W"))).created
        assert created is not None
        self.address = created
        for buyer in (self.ann, self.ben):
            self.money.mint(buyer.address, 1_000)
            FwUsd(self.chain, token, buyer).approve(created, 1_000)

    def send(self, who: Outbox, function: str, *arguments: object) -> None:
        data = self.interface.function(function).encode(*arguments)
        try:
            who.execute(Call(self.address, data))
        except ContractError as error:
            raise ErrorTable(self.interface.errors).explain(error) from None

    def read(self, function: str, *arguments: object) -> object:
        entry = self.interface.function(function)
        return entry.decode_output(self.chain.call(Call(self.address, entry.encode(*arguments))))

    @property
    def interface(self) -> Interface:
        return ART.interface

    def refused(self, name: str, who: Outbox, function: str, *arguments: object) -> None:
        with pytest.raises(ContractError) as caught:
            self.send(who, function, *arguments)
        assert caught.value.name == name


@pytest.fixture(scope="module")
def one_world() -> World:
    return World()


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    mark = one_world.chain.snapshot()
    for name in ("artist", "ann", "ben"):
        setattr(one_world, name, member(one_world.chain, name))
    one_world.money = FwUsd(one_world.chain, one_world.money.address, one_world.artist)
    yield one_world
    one_world.chain.revert(mark)


def test_the_artist_mints_and_titles_are_plain(world: World) -> None:
    world.send(world.artist, "mint", "Dawn")
    assert world.read("ownerOf", 1) == world.artist.address
    assert world.read("tokenURI", 1) == 'data:application/json;utf8,{"name":"Dawn"}'
    assert (world.read("totalSupply"), world.read("balanceOf", world.artist.address)) == (1, 1)
    world.refused("NotArtist", world.ann, "mint", "Dusk")
    for title in ("", "x" * 65, 'a"b', "a\\b", "a\nb"):
        world.refused("BadTitle", world.artist, "mint", title)
    world.refused("UnknownWork", world.ann, "ask", 2, 1)


def test_a_sale_moves_work_and_money_and_a_resale_pays_the_artist(world: World) -> None:
    world.send(world.artist, "mint", "Dawn")
    world.refused("NotForSale", world.ann, "buy", 1, 1_000)
    world.refused("NotHolder", world.ann, "ask", 1, 5)
    world.send(world.artist, "ask", 1, 400)
    world.refused("PriceAbove", world.ann, "buy", 1, 399)
    world.send(world.ann, "buy", 1, 400)
    assert world.read("ownerOf", 1) == world.ann.address
    assert world.read("priceOf", 1) == 0
    assert world.money.balance_of(world.artist.address) == 400
    world.send(world.ann, "ask", 1, 1_000)
    world.send(world.ben, "buy", 1, 1_000)
    assert world.money.balance_of(world.artist.address) == 400 + 50
    assert world.money.balance_of(world.ann.address) == 600 + 950
    assert world.money.balance_of(world.ben.address) == 0


def test_a_buyer_without_money_buys_nothing(world: World) -> None:
    world.send(world.artist, "mint", "Dawn")
    world.send(world.artist, "ask", 1, 1_001)
    with pytest.raises(ContractError):
        world.send(world.ann, "buy", 1, 2_000)
    assert world.read("ownerOf", 1) == world.artist.address


def test_moving_by_hand_follows_erc_721(world: World) -> None:
    world.send(world.artist, "mint", "Dawn")
    world.send(world.artist, "ask", 1, 5)
    world.refused(
        "NotAllowed", world.ann, "transferFrom", world.artist.address, world.ann.address, 1
    )
    world.send(world.artist, "approve", world.ann.address, 1)
    world.send(world.ann, "transferFrom", world.artist.address, world.ben.address, 1)
    assert world.read("getApproved", 1) == ZERO_ADDRESS
    world.refused("NotForSale", world.ann, "buy", 1, 5)
    world.send(world.ben, "setApprovalForAll", world.ann.address, True)
    safe = "safeTransferFrom(address,address,uint256)"
    world.refused("ZeroReceiver", world.ann, safe, world.ben.address, ZERO_ADDRESS, 1)
    with pytest.raises(ContractError):  # a contract that does not take tokens
        world.send(world.ann, safe, world.ben.address, world.money.address, 1)
    world.send(world.ann, safe, world.ben.address, LocalSigner.from_phrase("eve").address, 1)
    assert world.read("balanceOf", world.ben.address) == 0
    assert world.read("supportsInterface", bytes.fromhex("80ac58cd")) is True
