// Asks a sidecar through the official npm client: a whole answer, a stream, a tool call, a wrong model.
// Environment: BASE_URL, MODEL. Prints one JSON line.
import OpenAI from "openai";

const { BASE_URL, MODEL } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: "halo", maxRetries: 0 });
const messages = [{ role: "user", content: "count to three" }];

const { data, response } = await client.chat.completions
  .create({ model: MODEL, messages, max_tokens: 50 })
  .withResponse();

let streamed = "";
let chunks = 0;
const stream = await client.chat.completions.create({ model: MODEL, messages, max_tokens: 50, stream: true });
for await (const chunk of stream) {
  chunks += 1;
  streamed += chunk.choices[0]?.delta?.content ?? "";
}

let refused = null;
try {
  await client.chat.completions.create({ model: "nobody-serves-this-model", messages });
} catch (error) {
  refused = { status: error.status, code: error.code, message: error.message };
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);

console.log(
  JSON.stringify({
    text: data.choices[0].message.content,
    usage: data.usage,
    paid: response.headers.get("x-halo-paid"),
    rail: response.headers.get("x-halo-rail"),
    streamed,
    chunks,
    refused,
    models,
  }),
);
