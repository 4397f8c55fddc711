// What both SDKs share: the hall that standard input names, what is asked of it, and how it tells what came back.

import { readFileSync } from "node:fs";

export const hall = JSON.parse(readFileSync(0, "utf8"));
export const HELLO = "Say hello.";
export const LOCAL = "local/smollm2-135m-instruct";
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};
export const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

/** The model of that name that nobody else calls: what failed for one client must not be held against another. */
export const own = (profile, name) => `${profile}/${name}.${hall.client}`;

export async function caught(ask) {
  try {
    await ask();
  } catch (error) {
    return { raised: error.constructor.name, status: error.status ?? null, words: error.message };
  }
  return { raised: null };
}

/** What is raised at each status by `ask(model, key)`. */
export async function raised(profile, ask) {
  const failures = {
    400: [own(profile, "status-400"), hall.key],
    401: [`${profile}/talk`, "mh_no-such-key"],
    402: [`${profile}/talk`, hall.poor_key],
    403: [`${profile}/asleep`, hall.key],
    404: [`${profile}/nothing-by-that-name`, hall.key],
    429: [own(profile, "status-429"), hall.key],
    502: [own(profile, "status-500"), hall.key],
    503: [`${profile}-keyless/talk`, hall.key],
    504: [own(profile, "status-504"), hall.key],
  };
  const told = {};
  for (const [status, [model, key]] of Object.entries(failures)) told[status] = await caught(() => ask(model, key));
  return told;
}

/** Usage in one shape for both: `prompt` counts the cached tokens too. */
export const usage = (prompt, cached, written) => ({ prompt, cached, written });

export async function tell(onProfile, more) {
  const told = { gpt: await onProfile("gpt"), claude: await onProfile("claude"), ...(await more()) };
  process.stdout.write(JSON.stringify(told));
}
