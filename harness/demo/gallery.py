"""A client for `examples/art.sol`, the collection that the demonstration trades in."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address


class Gallery(ContractClient):
    """Prices in base units of the collection's money."""

    INTERFACE = Interface.of(
        """
function mint(string title) returns (uint256 tokenId)
function ask(uint256 tokenId, uint256 price)
function buy(uint256 tokenId, uint256 limit)
function ownerOf(uint256 tokenId) view returns (address)
function titleOf(uint256 tokenId) view returns (string)
function priceOf(uint256 tokenId) view returns (uint256)
event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
event Sold(uint256 indexed tokenId, address indexed seller, address indexed buyer, uint256 price, uint256 royalty)
error NotForSale(uint256 tokenId)
error PriceAbove(uint256 price, uint256 limit)
"""
    )

    def mint(self, title: str) -> int:
        """Artist only; the work."""
        return int(self.event(self.write("mint", title), "Transfer")["tokenId"])

    def ask(self, work: int, price: int) -> Receipt:
        return self.write("ask", work, price)

    def buy(self, work: int, limit: int) -> dict[str, int]:
        """Pay the asked price; the sale as its event tells it."""
        return self.event(self.write("buy", work, limit), "Sold")

    def owner_of(self, work: int) -> Address:
        return str(self.read("ownerOf", work))

    def title_of(self, work: int) -> str:
        return str(self.read("titleOf", work))
