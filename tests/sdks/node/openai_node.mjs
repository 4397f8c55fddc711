// The official `openai` SDK for Node, unmodified.

import OpenAI from "openai";
import { CITY, HELLO, LOCAL, PNG, SCHEMA, caught, hall, own, raised, tell, usage } from "./facts.mjs";

const at = (apiKey) => new OpenAI({ baseURL: `${hall.address}/v1`, apiKey, maxRetries: 0 });
const client = at(hall.key);
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: HELLO },
];
const tools = [{ type: "function", function: { name: "weather", description: "Tells it", parameters: CITY } }];
const json_schema = { name: "place", schema: SCHEMA, strict: true };
const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } };

const create = (model, more = {}) => client.chat.completions.create({ model, messages, ...more });
const said = (answer) => answer.choices[0].message.content;
const counted = (told) =>
  usage(told.prompt_tokens, told.prompt_tokens_details?.cached_tokens ?? 0, told.completion_tokens);
const calls = (message) =>
  message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);

async function read(stream) {
  let text = "";
  let last = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    last = chunk.usage ?? null;
  }
  return [text, last];
}

async function afterTools(model) {
  const { message } = (await create(model, { tools })).choices[0];
  const results = message.tool_calls.map((call, at) => ({
    role: "tool",
    tool_call_id: call.id,
    content: `${20 + at} degrees`,
  }));
  return said(await create(model, { tools, messages: [...messages, message, ...results] }));
}

async function cut(model) {
  let before = "";
  const ending = await caught(async () => {
    for await (const chunk of await create(model, { stream: true })) before += chunk.choices[0]?.delta.content ?? "";
  });
  return { ...ending, before };
}

async function onProfile(profile) {
  const talk = await create(`${profile}/talk`);
  const asked = { stream: true, stream_options: { include_usage: true } };
  const [streamed, told] = await read(await create(`${profile}/talk`, asked));
  const parallel = client.chat.completions.stream({ model: `${profile}/parallel`, messages, tools });
  const shown = [{ role: "user", content: [{ type: "text", text: "What is it?" }, picture] }];
  return {
    text: said(talk),
    usage: counted(talk.usage),
    streamed,
    streamed_usage: counted(told),
    streamed_without_usage: await read(await create(`${profile}/talk`, { stream: true })),
    schema: JSON.parse(said(await create(`${profile}/json`, { response_format: { type: "json_schema", json_schema } }))),
    tools: calls((await create(`${profile}/tools`, { tools })).choices[0].message),
    parallel: calls((await create(`${profile}/parallel`, { tools })).choices[0].message),
    streamed_parallel: calls((await parallel.finalChatCompletion()).choices[0].message),
    after_tools: await afterTools(`${profile}/parallel`),
    picture: said(await create(`${profile}/image`, { messages: shown })),
    cut: await cut(own(profile, "cut")),
    errors: await raised(profile, (model, key) => at(key).chat.completions.create({ model, messages })),
  };
}

await tell(onProfile, async () => {
  const steady = { temperature: 0, max_tokens: 12 };
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  const embedded = await client.embeddings.create({ model: "gpt/talk", input: ["a", "b"] });
  const text = said(await create(LOCAL, steady));
  const [streamed] = await read(await create(LOCAL, { ...steady, stream: true }));
  return { models, embedded: embedded.data.map((row) => Array.from(row.embedding)), local: { text, streamed } };
});
