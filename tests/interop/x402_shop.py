"""A paid GET route of ours, settled by the market's facilitator, for checkers that ask without paying."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from x402.schemas import PaymentRequirements

from harness.clients.facilitator import FacilitatorClient
from harness.devnet.market import Market
from harness.x402.middleware import Offer, PaymentMiddleware
from tests.services.conftest import ThreadedServer

PRICE = 2_500  # base units


async def weather(_request: Request) -> JSONResponse:
    return JSONResponse({"weather": "clear"})


@contextmanager
def paid_route(market: Market) -> Iterator[str]:
    """Its URL."""
    network = market.network
    required = PaymentRequirements(
        scheme="exact",
        network=f"eip155:{network.chain_id}",
        asset=network.usdc,
        amount=str(PRICE),
        pay_to=market.operator_address,
        max_timeout_seconds=60,
        extra={"name": network.usdc_name, "version": network.usdc_version},
    )
    app = PaymentMiddleware(
        Starlette(routes=[Route("/weather", weather)]),
        {"GET /weather": Offer((required,), "today's weather")},
        FacilitatorClient(market.facilitator),
    )
    with ThreadedServer(app) as url:
        yield f"{url}/weather"
