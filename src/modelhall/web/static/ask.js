// What the page's scripts share: asking the server, and finding and making elements.

export const part = (id) => document.getElementById(id);

export async function ask(method, path, body) {
  const options = { method, headers: { accept: "application/json" }, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`api/v1/${path}`, options);
  } catch {
    throw new Problem(0, "The server does not answer. It may have been stopped.");
  }
  const text = await answer.text();
  let told = {};
  try {
    told = text ? JSON.parse(text) : {};
  } catch {
    told = { detail: `The server answered ${answer.status}.` };
  }
  if (!answer.ok) throw new Problem(answer.status, told.detail ?? told.title ?? `The server answered ${answer.status}.`);
  return told;
}

export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function notice(text) {
  part("notice").textContent = text;
  part("notice").hidden = text === "";
}

export function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
