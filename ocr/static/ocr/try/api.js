/** The public API, as any client uses it. Tokens live in this module's memory and nowhere else. */

import { LANGUAGE } from "./texts.js";

const { tokenUrl, refreshUrl, documentsUrl } = document.body.dataset;

/** Why there is no answer with data. `kind`: refused (the card), busy, offline, ended (the session), cancelled,
 * unexpected. `body` is what the service said, if it did; `wait` the seconds that it asks for. */
export class Failure extends Error {
  constructor(kind, { status = 0, body = null, wait = 0 } = {}) {
    super(kind);
    Object.assign(this, { kind, status, body, wait });
  }
}

let access = "";
let refresh = "";

export async function signIn(username, password) {
  const answer = await post(tokenUrl, { username, password });
  if (answer.status === 401) throw new Failure("refused", answer);
  if (answer.status !== 200) throw failureOf(answer);
  ({ access, refresh } = answer.body);
}

export function signOut() {
  access = refresh = "";
}

/** Read both pictures; `onProgress` hears how much was sent, 0 to 1. Answers the body and what it took. */
export async function read(parts, { onProgress, signal }) {
  const started = performance.now();
  const answer = await withFreshToken(() => upload(parts, onProgress, signal));
  if (answer.status !== 200) throw failureOf(answer);
  return { body: answer.body, milliseconds: performance.now() - started };
}

export async function erase(id) {
  const answer = await withFreshToken(() => ask(`${documentsUrl}${id}/`, { method: "DELETE", headers: headers() }));
  if (answer.status !== 204 && answer.status !== 410) throw failureOf(answer);
}

/** An access token lives minutes: the one that has ended is renewed once, with what is left of the session. */
async function withFreshToken(request) {
  const answer = await request();
  if (answer.status !== 401) return answer;
  const renewed = await post(refreshUrl, { refresh });
  if (renewed.status === 401) throw new Failure("ended", renewed);
  if (renewed.status !== 200) throw failureOf(renewed);
  access = renewed.body.access;
  const second = await request();
  if (second.status === 401) throw new Failure("ended", second);
  return second;
}

const headers = () => ({ Authorization: `Bearer ${access}`, "Accept-Language": LANGUAGE });

const post = (url, data) =>
  ask(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });

async function ask(url, options) {
  let response;
  try {
    // No cookies: whoever is signed in to the administration is nobody here.
    response = await fetch(url, { credentials: "omit", ...options });
  } catch {
    throw new Failure("offline");
  }
  return { status: response.status, body: parsed(await response.text()), wait: seconds(response.headers.get("Retry-After")) };
}

/** XMLHttpRequest, since `fetch` does not tell how much was sent: on a phone's line that is what takes the time. */
function upload(parts, onProgress, signal) {
  const request = new XMLHttpRequest();
  const answer = new Promise((resolve, reject) => {
    request.onload = () =>
      resolve({ status: request.status, body: parsed(request.responseText), wait: seconds(request.getResponseHeader("Retry-After")) });
    request.onerror = () => reject(new Failure("offline"));
    request.onabort = () => reject(new Failure("cancelled"));
  });
  request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
  request.open("POST", documentsUrl);
  for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
  signal.addEventListener("abort", () => request.abort());
  request.send(form(parts));
  return answer;
}

function form(parts) {
  const data = new FormData();
  for (const [name, part] of parts) {
    if (part.blob) data.append(name, part.blob, part.name);
    else data.append(name, part);
  }
  return data;
}

function parsed(said) {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}

const seconds = (said) => (/^\d+$/.test(said ?? "") ? Number(said) : 0);

function failureOf(answer) {
  if (answer.body?.error_code && answer.status !== 503) return new Failure("refused", answer);
  if (answer.status === 429 || answer.status === 503) return new Failure("busy", { ...answer, wait: answer.wait || 5 });
  return new Failure("unexpected", answer);
}
