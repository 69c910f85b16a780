// Deploys the built contract on Hardhat's chain and calls it; prints what came back, one JSON object.
const { artifacts, network } = require("hardhat");

async function main() {
  const { bytecode, deployedBytecode } = await artifacts.readArtifact("Box");
  const [from] = await network.provider.send("eth_accounts");
  const send = (to, data) => network.provider.send("eth_sendTransaction", [{ from, to, data }]);
  const receipt = async (hash) => network.provider.send("eth_getTransactionReceipt", [hash]);
  const { contractAddress: box } = await receipt(await send(undefined, bytecode));
  const word = (n) => n.toString(16).padStart(64, "0");
  await send(box, "0x" + process.env.PUT + word(7));
  const told = {};
  told.value = await network.provider.send("eth_call", [{ to: box, data: "0x3fa4f245" }]);
  told.code = (await network.provider.send("eth_getCode", [box])) === deployedBytecode;
  await send(box, "0x" + process.env.PUT + word(0)).catch((e) => { told.refused = e.message; told.trace = e.stack; });
  await send(box, "0x" + process.env.CLOSE);
  await send(box, "0x" + process.env.PUT + word(1)).catch((e) => { told.closed = e.message; told.closedTrace = e.stack; });
  console.log(JSON.stringify(told));
}

main().catch((problem) => { console.error(problem); process.exitCode = 1; });
