// What the page shows and does for who is signed in. Addresses are relative, so that it also works below a path of a proxy.

import { Problem, ask, element, notice, part } from "./ask.js";
import { hideSignIn, listenForSignIn, readAddress, showSignIn, welcome } from "./sign-in.js";

const LOOK_AGAIN_MS = { fetching: 1000, loading: 1000, other: 10000 };
const STATES = {
  missing: "The built-in model is not installed.",
  fetching: "The built-in model is being fetched.",
  loading: "The built-in model is being loaded.",
  ready: "The built-in model answers.",
  failed: "The built-in model cannot run.",
};
const KEYS = {
  ok: ["key ok", "good"],
  none: ["needs no key", "good"],
  missing: ["key missing: set its variable or give it one with modelhall profile edit", "bad"],
  refused: ["the provider does not take the key", "bad"],
};
const base = new URL(".", location.href).href.replace(/\/$/, "");
let madeKey = "";
let defaultModel = "default";
let nextLook = 0;

start();

async function start() {
  addListeners();
  showCall();
  await readAddress();
  await enter();
}

async function enter() {
  try {
    const session = await ask("GET", "session");
    const { items } = await ask("GET", "organisations?limit=500");
    showWho(session, items);
    await look();
    return session;
  } catch (problem) {
    return fail(problem);
  }
}

function fail(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 401) showSignedOut();
  else notice(problem.message);
}

function showSignedOut() {
  clearTimeout(nextLook);
  part("signed-in").hidden = true;
  part("who").hidden = true;
  part("places").hidden = true;
  welcome("");
  showSignIn();
}

// Whoever is in one organisation only sees nothing of the idea.
function showWho({ member, organisation }, places) {
  const others = places.filter((place) => place.id !== organisation.slug);
  part("who-name").textContent = (member.name || member.login) + (others.length > 0 ? `, ${organisation.name}` : "");
  part("who").hidden = false;
  part("places").replaceChildren(...others.map(placeButton));
  part("places").hidden = others.length === 0;
  hideSignIn(member);
  part("signed-in").hidden = false;
}

function placeButton(place) {
  const button = element("button", `Go on in ${place.name}`);
  button.type = "button";
  button.addEventListener("click", () => goOnIn(place));
  return button;
}

// Keys and models of the organisation before leave the page with it.
async function goOnIn(place) {
  try {
    await ask("PUT", "session/organisation", { organisation: place.id });
    location.reload();
  } catch (problem) {
    fail(problem);
  }
}

async function look() {
  clearTimeout(nextLook);
  let wait = LOOK_AGAIN_MS.other;
  try {
    const status = await ask("GET", "status");
    notice("");
    showStatus(status);
    wait = LOOK_AGAIN_MS[status.engine?.state] ?? wait;
    await findDefault();
  } catch (problem) {
    fail(problem);
    if (problem.status === 401) return;
  }
  // A page that nobody sees asks for nothing.
  if (!document.hidden) nextLook = setTimeout(look, wait);
}

async function findDefault() {
  const models = await ask("GET", "models?active=true&limit=500");
  const model = models.items.find((each) => each.default);
  defaultModel = model ? model.name : "default";
  showCall(model !== undefined);
}

function showStatus(status) {
  const waiting = Object.entries(status.parts ?? {}).filter(([, state]) => state !== "ok" && state !== true);
  part("state").textContent = status.ready
    ? `Ready. Modelhall ${status.version}, ${status.database}.`
    : `Not ready: ${waiting.map(([name, state]) => `${name} (${state})`).join(", ")}`;
  part("state").className = status.ready ? "state" : "bad";
  showEngine(status.engine ?? { state: "missing" });
  const counts = status.counts ?? {};
  facts([
    ["Models", counts.models],
    ["active", counts.active_models],
    ["Profiles", counts.profiles],
    ["Keys", counts.keys],
  ]);
  const warnings = status.warnings ?? [];
  part("warnings").hidden = warnings.length === 0;
  part("warnings").replaceChildren(...warnings.map((text) => element("li", text)));
  const profiles = status.profiles ?? [];
  part("no-profiles").hidden = profiles.length > 0;
  part("profiles").replaceChildren(...profiles.map(profileLine));
}

