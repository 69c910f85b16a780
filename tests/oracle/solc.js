// Reads one standard-JSON request per line, answers one standard-JSON result per line.
// The reference compiler takes a second to load and half a second to warm up, so one process serves a whole test run.
const solc = require("solc");
const readline = require("node:readline");

if (process.argv.includes("--version")) {
  console.log(solc.version());
  process.exit(0);
}
const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on("line", (line) => {
  let output;
  try {
    output = solc.compile(line);
  } catch (failure) {
    output = JSON.stringify({ errors: [{ severity: "error", formattedMessage: String(failure) }] });
  }
  process.stdout.write(output.replaceAll("\n", " ") + "\n");
});
