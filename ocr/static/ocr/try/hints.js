/** What the camera sees goes in, what to tell the person holding it comes out. Pure functions of pixels: no DOM. */

export const CARD = 85.6 / 54; // ISO 7810 ID-1, width over height
export const RING = 0.14; // of the frame's width: how much is looked at around it, on each side
const COLUMNS = 16;
const ROWS = 12;

// Measured on eight drawn pictures of `fixtures/`, the frame 500 pixels wide. Where the card fills the frame: sharpness
// 2388 and more, blurred by 3 pixels 5 and less; detail inside 0.87 and more, at a third of the size 0.25. Where it is
// 1.6 times as large: detail outside 0.29 and more. In between, the bounds are chosen.
const DARK = 70; // grey value that the brightest twentieth stays under
const GLARE = 0.06; // share of the frame that is blown out, where the rest is not white as well
const BLOWN = 252;
const SHARP = 120;
const DETAIL = 8; // deviation of the grey values from which a cell shows something, blurred or not
const EMPTY = 0.04; // share of the frame's cells with detail below which there is no card
const FULL = 0.5; // from which the card fills the frame
const OVERFULL = 0.25; // the same of the ring: the card reaches beyond the frame
const STILL = 14; // mean difference to the picture before

/** `picture`: ImageData of the frame and the ring around it. `before`: the grey values of the last one, if any. */
export function measure(picture, before = null) {
  const { width, height } = picture;
  const grey = greyValues(picture);
  const frame = frameOf(width, height);
  const edges = laplacian(grey, width, height);
  const { inside, outside } = detail(grey, width, height, frame);
  return {
    grey,
    bright: percentile(grey, 0.95),
    glare: blownOut(grey, width, frame),
    sharpness: variance(edges, width, frame),
    inside,
    outside,
    motion: before?.length === grey.length ? difference(grey, before) : 0,
  };
}

/** The one thing to mend first: a key of the page's hints. */
export function hintFor({ bright, glare, sharpness, inside, outside, motion }) {
  if (bright < DARK) return "dark";
  if (motion > STILL) return "moving";
  if (inside < EMPTY) return "empty";
  if (outside > OVERFULL) return "back";
  if (inside < FULL) return "closer";
  if (glare > GLARE) return "glare";
  if (sharpness < SHARP) return "blurred";
  return "good";
}

export function greyValues({ data }) {
  const grey = new Uint8ClampedArray(data.length / 4);
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  return grey;
}

function frameOf(width, height) {
  const ring = Math.round((width * RING) / (1 + 2 * RING));
  return { left: ring, top: ring, right: width - ring, bottom: height - ring };
}

function laplacian(grey, width, height) {
  const edges = new Int16Array(grey.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      edges[i] = grey[i - 1] + grey[i + 1] + grey[i - width] + grey[i + width] - 4 * grey[i];
    }
  }
  return edges;
}

function variance(values, width, { left, top, right, bottom }) {
  let sum = 0;
  let squares = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const value = values[y * width + x];
      sum += value;
      squares += value * value;
    }
  }
  const count = (right - left) * (bottom - top);
  return squares / count - (sum / count) ** 2;
}

/** Shares of the cells inside and outside the frame that show something. */
function detail(grey, width, height, frame) {
  const seen = { inside: [], outside: [] };
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const cell = {
        left: Math.floor((column * width) / COLUMNS),
        right: Math.floor(((column + 1) * width) / COLUMNS),
        top: Math.floor((row * height) / ROWS),
        bottom: Math.floor(((row + 1) * height) / ROWS),
      };
      const middle = { x: (cell.left + cell.right) / 2, y: (cell.top + cell.bottom) / 2 };
      const within = middle.x > frame.left && middle.x < frame.right && middle.y > frame.top && middle.y < frame.bottom;
      seen[within ? "inside" : "outside"].push(variance(grey, width, cell) >= DETAIL ** 2);
    }
  }
  return { inside: shareOf(seen.inside), outside: shareOf(seen.outside) };
}

const shareOf = (claims) => claims.filter(Boolean).length / claims.length;

/** White paper is no glare: what is blown out counts where most of the frame is not. */
function blownOut(grey, width, { left, top, right, bottom }) {
  let blown = 0;
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const value = grey[y * width + x];
      sum += value;
      blown += value >= BLOWN ? 1 : 0;
    }
  }
  const count = (right - left) * (bottom - top);
  return sum / count < 215 ? blown / count : 0;
}

function percentile(grey, wanted) {
  const histogram = new Uint32Array(256);
  for (const value of grey) histogram[value]++;
  let left = grey.length * wanted;
  return histogram.findIndex((count) => (left -= count) <= 0);
}

function difference(grey, before) {
  let sum = 0;
  for (let i = 0; i < grey.length; i++) sum += Math.abs(grey[i] - before[i]);
  return sum / grey.length;
}
