"""SessionFacet: time-boxed access, paid in advance."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function extendSession() returns (uint256 expiry)
function extendSessionMax(uint256 maxPriceWei) returns (uint256 expiry)
function openSession() returns (uint256 expiry)
function openSessionMax(uint256 maxPriceWei) returns (uint256 expiry)
function sessionDuration() view returns (uint256 duration)
function sessionExpiryOf(address user) view returns (uint256)
function sessionPrice() view returns (uint256 price)
function setSessionDuration(uint256 duration)
function setSessionPrice(uint256 priceWei)
event SessionDurationSet(uint256 duration)
event SessionExtended(address indexed user, uint256 expiry, uint256 priceWei)
event SessionOpened(address indexed user, uint256 expiry, uint256 priceWei)
event SessionPriceSet(uint256 priceWei)
error DurationTooLong()
error PriceTooHigh(uint256 priceWei)
error SessionRunning(uint256 expiry)
error SessionsDisabled()
error TooFar()
"""
)


class Sessions(ContractClient):
    """Prices in wei of $LH, times in seconds. A session is open while now <= its expiry."""

    INTERFACE = INTERFACE

    def extend_session_max(self, max_price_wei: int, *, key: str | None = None) -> int:
        """Add one duration to the sender's session for at most this price; the new expiry."""
        receipt = self.write("extendSessionMax", max_price_wei, key=key)
        return int(self.event(receipt, "SessionExtended")["expiry"])

    def extend_session(self, *, key: str | None = None) -> int:
        """As extend_session_max, paying whatever the owner asks by then."""
        receipt = self.write("extendSession", key=key)
        return int(self.event(receipt, "SessionExtended")["expiry"])

    def open_session_max(self, max_price_wei: int, *, key: str | None = None) -> int:
        """Open a session from now for at most this price; its expiry."""
        receipt = self.write("openSessionMax", max_price_wei, key=key)
        return int(self.event(receipt, "SessionOpened")["expiry"])

    def open_session(self, *, key: str | None = None) -> int:
        """As open_session_max, paying whatever the owner asks by then."""
        receipt = self.write("openSession", key=key)
        return int(self.event(receipt, "SessionOpened")["expiry"])

    def session_duration(self) -> int:
        return int(self.read("sessionDuration"))

    def session_expiry_of(self, user: Address) -> int:
        """Zero for an account that never opened one."""
        return int(self.read("sessionExpiryOf", user))

    def session_price(self) -> int:
        return int(self.read("sessionPrice"))

    def set_session_duration(self, seconds: int, *, key: str | None = None) -> Receipt:
        """Diamond owner only; zero switches sessions off."""
        return self.write("setSessionDuration", seconds, key=key)

    def set_session_price(self, price_wei: int, *, key: str | None = None) -> Receipt:
        """Diamond owner only; zero makes them free."""
        return self.write("setSessionPrice", price_wei, key=key)
