"""The examples: a collection in the lite dialect, and a gallery that sells works of any collection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.chain.abi import Interface
from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.chain.reverts import ErrorTable
from harness.diamond.build import build_sources
from harness.diamond.tokens import FwUsd
from harness.protocol.addresses import ZERO_ADDRESS
from tests.harness.contracts import ROOT, artifact
from tests.harness.diamond.conftest import member

# The reference compiler does not know the keyword `facet`: always our build.
PATHS = ("examples/art.sol", "examples/gallery.sol")
BUILT = build_sources({path: (ROOT / path).read_text() for path in PATHS}, "facetworks")


class World:
    """A collection, a gallery, their money, an artist and two collectors."""

    def __init__(self) -> None:
        self.chain = EmbeddedChain()
        self.artist = member(self.chain, "artist")
        self.ann, self.ben = member(self.chain, "ann"), member(self.chain, "ben")
        token = self.create(artifact("contracts/tokens/FwUSD.sol").creation(self.artist.address))
        self.money = FwUsd(self.chain, token, self.artist)
        self.art = self.create(BUILT["Art"].creation())
        self.gallery = self.create(BUILT["Gallery"].creation(token))
        self.send(self.artist, "open")
        for buyer in (self.ann, self.ben):
            self.money.mint(buyer.address, 1_000)
            FwUsd(self.chain, token, buyer).approve(self.gallery, 1_000)

    def create(self, code: bytes) -> str:
        created = self.artist.execute(Call(None, code)).created
        assert created is not None
        return created

    def target(self, function: str) -> tuple[str, Interface]:
        gallery = BUILT["Gallery"].interface
        if function in ("ask", "buy", "priceOf"):
            return self.gallery, gallery
        return self.art, BUILT["Art"].interface

    def send(self, who: Outbox, function: str, *arguments: object) -> None:
        address, interface = self.target(function)
        try:
            who.execute(Call(address, interface.function(function).encode(*arguments)))
        except ContractError as error:
            raise ErrorTable(interface.errors).explain(error) from None

    def read(self, function: str, *arguments: object) -> object:
        address, interface = self.target(function)
        entry = interface.function(function)
        return entry.decode_output(self.chain.call(Call(address, entry.encode(*arguments))))

    def refused(self, reason: str, who: Outbox, function: str, *arguments: object) -> None:
        """By a custom error of that name, or by `require` with that text."""
        with pytest.raises(ContractError) as caught:
            self.send(who, function, *arguments)
        assert reason in (caught.value.name, *caught.value.args.values())

    def offer(self, price: int) -> int:
        """Work 1, asked for in the gallery."""
        self.send(self.artist, "mint")
        self.send(self.artist, "setApprovalForAll", self.gallery, True)
        self.send(self.artist, "ask", self.art, 1, price)
        return 1


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


def test_the_first_to_open_is_the_artist_and_mints(world: World) -> None:
    assert world.read("artist") == world.artist.address
    world.refused("opened already", world.ann, "open")
    world.refused("not the artist", world.ann, "mint")
    world.send(world.artist, "mint")
    world.send(world.artist, "mint")
    assert world.read("ownerOf", 2) == world.artist.address
    assert (world.read("totalSupply"), world.read("balanceOf", world.artist.address)) == (2, 2)
    assert world.read("ownerOf", 3) == ZERO_ADDRESS
    assert (world.read("name"), world.read("symbol")) == ("Small Works", "ART")
    assert world.read("tokenURI", 1) == 'data:application/json;utf8,{"name":"A small work"}'


def test_works_move_as_erc_721_says(world: World) -> None:
    world.send(world.artist, "mint")
    artist, ann, ben = (m.address for m in (world.artist, world.ann, world.ben))
    world.refused("not allowed", world.ann, "transferFrom", artist, ann, 1)
    world.refused("not allowed", world.ann, "approve", ann, 1)
    world.refused("no receiver", world.artist, "transferFrom", artist, ZERO_ADDRESS, 1)
    world.refused("not the holder", world.artist, "transferFrom", ann, artist, 1)
    world.refused("no such work", world.artist, "transferFrom", artist, ann, 2)
    world.refused("no such work", world.ann, "transferFrom", ZERO_ADDRESS, ann, 2)
    world.send(world.artist, "approve", ann, 1)
    world.send(world.ann, "transferFrom", artist, ben, 1)
    assert world.read("getApproved", 1) == ZERO_ADDRESS
    assert (world.read("balanceOf", artist), world.read("balanceOf", ben)) == (0, 1)
    world.refused("not allowed", world.ann, "transferFrom", ben, ann, 1)
    world.send(world.ben, "setApprovalForAll", ann, True)
    world.send(world.ann, "approve", artist, 1)
    world.send(world.ann, "transferFrom", ben, ben, 1)
    assert world.read("balanceOf", ben) == 1
    assert world.read("getApproved", 1) == ZERO_ADDRESS


def test_nobody_approves_a_work_that_does_not_exist(world: World) -> None:
    """Its holder is the zero address, which can allow nobody to act for it."""
    world.refused("not allowed", world.ann, "approve", world.ann.address, 7)


def test_a_sale_moves_work_and_money_and_a_resale_pays_the_artist(world: World) -> None:
    world.refused("NotForSale", world.ann, "buy", world.art, 1, 1_000)
    world.offer(400)
    world.refused("NotHolder", world.ann, "ask", world.art, 1, 5)
    world.refused("PriceAbove", world.ann, "buy", world.art, 1, 399)
    world.send(world.ann, "buy", world.art, 1, 400)
    assert world.read("ownerOf", 1) == world.ann.address
    assert world.read("priceOf", world.art, 1) == 0
    assert world.money.balance_of(world.artist.address) == 400
    world.send(world.ann, "setApprovalForAll", world.gallery, True)
    world.send(world.ann, "ask", world.art, 1, 1_000)
    world.send(world.ben, "buy", world.art, 1, 1_000)
    assert world.money.balance_of(world.artist.address) == 400 + 50
    assert world.money.balance_of(world.ann.address) == 600 + 950
    assert world.money.balance_of(world.ben.address) == 0


def test_a_buyer_without_money_buys_nothing(world: World) -> None:
    world.offer(1_001)
    with pytest.raises(ContractError):
        world.send(world.ann, "buy", world.art, 1, 2_000)
    assert world.read("ownerOf", 1) == world.artist.address
    assert world.read("priceOf", world.art, 1) == 1_001


def test_an_ask_dies_with_the_holding_and_without_approval(world: World) -> None:
    world.offer(10)
    world.send(world.artist, "transferFrom", world.artist.address, world.ben.address, 1)
    world.refused("NotForSale", world.ann, "buy", world.art, 1, 10)
    world.send(world.ben, "ask", world.art, 1, 10)
    world.refused("not allowed", world.ann, "buy", world.art, 1, 10)
    assert world.money.balance_of(world.ann.address) == 1_000
