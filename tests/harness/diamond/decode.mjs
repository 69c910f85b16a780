// Decodes with viem. stdin: { abi, errors, events, results }; stdout: the decoded values, in order.
import { decodeErrorResult, decodeEventLog, decodeFunctionResult } from "viem";

const { abi, errors, events, results } = JSON.parse(await new Response(process.stdin).text());
const plain = (value) =>
  typeof value === "bigint" || typeof value === "number"
    ? String(value)
    : Array.isArray(value)
      ? value.map(plain)
      : value !== null && typeof value === "object"
        ? Object.values(value).map(plain)
        : value;
const named = (entry, values) =>
  Array.isArray(values) || values === undefined ? (values ?? []) : entry.inputs.map((i) => values[i.name]);
const answer = {
  errors: errors.map(({ data }) => {
    const { errorName, args } = decodeErrorResult({ abi, data });
    return { name: errorName, values: plain(args ?? []) };
  }),
  events: events.map(({ entry, data, topics }) => {
    const { eventName, args } = decodeEventLog({ abi, data, topics });
    return { name: eventName, values: plain(named(entry, args)) };
  }),
  // of overloaded names viem takes the first, so each result is decoded by its own entry
  results: results.map(({ entry, data }) => {
    const value = decodeFunctionResult({ abi: [entry], functionName: entry.name, data });
    return { name: entry.name, values: plain(entry.outputs.length === 1 ? [value] : value) };
  }),
};
process.stdout.write(JSON.stringify(answer));
