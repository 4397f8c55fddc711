// The ways in: a password, a provider, a link that works once, an invitation.

import { Problem, ask, element, notice, part } from "./ask.js";

const PROBLEMS = {
  token_refused: "The sign-in provider's answer could not be taken. Try again; if it stays so, the server's log has the reason.",
  sign_in_over: "This sign-in was finished, took too long, or was begun in another window. Begin again.",
  not_a_member: "The sign-in provider knows you, but you have no place here. Ask an admin.",
  sign_in_unavailable: "Signing in by this provider does not work now. Try again later; the server's log has the reason.",
  forbidden: "Signing in needs a connection that nobody can read along. Ask whoever runs this server.",
  other: "Signing in did not work. The server's log has the reason.",
};

let invitation = "";
let enter = async () => {};

// `whenIn` shows the page to who has just come in, and gives the session.
export function listenForSignIn(whenIn) {
  enter = whenIn;
  part("sign-in").addEventListener("submit", (event) => submit(event, signIn));
  part("accept").addEventListener("submit", (event) => submit(event, accept));
  part("join").addEventListener("submit", (event) => submit(event, join));
  part("accept-known").addEventListener("change", showAccept);
  part("accept-later").addEventListener("click", signInFirst);
  part("join-never").addEventListener("click", forgetInvitation);
  for (const button of document.querySelectorAll("[data-shows]")) {
    button.addEventListener("click", () => showPassword(button, part(button.dataset.shows).type === "password"));
  }
}

// Codes stand behind the `#`, which browsers send to nobody, and leave the address before anything else happens.
export async function readAddress() {
  const told = new URLSearchParams(location.hash.slice(1));
  const [problem, link] = [told.get("problem"), told.get("link")];
  invitation = told.get("invitation") ?? "";
  if (problem === null && link === null && !invitation) return;
  history.replaceState(null, "", location.pathname + location.search);
  // Only a word of ours stands in the address, never a text that somebody could have put there.
  if (problem !== null) notice(Object.hasOwn(PROBLEMS, problem) ? PROBLEMS[problem] : PROBLEMS.other);
  if (link !== null) await useLink(link);
}

export function showSignIn() {
  part("invited").hidden = !invitation;
  part("accept").hidden = false;
  part("join").hidden = true;
  part("signed-out").hidden = Boolean(invitation);
  showAccept();
  showProviders().catch(() => {});
}

export function hideSignIn(member) {
  part("signed-out").hidden = true;
  part("invited").hidden = !invitation;
  part("accept").hidden = true;
  part("join").hidden = false;
  part("join-words").textContent = `You are signed in as ${member.login}. If the invitation is for you, join with this account.`;
}

export function welcome(text) {
  part("welcome").textContent = text;
  part("welcome").hidden = text === "";
}

async function useLink(link) {
  try {
    await ask("POST", "sessions", { link });
  } catch (problem) {
    notice(`This link does not work: ${problem.message}`);
  }
}

async function submit(event, act) {
  event.preventDefault();
  const form = event.currentTarget;
  const [button, told, field] = ["[type=submit]", "[role=alert]", "[data-password]"].map((each) => form.querySelector(each));
  button.disabled = true;
  told.hidden = true;
  notice("");
  // What is sent is hidden again: nobody reads it over a shoulder, and the browser knows it for a password.
  form.querySelectorAll("[data-shows]").forEach((shower) => showPassword(shower, false));
  try {
    await act();
    form.reset();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    told.textContent = problem.message;
    told.hidden = false;
    field?.select();
  } finally {
    button.disabled = false;
  }
}

async function signIn() {
  await ask("POST", "sessions", { login: part("login").value.trim(), password: part("password").value });
  await enter();
}

async function accept() {
  const body = { invitation, password: part("accept-password").value };
  if (!part("accept-known").checked) body.name = part("accept-name").value.trim();
  await ask("POST", "invitations/accept", body);
  invitation = "";
  const session = await enter();
  if (session) welcome(`Welcome. You are in ${session.organisation.name} with the role ${session.member.role}. From now on, sign in as ${session.member.login}.`);
}

async function join() {
  await ask("POST", "session/join", { invitation });
  invitation = "";
  await enter();
  welcome("You have joined. Go on there with the button at the top.");
}

function showAccept() {
  const known = part("accept-known").checked;
  part("accept-new").hidden = known;
  part("accept-name").required = !known;
  part("accept-label").textContent = known ? "Your password" : "New password";
  part("accept-password").autocomplete = known ? "current-password" : "new-password";
  part("accept-hint").textContent = known
    ? "The one that your account has. If you sign in by a provider, do so first, then open the invitation's link again."
    : "15 characters or more, of any kind; four words by chance are good.";
}

function signInFirst() {
  part("invited").hidden = true;
  part("signed-out").hidden = false;
  part("login").focus();
}

function forgetInvitation() {
  invitation = "";
  part("invited").hidden = true;
}

function showPassword(button, shown) {
  const word = shown ? "Hide" : "Show";
  part(button.dataset.shows).type = shown ? "text" : "password";
  button.textContent = word;
  button.setAttribute("aria-label", `${word} password`);
}

async function showProviders() {
  const { items } = await ask("GET", "sign-in");
  const buttons = items.map((provider) => {
    const button = element("button", `Sign in with ${provider.name}`);
    button.type = "button";
    button.addEventListener("click", () => signInBy(provider, button));
    return button;
  });
  part("providers").replaceChildren(...buttons);
  part("providers").hidden = items.length === 0;
}

async function signInBy(provider, button) {
  button.disabled = true;
  try {
    const begun = await ask("POST", `sign-in/${encodeURIComponent(provider.id)}`, {});
    location.assign(begun.address);
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) throw problem;
    notice(problem.message);
  }
}
