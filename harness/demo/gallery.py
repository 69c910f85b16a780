"""Clients for the examples that the demonstration trades with: a collection and a gallery that sells it."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address


class Collection(ContractClient):
    """`examples/art.sol`: the first to open it is the artist."""

    INTERFACE = Interface.of(
        """
function open()
function mint()
function name() view returns (string)
function ownerOf(uint256 tokenId) view returns (address)
function setApprovalForAll(address operator, bool approved)
event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
"""
    )

    def open(self) -> Receipt:
        return self.write("open")

    def mint(self) -> int:
        """Artist only; the work."""
        return int(self.event(self.write("mint"), "Transfer")["tokenId"])

    def let(self, operator: Address) -> Receipt:
        """Allow `operator` to move every work of the caller."""
        return self.write("setApprovalForAll", operator, True)

    def title(self) -> str:
        return str(self.read("name"))

    def owner_of(self, work: int) -> Address:
        return str(self.read("ownerOf", work))


class Gallery(ContractClient):
    """`examples/gallery.sol`. Prices in base units of the gallery's money."""

    INTERFACE = Interface.of(
        """
function ask(address collection, uint256 tokenId, uint256 price)
function buy(address collection, uint256 tokenId, uint256 limit)
function priceOf(address collection, uint256 tokenId) view returns (uint256)
event Sold(address indexed collection, uint256 indexed tokenId, address indexed seller, address buyer, uint256 price, uint256 royalty)
error NotForSale(address collection, uint256 tokenId)
error PriceAbove(uint256 price, uint256 limit)
"""
    )

    def ask(self, collection: Address, work: int, price: int) -> Receipt:
        return self.write("ask", collection, work, price)

    def buy(self, collection: Address, work: int, limit: int) -> dict[str, int]:
        """Pay the asked price; the sale as its event tells it."""
        return self.event(self.write("buy", collection, work, limit), "Sold")
