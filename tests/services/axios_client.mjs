// Pays a URL with the official axios client and prints what came back as one JSON line.
// Environment: EVM_PRIVATE_KEY, EVM_NETWORK, RESOURCE_URL.
import { wrapAxiosWithPayment, x402Client } from "@x402/axios";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import axios from "axios";
import { privateKeyToAccount } from "viem/accounts";

const { EVM_PRIVATE_KEY, EVM_NETWORK, RESOURCE_URL } = process.env;
const scheme = new ExactEvmScheme(privateKeyToAccount(EVM_PRIVATE_KEY));
const client = new x402Client().register(EVM_NETWORK, scheme);
const response = await wrapAxiosWithPayment(axios.create(), client).get(RESOURCE_URL);
const receipt = response.headers["payment-response"];
console.log(
  JSON.stringify({
    status: response.status,
    body: response.data,
    receipt: receipt && JSON.parse(Buffer.from(receipt, "base64").toString()),
  }),
);
