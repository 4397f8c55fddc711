// aimock, a provider that others made for such tests: says where it is, and answers until its standard input ends.

import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 4, logLevel: "silent" });
const words = "Hello there, said the mock: \u00e9, \u{1d11e}, \u2028, \"quoted\", {braces} and\na new line.";
const usage = { prompt_tokens: 21, completion_tokens: 13, total_tokens: 34, input_tokens: 21, output_tokens: 13 };
mock.onMessage("say hello", { content: words, usage });
mock.onMessage("ask the weather", {
  toolCalls: [
    { id: "call_1", name: "weather", arguments: '{"city":"Paris"}' },
    { id: "call_2", name: "weather", arguments: '{"city":"Rome"}' },
  ],
  usage,
});
mock.onMessage("fail", { error: { message: "the mock is busy", type: "rate_limit_error" }, status: 429 });
await mock.start();
console.log(mock.url);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
