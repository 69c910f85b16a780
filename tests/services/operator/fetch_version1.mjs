// Asks a chat completion and pays for it in x402 version 1 with the official npm client; prints what came
// back as one JSON line. Environment: EVM_PRIVATE_KEY, ASSET, RESOURCE_URL, BODY.
import { x402Client } from "@x402/core/client";
import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/client";
import { wrapFetchWithPayment } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

const { EVM_PRIVATE_KEY, ASSET, RESOURCE_URL, BODY } = process.env;
const network = "base-sepolia";
const client = new x402Client()
  .registerV1(network, new ExactEvmSchemeV1(privateKeyToAccount(EVM_PRIVATE_KEY)))
  .setSpendControls({ allowedAssets: [{ network, asset: ASSET }] });

const sent = [];

// Clients of version 1 do not know PAYMENT-REQUIRED; this one would follow it.
async function older(request) {
  sent.push([...request.headers.keys()].filter((name) => name.includes("payment")));
  const answer = await fetch(request);
  const headers = new Headers(answer.headers);
  headers.delete("payment-required");
  return new Response(answer.body, { status: answer.status, headers });
}

const response = await wrapFetchWithPayment(older, client)(RESOURCE_URL, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: BODY,
});
const receipt = response.headers.get("x-payment-response");
console.log(
  JSON.stringify({
    status: response.status,
    body: await response.json(),
    sent,
    receipt: receipt && JSON.parse(Buffer.from(receipt, "base64").toString()),
  }),
);
