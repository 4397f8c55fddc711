// Both official SDKs, unmodified, at each of the addresses that standard input names; tells what each got there.

import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const places = JSON.parse(readFileSync(0, "utf8"));

async function failure(ask) {
  try {
    await ask();
  } catch (error) {
    return [error.constructor.name, error.status];
  }
  return null;
}

async function openai({ address, key, model }) {
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0 });
  const tools = [{ type: "function", function: { name: "weather", parameters: CITY } }];
  const ask = (content, more = {}) =>
    client.chat.completions.create({ model, messages: [{ role: "user", content }], ...more });
  const streamed = async (content, more = {}) => {
    const stream = client.chat.completions.stream({
      model, messages: [{ role: "user", content }], stream_options: { include_usage: true }, ...more,
    });
    return stream.finalChatCompletion();
  };
  const told = ({ choices: [{ message, finish_reason }], usage }) => ({
    text: message.content ?? "",
    calls: (message.tool_calls ?? []).map((call) => [call.id, call.function.name, JSON.parse(call.function.arguments)]),
    reason: finish_reason,
    used: [usage.prompt_tokens, usage.completion_tokens],
  });
  return {
    whole: told(await ask("say hello")),
    streamed: told(await streamed("say hello")),
    tools: told(await ask("ask the weather", { tools })),
    streamed_tools: told(await streamed("ask the weather", { tools })),
    failed: await failure(() => ask("fail")),
    failed_stream: await failure(() => ask("fail", { stream: true })),
  };
}

async function anthropic({ address, key, model }) {
  const client = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0 });
  const tools = [{ name: "weather", input_schema: CITY }];
  const asked = (content, more) => ({ model, max_tokens: 500, messages: [{ role: "user", content }], ...more });
  const ask = (content, more = {}) => client.messages.create(asked(content, more));
  const streamed = (content, more = {}) => client.messages.stream(asked(content, more)).finalMessage();
  const told = ({ content, stop_reason, usage }) => ({
    text: content.filter((block) => block.type === "text").map((block) => block.text).join(""),
    calls: content.filter((block) => block.type === "tool_use").map((block) => [block.id, block.name, block.input]),
    reason: stop_reason,
    used: [usage.input_tokens, usage.output_tokens],
  });
  return {
    whole: told(await ask("say hello")),
    streamed: told(await streamed("say hello")),
    tools: told(await ask("ask the weather", { tools })),
    streamed_tools: told(await streamed("ask the weather", { tools })),
    failed: await failure(() => ask("fail")),
    failed_stream: await failure(() => ask("fail", { stream: true })),
  };
}

const found = {};
for (const [name, place] of Object.entries(places)) {
  // Each has a model of its own: one that failed for the first would be given a pause before the second asks.
  const of = (sdk) => ({ ...place, model: `${place.model}-${sdk}` });
  found[name] = { openai: await openai(of("openai")), anthropic: await anthropic(of("anthropic")) };
}
console.log(JSON.stringify(found));
