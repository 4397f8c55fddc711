// The official `@anthropic-ai/sdk` for Node, unmodified.

import Anthropic from "@anthropic-ai/sdk";
import { CITY, HELLO, LOCAL, PNG, SCHEMA, caught, hall, own, raised, tell, usage } from "./facts.mjs";

const at = (apiKey) => new Anthropic({ baseURL: hall.address, apiKey, maxRetries: 0 });
const client = at(hall.key);
const ask = { max_tokens: 100, system: "Be brief.", messages: [{ role: "user", content: HELLO }] };
const tools = [{ name: "weather", description: "Tells it", input_schema: CITY }];
const output_config = { format: { type: "json_schema", schema: SCHEMA } };
const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };

const create = (model, more = {}) => client.messages.create({ model, ...ask, ...more });
const said = (message) => message.content.map((block) => block.text ?? "").join("");
const used = (message) => message.content.filter((block) => block.type === "tool_use");
const calls = (message) => used(message).map((block) => [block.name, block.input]);

function counted(told) {
  const cached = told.cache_read_input_tokens ?? 0;
  return usage(told.input_tokens + cached, cached, told.output_tokens);
}

async function afterTools(model) {
  const message = await create(model, { tools });
  const content = used(message).map((block, at) => ({
    type: "tool_result",
    tool_use_id: block.id,
    content: `${20 + at} degrees`,
  }));
  const further = [
    { role: "assistant", content: message.content },
    { role: "user", content },
  ];
  return said(await create(model, { tools, messages: [...ask.messages, ...further] }));
}

async function cut(model) {
  let before = "";
  const ending = await caught(async () => {
    for await (const event of await create(model, { stream: true })) before += event.delta?.text ?? "";
  });
  return { ...ending, before };
}

async function onProfile(profile) {
  const talk = await create(`${profile}/talk`);
  const streamed = await client.messages.stream({ model: `${profile}/talk`, ...ask }).finalMessage();
  const parallel = client.messages.stream({ model: `${profile}/parallel`, ...ask, tools });
  const shown = [{ role: "user", content: [{ type: "text", text: "What is it?" }, picture] }];
  return {
    text: said(talk),
    usage: counted(talk.usage),
    streamed: said(streamed),
    streamed_usage: counted(streamed.usage),
    schema: JSON.parse(said(await create(`${profile}/json`, { output_config }))),
    tools: calls(await create(`${profile}/tools`, { tools })),
    parallel: calls(await create(`${profile}/parallel`, { tools })),
    streamed_parallel: calls(await parallel.finalMessage()),
    after_tools: await afterTools(`${profile}/parallel`),
    picture: said(await create(`${profile}/image`, { messages: shown })),
    cut: await cut(own(profile, "cut")),
    errors: await raised(profile, (model, key) => at(key).messages.create({ model, ...ask })),
  };
}

await tell(onProfile, async () => {
  const steady = { max_tokens: 12, temperature: 0 };
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  const text = said(await create(LOCAL, steady));
  const streamed = said(await client.messages.stream({ model: LOCAL, ...ask, ...steady }).finalMessage());
  return { models, local: { text, streamed } };
});
