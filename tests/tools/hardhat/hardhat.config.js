// Hardhat's own way to another compiler: the subtask that finds solc answers with our path.
const { subtask } = require("hardhat/config");
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require("hardhat/builtin-tasks/task-names");

subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async ({ solcVersion }) => ({
  compilerPath: process.env.FACETWORKS_SOLC,
  isSolcJs: false,
  version: solcVersion,
  longVersion: `${solcVersion}+commit.00000000`,
}));

module.exports = {
  solidity: { version: "0.8.37", settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 } } },
};
