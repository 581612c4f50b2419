/** The story of the page: sign in, two pictures, read, look at the answer. What each step does stands in its module. */

import { erase, Failure, read, signIn, signOut } from "./api.js";
import { listenForCopying, readCommand, showJson, tokenCommand } from "./code.js";
import { find, findAll, moveTo, show } from "./dom.js";
import { Lights } from "./lights.js";
import { moreOf } from "./more.js";
import { sideOf } from "./sides.js";
import { deal, Slot } from "./slots.js";
import { offer } from "./tabs.js";
import { LANGUAGE, text } from "./texts.js";
import { tellAnswer, tellFailure } from "./verdict.js";

const { tokenUrl, documentsUrl } = document.body.dataset;
const byId = (id) => document.getElementById(id);
const slots = findAll(".slot").map((element) => new Slot(element, onPicture));
const OTHER = { front: "back", back: "front" };
let username = "";
let reading = null; // the AbortController of the request that is under way
let waiting = 0; // the timer that counts down to another try
let transaction = null;

// --- sign in

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username: name, password } = event.target.elements;
  const submit = find("[type=submit]", event.target);
  submit.disabled = true;
  byId("sign-in-told").textContent = "";
  try {
    await signIn(name.value, password.value);
    username = name.value;
    enter();
  } catch (failure) {
    byId("sign-in-told").textContent = whyNotIn(failure);
    password.select();
    password.focus();
  } finally {
    submit.disabled = false;
  }
  if (username) password.value = "";
});

function whyNotIn({ kind, status, wait }) {
  const said = { refused: "wrong_password", offline: "offline", busy: "wait_to_sign_in" };
  return text("page", said[kind] ?? "failed", { status, seconds: wait });
}

function enter() {
  show(byId("door"), false);
  show(byId("desk"));
  show(byId("sign-out"));
  onPicture();
  moveTo(byId("desk-title"));
}

/** `why`: what to say at the door, if the person did not ask to leave. Pictures stay for whoever signs in again. */
function leave(why = "") {
  signOut();
  if (!why) startAnew();
  username = "";
  for (const id of ["desk", "sign-out", "result"]) show(byId(id), false);
  show(byId("door"));
  byId("sign-in-told").textContent = why;
  byId("username").focus();
}

byId("sign-out").addEventListener("click", () => leave());

// --- pictures

function onPicture(slot = null) {
  const missing = slots.filter((one) => !one.picture);
  byId("read").disabled = missing.length > 0 || reading !== null;
  const told = missing.length === 1 ? `add.${missing[0].side}` : missing.length ? "add_both" : "ready";
  byId("go-told").textContent = text("page", told);
  if (missing.length) show(byId("again"), false);
  if (slot?.picture) (missing.length ? find(".picker", missing[0].element) : byId("read")).focus({ preventScroll: true });
}

const aimedAt = (event) => slots.find((slot) => slot.element.contains(event.target)) ?? null;

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  for (const slot of slots) slot.element.classList.toggle("aimed", slot === aimedAt(event));
});
document.addEventListener("dragleave", (event) => aimedAt(event)?.element.classList.remove("aimed"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  for (const slot of slots) slot.element.classList.remove("aimed");
  if (username) deal(event.dataTransfer.files, slots, aimedAt(event));
});
document.addEventListener("paste", (event) => {
  if (username && event.clipboardData.files.length) deal(event.clipboardData.files, slots);
});

// --- read

byId("read").addEventListener("click", readCard);
byId("again").addEventListener("click", readCard);
byId("cancel").addEventListener("click", () => reading?.abort());

async function readCard() {
  const parts = partsOf();
  reading = new AbortController();
  clearInterval(waiting);
  begin();
  try {
    const answer = await read(parts, { onProgress: tellProgress, signal: reading.signal });
    finish();
    showAnswer(answer, parts);
  } catch (failure) {
    finish();
    if (!(failure instanceof Failure)) throw failure;
    if (failure.kind === "ended") leave(text("page", "session_ended"));
    else if (failure.kind === "cancelled") byId("read").focus();
    else showFailure(failure, parts);
  }
}

