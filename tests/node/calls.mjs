// Runs cases one after another and prints what their calls returned. A case has the name of a function below, and
// may have a folder with rendered files, and variables that are set (or, with null, unset) for it.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const MESSAGES = [{ role: "user", content: "hello there" }];
const EMBEDDING = "text-embedding-v4";

function load(folder, file) {
  return import(pathToFileURL(resolve(folder, file)).href);
}

async function attempt(seen, name, call) {
  try {
    seen[name] = await call();
  } catch (error) {
    seen[name] = `${error.constructor.name}: ${error.message}`;
  }
}

async function chunks(stream, text) {
  const pieces = [];
  for await (const chunk of stream) {
    pieces.push(text(chunk));
  }
  return pieces.filter(Boolean);
}

// How many numbers a vector has, and how many of them are zero.
function counted(vector) {
  return [vector.length, Array.from(vector).filter((number) => number === 0).length];
}

async function openaiCalls(seen, client, model) {
  const chat = client.chat.completions;
  await attempt(seen, "chat", async () => (await chat.create({ model, messages: MESSAGES })).choices[0].message.content);
  await attempt(seen, "stream", async () => {
    const options = { model, messages: MESSAGES, stream: true };
    return chunks(await chat.create(options), (chunk) => chunk.choices[0]?.delta?.content);
  });
}

async function vectorCalls(seen, client) {
  await attempt(seen, "vector", async () => {
    const answer = await client.embeddings.create({ model: EMBEDDING, input: "x" });
    return counted(answer.data[0].embedding);
  });
}

async function anthropicCalls(seen, client, model) {
  const request = { model, max_tokens: 64, messages: MESSAGES };
  await attempt(seen, "chat", async () => (await client.messages.create(request)).content[0].text);
  await attempt(seen, "stream", async () => {
    return chunks(await client.messages.create({ ...request, stream: true }), (event) => event.delta?.text);
  });
}

const CASES = {
  async openaiFile(seen, { folder }) {
    const { client, MODEL } = await load(folder, "openai_client.mjs");
    await openaiCalls(seen, client, MODEL);
  },
  async openaiOthers(seen, { folder }) {
    const { client, MODEL } = await load(folder, "openai_client.mjs");
    await vectorCalls(seen, client);
    await attempt(seen, "response", async () => {
      return (await client.responses.create({ model: MODEL, input: "hello there" })).output_text;
    });
    await attempt(seen, "models", async () => (await client.models.list()).data.map((model) => model.id));
  },
  async embeddingFile(seen, { folder }) {
    await vectorCalls(seen, (await load(folder, "openai_client.mjs")).client);
  },
  async anthropicFile(seen, { folder }) {
    const { client, MODEL } = await load(folder, "anthropic_client.mjs");
    await anthropicCalls(seen, client, MODEL);
  },
  async aiFile(seen, { folder }) {
    const { generateText, streamText } = await import("ai");
    const { MODEL, model } = await load(folder, "ai_client.mjs");
    await attempt(seen, "chat", async () => (await generateText({ model, prompt: "hello there" })).text);
    await attempt(seen, "by name", async () => (await generateText({ model: MODEL, prompt: "hello there" })).text);
    await attempt(seen, "stream", () => chunks(streamText({ model, prompt: "hello there" }).textStream, String));
  },
  async aiOthers(seen, { folder }) {
    const { embed } = await import("ai");
    const { provider } = await load(folder, "ai_client.mjs");
    await attempt(seen, "vector", async () => {
      const { embedding } = await embed({ model: provider.embeddingModel(EMBEDDING), value: "x" });
      return counted(embedding);
    });
  },
  // The SDKs as they read the environment.
  async openaiVariables(seen) {
    const { default: OpenAI } = await import("openai");
    await openaiCalls(seen, new OpenAI({ maxRetries: 0 }), "qwen-plus");
  },
  async anthropicVariables(seen) {
    const { default: Anthropic } = await import("@anthropic-ai/sdk");
    await anthropicCalls(seen, new Anthropic({ maxRetries: 0 }), "qwen-plus");
  },
  async aiByName(seen) {
    const { generateText } = await import("ai");
    const request = { model: "qwen-plus", prompt: "hello there", maxRetries: 0 };
    await attempt(seen, "chat", async () => (await generateText(request)).text);
  },
  // A server that knows no base64, for openai 6: the format is removed from the requests.
  async floatsAlone(seen, { folder }) {
    const own = globalThis.fetch;
    globalThis.fetch = (url, options) => own(url, { ...options, body: options.body?.replace("base64", "float") });
    const { client } = await load(folder, "openai_client.mjs");
    await vectorCalls(seen, client);
    const { default: OpenAI } = await import("openai-6");
    const answer = await new OpenAI(client).embeddings.create({ model: EMBEDDING, input: "x" });
    seen["without the file"] = counted(answer.data[0].embedding);
    globalThis.fetch = own;
  },
};

const results = [];
for (const { run, variables = {}, ...options } of JSON.parse(process.argv[2])) {
  for (const [name, value] of Object.entries(variables)) {
    if (value === null) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
  const seen = {};
  await CASES[run](seen, options);
  results.push(seen);
}
console.log(JSON.stringify(results));