function showEngine(engine) {
  const error = engine.error ? ` ${engine.error}` : "";
  part("engine-words").textContent = (STATES[engine.state] ?? "") + error;
  part("engine-words").className = { ready: "good", failed: "bad" }[engine.state] ?? "warn";
  const bar = part("engine-progress");
  bar.hidden = engine.state !== "fetching" && engine.state !== "loading";
  if (engine.total_bytes) {
    bar.max = engine.total_bytes;
    bar.value = engine.fetched_bytes;
    if (engine.state === "fetching") part("engine-words").textContent += ` ${megabytes(engine.fetched_bytes)} of ${megabytes(engine.total_bytes)} MB.`;
  } else {
    bar.removeAttribute("value");
  }
  part("engine-install").hidden = engine.state !== "missing" && engine.state !== "failed";
}

function profileLine(profile) {
  const [words, kind] = KEYS[profile.key] ?? [profile.key, "warn"];
  const line = element("li", `${profile.id} (${profile.provider}): `);
  const key = element("span", words);
  key.className = kind;
  line.append(key);
  return line;
}

function facts(pairs) {
  const rows = pairs.map(([name, value]) => {
    const row = document.createElement("div");
    row.append(element("dt", name), element("dd", String(value ?? "–")));
    return row;
  });
  part("counts").replaceChildren(...rows);
}

async function makeKey(event) {
  event.preventDefault();
  part("key-button").disabled = true;
  part("key-problem").hidden = true;
  try {
    const made = await ask("POST", "keys", { name: part("key-name").value.trim() });
    madeKey = made.key;
    part("key-text").textContent = made.key;
    showCall(defaultModel !== "default");
    part("new-key").hidden = false;
    await look();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status === 401) return fail(problem);
    part("key-problem").textContent = problem.message;
    part("key-problem").hidden = false;
  } finally {
    part("key-button").disabled = false;
  }
}

function showCall(known = false) {
  part("call-words").textContent = known || defaultModel !== "default"
    ? `This calls ${defaultModel}, the default model${madeKey ? ", with the key you just made" : "; put your key in the place of YOUR_KEY"}.`
    : "This calls the default model. None is set yet: modelhall model default MODEL sets one.";
  const body = { model: defaultModel, stream: true, messages: [{ role: "user", content: "Say hello." }] };
  part("curl").textContent = [
    `curl -N ${base}/v1/chat/completions`,
    `  -H "Authorization: Bearer ${madeKey || "YOUR_KEY"}" -H "Content-Type: application/json"`,
    `  -d '${JSON.stringify(body)}'`,
  ].join(" \\\n");
  part("openai-base").textContent = `${base}/v1`;
  part("anthropic-base").textContent = base;
}

function addListeners() {
  listenForSignIn(enter);
  part("make-key").addEventListener("submit", makeKey);
  part("key-name").addEventListener("input", showKeyCommand);
  part("sign-out").addEventListener("click", signOut);
  part("engine-install").addEventListener("click", installEngine);
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", copy);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !part("signed-in").hidden) look();
  });
  // The same page is open already and somebody follows a new link.
  window.addEventListener("hashchange", () => {
    if (/^#(link|problem|invitation)=/.test(location.hash)) location.reload();
  });
}

function showKeyCommand() {
  const name = part("key-name").value.trim() || "my-first-key";
  part("key-command").textContent = `modelhall key create ${/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`;
}

async function signOut() {
  try {
    await ask("DELETE", "session");
    madeKey = "";
    part("key-text").textContent = "";
    part("new-key").hidden = true;
    showSignedOut();
  } catch (problem) {
    fail(problem);
  }
}

async function installEngine() {
  try {
    await ask("POST", "local/install", {});
    await look();
  } catch (problem) {
    fail(problem);
  }
}

async function copy(event) {
  const text = part(event.currentTarget.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    part("copied").textContent = "Copied.";
    setTimeout(() => { part("copied").textContent = ""; }, 2000);
  } catch {
    // Without leave to use the clipboard the text is marked, and the person copies it.
    getSelection().selectAllChildren(text);
  }
}

function megabytes(count) {
  return Math.round(count / 1e6);
}
