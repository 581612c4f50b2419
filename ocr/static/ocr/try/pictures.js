/** A file comes in, a JPEG that the service takes goes out: as it is where it can be, else encoded anew. */

import { size, text } from "./texts.js";

const MOST_BYTES = 2 * 1024 * 1024; // the service's limit for a side
const LONGEST_SIDE = 3000; // pixels: a card that fills them is read as well as one that fills more
const QUALITIES = [0.92, 0.85, 0.75, 0.65];
const SMALLER = 0.8;

/** The browser knows no such format: HEIC outside Safari, or no picture at all. */
export class Undecodable extends Error {}

/** `{blob, name, told}`: what is sent, under which name, and what the page says of it. */
export async function prepared(file, name = file.name) {
  if (file.size <= MOST_BYTES && (await isJpeg(file))) {
    return { blob: file, name, told: text("pictures", "as_it_is", { name, size: size(file.size) }) };
  }
  const { blob, width, height } = await reencoded(file, name);
  const told = text("pictures", "reencoded", { name, before: before(file), size: size(blob.size), width, height });
  return { blob, name: name.replace(/(\.\w+)?$/, ".jpg"), told };
}

async function isJpeg(file) {
  const [first, second, third] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return first === 0xff && second === 0xd8 && third === 0xff;
}

const before = (file) => [file.type.replace("image/", "").toUpperCase(), size(file.size)].filter(Boolean).join(", ");

async function reencoded(file, name) {
  const picture = await decoded(file, name);
  let scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  for (;;) {
    const canvas = drawn(picture, scale);
    for (const quality of QUALITIES) {
      const blob = await toJpeg(canvas, quality);
      if (blob.size <= MOST_BYTES) return { blob, width: canvas.width, height: canvas.height };
    }
    scale *= SMALLER;
  }
}

async function decoded(file, name) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Undecodable(text("pictures", "undecodable", { name }));
  }
}

function drawn(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent in a PNG would turn black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export const toJpeg = (canvas, quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
