/** The camera in a dialog: a guide frame, a hint that follows what it sees, a shutter, and a look at what was taken. */

import { find, show } from "./dom.js";
import { CARD, RING, hintFor, measure } from "./hints.js";
import { toJpeg } from "./pictures.js";
import { text } from "./texts.js";

const LOOK_EVERY = 250; // milliseconds between two looks
const SPEAK_EVERY = 1500; // at most so often the hint changes: a screen reader has to keep up
const LOOKED_AT = 500; // pixels of width for the frame: enough to tell sharp from blurred, cheap on a phone
const QUALITY = 0.92;

const dialog = find("#camera");
const video = find("video", dialog);
const still = find(".still", dialog);
const guide = find(".guide", dialog);
const hint = find(".hint", dialog);
const button = (name) => find(`.${name}`, dialog);
const scratch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** A JPEG of what was inside the guide frame; null where the person closed the dialog. Rejects without a camera. */
export async function photograph(side) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", isSecureContext ? "NotFoundError" : "SecurityError");
  find("#camera-title").textContent = text("camera", `title.${side}`);
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 2560 }, height: { ideal: 1440 } },
  });
  const looking = new AbortController();
  try {
    return await taken(stream, looking.signal);
  } finally {
    looking.abort();
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    if (dialog.open) dialog.close();
  }
}

/** Why there is no camera, and what to do instead. */
export function whyNoCamera(error) {
  const reasons = { NotAllowedError: "refused", SecurityError: "insecure", NotReadableError: "busy" };
  return text("camera", reasons[error.name] ?? "missing");
}

async function taken(stream, signal) {
  say("starting");
  live(true);
  dialog.showModal();
  video.srcObject = stream;
  const closed = once(dialog, "close", signal);
  once(button("close"), "click", signal).then(() => dialog.close());
  for (const track of stream.getTracks()) once(track, "ended", signal).then(() => dialog.close()); // unplugged
  await Promise.race([video.play().catch(() => {}), closed]);
  look(signal);
  while (dialog.open) {
    await Promise.race([once(button("shutter"), "click", signal), closed]);
    if (!dialog.open) break;
    capture();
    live(false);
    say("review");
    const chosen = await Promise.race([choice("use", signal), choice("retake", signal), closed]);
    if (chosen === "use") return toJpeg(still, QUALITY);
    live(true);
  }
  return null;
}

const once = (target, name, signal) =>
  new Promise((resolve) => target.addEventListener(name, resolve, { once: true, signal }));

const choice = (name, signal) => once(button(name), "click", signal).then(() => name);

function live(isLive) {
  show(video, isLive);
  show(guide, isLive);
  show(button("shutter"), isLive);
  show(still, !isLive);
  show(button("use"), !isLive);
  show(button("retake"), !isLive);
  if (dialog.open) button(isLive ? "shutter" : "use").focus();
}

function say(key) {
  hint.textContent = text("hints", key);
  guide.dataset.hint = hint.dataset.hint = key;
}

/** What is seen is looked at again and again; a hint is said once two looks agree, and not too often. */
function look(signal) {
  let before = null;
  let latest = "";
  let saidAt = 0;
  const timer = setInterval(() => {
    if (video.hidden || video.readyState < 2) return;
    const seen = measure(pixels(), before);
    const key = hintFor(seen);
    before = seen.grey;
    const now = performance.now();
    if (key === latest && key !== hint.dataset.hint && now - saidAt > SPEAK_EVERY) {
      say(key);
      saidAt = now;
    }
    latest = key;
  }, LOOK_EVERY);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** The frame and the ring around it, small. */
function pixels() {
  const { x, y, width, height } = framed();
  const { canvas } = scratch;
  canvas.width = Math.round(LOOKED_AT * (1 + 2 * RING));
  canvas.height = Math.round((canvas.width * height) / width);
  scratch.drawImage(video, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return scratch.getImageData(0, 0, canvas.width, canvas.height);
}

/** The guide frame with its ring, in the video's own pixels. The video covers its stage: part of it is not seen. */
function framed() {
  const stage = video.getBoundingClientRect();
  const frame = guide.getBoundingClientRect();
  const scale = Math.max(stage.width / video.videoWidth, stage.height / video.videoHeight);
  const middle = {
    x: video.videoWidth / 2 + (frame.x + frame.width / 2 - stage.x - stage.width / 2) / scale,
    y: video.videoHeight / 2 + (frame.y + frame.height / 2 - stage.y - stage.height / 2) / scale,
  };
  const ring = frame.width * RING;
  const width = (frame.width + 2 * ring) / scale;
  const height = (frame.width / CARD + 2 * ring) / scale;
  return { x: middle.x - width / 2, y: middle.y - height / 2, width, height };
}

/** What was in the frame, in all the pixels that the camera has: nothing else of the room is sent. */
function capture() {
  const { x, y, width, height } = framed();
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  still.width = Math.round(Math.min(video.videoWidth, x + width) - left);
  still.height = Math.round(Math.min(video.videoHeight, y + height) - top);
  still.getContext("2d").drawImage(video, left, top, still.width, still.height, 0, 0, still.width, still.height);
}
