"""`python -m benchmarks.halo.shops stub|ours|official|model PORT [FACILITATOR]`: servers that are measured."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from x402.schemas import PaymentRequirements

NETWORK = "eip155:31337"
REQUIREMENTS = {
    "scheme": "exact",
    "network": NETWORK,
    "asset": "0x00000000000000000000000000000000000000A1",
    "amount": "2500",
    "payTo": "0x00000000000000000000000000000000000000A2",
    "maxTimeoutSeconds": 300,
    "extra": {"name": "USD Coin", "version": "2"},
}


def stub() -> Any:
    """A facilitator that says yes at once, to both sides alike."""
    payer = "0x00000000000000000000000000000000000000A3"
    settled = {
        "success": True, "transaction": "0x" + "11" * 32, "network": NETWORK, "payer": payer, "amount": "2500",
    }  # fmt: skip
    kinds = {
        "kinds": [{"x402Version": 2, "scheme": "exact", "network": NETWORK}],
        "extensions": [],
        "signers": {},
    }

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        what = request.url.path
        if what == "/supported":
            return JSONResponse(kinds)
        return JSONResponse({"isValid": True, "payer": payer} if what == "/verify" else settled)

    routes = [
        Route(f"/{name}", answer, methods=["GET", "POST"])
        for name in ("verify", "settle", "supported")
    ]
    return Starlette(routes=routes)


async def weather(_request: Request) -> JSONResponse:
    return JSONResponse({"weather": "clear"})


def ours(facilitator: str) -> Any:
    from harness.clients.facilitator import FacilitatorClient
    from harness.x402.middleware import Offer, PaymentMiddleware

    routes = [Route("/weather", weather), Route("/free", weather)]
    offer = Offer((PaymentRequirements.model_validate(REQUIREMENTS),))
    return PaymentMiddleware(
        Starlette(routes=routes), {"GET /weather": offer}, FacilitatorClient(facilitator)
    )


def official(facilitator: str) -> Any:
    from fastapi import FastAPI
    from x402 import x402ResourceServer
    from x402.http import FacilitatorConfig, HTTPFacilitatorClient
    from x402.http.middleware.fastapi import payment_middleware
    from x402.mechanisms.evm.exact import register_exact_evm_server

    app = FastAPI()
    server = x402ResourceServer(HTTPFacilitatorClient(FacilitatorConfig(url=facilitator)))
    register_exact_evm_server(server, NETWORK)
    price = {name: REQUIREMENTS[name] for name in ("amount", "asset", "extra")}
    option = {"scheme": "exact", "network": NETWORK, "payTo": REQUIREMENTS["payTo"], "price": price}
    pay = payment_middleware({"GET /weather": {"accepts": option}}, server)  # type: ignore[arg-type]

    @app.middleware("http")
    async def paid(request: Any, call_next: Any) -> Any:
        return await pay(request, call_next)

    app.add_route("/weather", weather)
    app.add_route("/free", weather)
    return app


def model() -> Any:
    """The mock model over HTTP, as an upstream is."""
    from harness.inference.mock_server import MockUpstream

    return MockUpstream().app()


def main(arguments: list[str]) -> None:
    kind, port, *rest = arguments
    app = {"stub": stub, "ours": ours, "official": official, "model": model}[kind](*rest)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False)


if __name__ == "__main__":
    main(sys.argv[1:])
