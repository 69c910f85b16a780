// Pays a URL with the official npm client and prints what came back as one JSON line.
// Environment: EVM_PRIVATE_KEY, EVM_NETWORK, ASSET, RESOURCE_URL.
import { x402Client } from "@x402/core/client";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPayment } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

const { EVM_PRIVATE_KEY, EVM_NETWORK, ASSET, RESOURCE_URL } = process.env;
const client = new x402Client()
  .register(EVM_NETWORK, new ExactEvmScheme(privateKeyToAccount(EVM_PRIVATE_KEY)))
  .setSpendControls({ allowedAssets: [{ network: EVM_NETWORK, asset: ASSET }] });
const response = await wrapFetchWithPayment(fetch, client)(RESOURCE_URL);
const receipt = response.headers.get("payment-response");
console.log(
  JSON.stringify({
    status: response.status,
    body: await response.json(),
    receipt: receipt && JSON.parse(Buffer.from(receipt, "base64").toString()),
  }),
);
