// A shop behind the official Express middleware. Prints its port, then serves until it is killed.
// Environment: FACILITATOR, EVM_NETWORK, ASSET, PAY_TO, AMOUNT.
import { HTTPFacilitatorClient, x402ResourceServer } from "@x402/core/server";
import { ExactEvmScheme } from "@x402/evm/exact/server";
import { paymentMiddleware } from "@x402/express";
import express from "express";

const { FACILITATOR, EVM_NETWORK, ASSET, PAY_TO, AMOUNT } = process.env;
const server = new x402ResourceServer(new HTTPFacilitatorClient({ url: FACILITATOR }));
server.register(EVM_NETWORK, new ExactEvmScheme());
const price = { amount: AMOUNT, asset: ASSET, extra: { name: "USD Coin", version: "2" } };
const accepts = { scheme: "exact", network: EVM_NETWORK, payTo: PAY_TO, price };
const app = express();
app.use(paymentMiddleware({ "GET /weather": { accepts } }, server));
app.get("/weather", (_request, response) => response.json({ weather: "clear" }));
const listening = app.listen(0, "127.0.0.1", () => console.log(listening.address().port));
