// Asks a sidecar through the official npm client: whole, streamed, with a tool, refused, over budget.
// Environment: BASE_URL, MODEL. Prints one JSON line, the same as `openai_client.py`.
import OpenAI from "openai";
import { VERSION } from "openai/version";

const { BASE_URL, MODEL } = process.env;
const tool = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};
const client = new OpenAI({ baseURL: BASE_URL, apiKey: "halo", maxRetries: 0 });
const messages = [{ role: "user", content: "count to three" }];
const asked = { model: MODEL, messages, max_tokens: 50 };
const tooled = { ...asked, messages: [{ role: "user", content: "how is the weather" }], tools: [tool] };

async function limit(limitUsd) {
  const moved = await fetch(`${BASE_URL}/budget`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ limitUsd }),
  });
  if (!moved.ok) throw new Error(`the budget was not moved: ${moved.status}`);
}

async function refusal(changed) {
  try {
    await client.chat.completions.create({ ...asked, ...changed });
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, code: error.code };
  }
  return null;
}

function counted({ prompt_tokens, completion_tokens }) {
  return { prompt_tokens, completion_tokens };
}

const { data, response } = await client.chat.completions.create(asked).withResponse();

let streamed = "";
let chunks = 0;
let usage = null;
const stream = await client.chat.completions.create({
  ...asked,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  chunks += 1;
  streamed += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}

const call = (await client.chat.completions.create(tooled)).choices[0];
const parts = { name: "", arguments: "", finish: null };
for await (const chunk of await client.chat.completions.create({ ...tooled, stream: true })) {
  for (const choice of chunk.choices) {
    parts.finish = choice.finish_reason ?? parts.finish;
    for (const piece of choice.delta.tool_calls ?? []) {
      parts.name += piece.function.name ?? "";
      parts.arguments += piece.function.arguments ?? "";
    }
  }
}

await limit(0.000001);
let overBudget;
try {
  overBudget = await refusal({});
} finally {
  await limit(0);
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);

console.log(
  JSON.stringify({
    version: VERSION,
    text: data.choices[0].message.content,
    usage: counted(data.usage),
    paid: response.headers.get("x-halo-paid"),
    rail: response.headers.get("x-halo-rail"),
    streamed,
    chunks,
    stream_usage: counted(usage),
    tool: {
      name: call.message.tool_calls[0].function.name,
      arguments: call.message.tool_calls[0].function.arguments,
      finish: call.finish_reason,
    },
    streamed_tool: parts,
    no_operator: await refusal({ model: "nobody-serves-this-model" }),
    over_cap: await refusal({ max_tokens: 900_000 }),
    over_budget: overBudget,
    models,
  }),
);
