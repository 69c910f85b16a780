#!/usr/bin/env node
// The npm package's compiler behind the command line that analysers expect: --version, --standard-json.
const fs = require("node:fs");
const version = require("solc/package.json").version;

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}+commit.00000000.Linux.g++`);
} else {
  const output = require("solc").compile(fs.readFileSync(0, "utf8"));
  process.stdout.write(output);
}