/** What any client sends; the curl command shows the same. */
function partsOf() {
  const [front, back] = slots.map((slot) => slot.picture);
  return [
    ["frontside", front],
    ["backside", named(back, front.name)],
    ["document_type", "id_mexico"],
    ["validate_sides", "True"],
    ["return_id", "True"],
    ["details", "True"],
    ["device", device()],
  ];
}

/** Two files of one name cannot lie in one folder. */
const named = (picture, taken) => (picture.name === taken ? { ...picture, name: `back-${picture.name}` } : picture);

function device() {
  if (/android/i.test(navigator.userAgent)) return "ANDROID";
  const isIpad = /Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  return isIpad || /iPhone|iPad|iPod/.test(navigator.userAgent) ? "IOS" : "DESKTOP";
}

function begin() {
  byId("read").disabled = true;
  show(byId("result"), false);
  show(byId("progress"));
  tellProgress(0);
  byId("cancel").focus({ preventScroll: true });
  byId("progress").scrollIntoView({ block: "nearest" });
}

function tellProgress(sent) {
  const bar = find("progress", byId("progress"));
  if (sent < 1) bar.value = 100 * sent;
  else bar.removeAttribute("value"); // how long reading takes, nobody knows
  const told = sent < 1 ? text("page", "uploading", { share: Math.round(100 * sent) }) : text("page", "reading");
  byId("progress-told").textContent = told;
}

function finish() {
  reading = null;
  show(byId("progress"), false);
  onPicture();
}

// --- the answer

function showAnswer(answer, parts) {
  const { details } = answer.body;
  const lights = new Lights();
  const sides = slots.map(({ side }) => sideOf(side, details[`${side}side`], urlOf(side, details.swapped), codesOf(side, details), lights));
  tellAnswer(answer);
  byId("panel-card").replaceChildren(...sides, moreOf(details, lights));
  showCode(answer.body, parts);
  offer(["card", "json", "curl"]);
  reveal(answer.body.id);
}

/** The picture on which a side's boxes lie: sent the other way round, it is the other one. */
const urlOf = (side, swapped) => find(`.slot[data-side=${swapped ? OTHER[side] : side}] .preview`).src;

/** Codes stand on the back alone. */
const codesOf = (side, { codes }) => (side === "back" ? codes : []);

function showFailure(failure, parts) {
  tellFailure(failure);
  showCode(failure.body, parts);
  offer(failure.body ? ["json", "curl"] : ["curl"]);
  reveal(failure.body?.id);
  if (failure.kind === "refused") return;
  show(byId("again"));
  countDown(failure.wait);
}

/** The service says how long to wait: the button says it, too, and is ready when it is. */
function countDown(seconds) {
  const again = byId("again");
  again.dataset.said ??= again.textContent;
  const tell = () => {
    again.disabled = seconds > 0;
    again.textContent = seconds > 0 ? text("page", "try_again_in", { seconds }) : again.dataset.said;
    if (seconds-- <= 0) clearInterval(waiting);
  };
  waiting = setInterval(tell, 1000);
  tell();
}

function showCode(body, parts) {
  showJson(find("pre", byId("panel-json")), body);
  byId("curl-token").textContent = tokenCommand(location.origin + tokenUrl, username);
  byId("curl-read").textContent = readCommand(location.origin + documentsUrl, parts, LANGUAGE);
}

function reveal(id = null) {
  transaction = id;
  show(byId("again"), false);
  show(byId("erase"), id !== null);
  byId("erase-told").textContent = "";
  show(byId("result"));
  moveTo(byId("verdict-title"));
}

byId("erase").addEventListener("click", async () => {
  try {
    await erase(transaction);
    show(byId("erase"), false);
    byId("erase-told").textContent = text("result", "erased");
    moveTo(byId("verdict-title"));
  } catch (failure) {
    if (failure.kind === "ended") leave(text("page", "session_ended"));
    else byId("erase-told").textContent = text("result", "not_erased");
  }
});

byId("another").addEventListener("click", () => {
  startAnew();
  moveTo(byId("desk-title"));
});

/** Nothing of a card stays on the page. */
function startAnew() {
  reading?.abort();
  clearInterval(waiting);
  for (const slot of slots) slot.clear();
  show(byId("result"), false);
  byId("panel-card").replaceChildren();
  for (const code of findAll("pre")) code.replaceChildren();
}

listenForCopying(byId("copy-told"));
