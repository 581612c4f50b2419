/** Boxes over a picture, one for each place that was read; several fields may stand in one place, as in the MRZ. */

import { make } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const NEAR_THE_TOP = 0.12; // of the picture's height: a box there has its label below
const FAR_RIGHT = 0.6; // of its width: a label there ends where its box ends

/** `marks`: `{key, label, box, manner}`, a box being four corners in pixels of the picture as it was sent. */
export function drawBoxes(picture, marks, lights) {
  const image = picture.querySelector("img");
  const draw = () => {
    const { naturalWidth: width, naturalHeight: height } = image; // turned as its EXIF says, as the boxes are
    const svg = picture.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    for (const place of places(marks)) {
      const [box, label] = [boxOf(place), labelOf(place, width, height)];
      svg.append(box);
      picture.append(label);
      lights.join(box, place.keys);
      lights.join(label, place.keys);
    }
  };
  if (image.complete && image.naturalWidth) draw();
  else image.addEventListener("load", draw, { once: true });
}

function places(marks) {
  const found = new Map();
  for (const { key, label, box, manner } of marks) {
    const place = found.get(String(box)) ?? { box, manner, keys: [], labels: [] };
    place.keys.push(key);
    place.labels.push(label);
    found.set(String(box), place);
  }
  return [...found.values()];
}

function boxOf({ box, manner, keys }) {
  const polygon = document.createElementNS(SVG, "polygon");
  polygon.setAttribute("points", around(box).map((corner) => corner.join(",")).join(" "));
  polygon.setAttribute("class", `box ${manner}`);
  polygon.dataset.fields = keys.join(" ");
  return polygon;
}

/** The rectangle around four corners, turned as the text is: of several lines, the corners are the first and last one's. */
function around(box) {
  const [[left, top], [right, beside]] = box;
  const turn = Math.atan2(beside - top, right - left);
  const upright = box.map((corner) => turned(corner, -turn));
  const [xs, ys] = [0, 1].map((axis) => upright.map((corner) => corner[axis]));
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return [[west, north], [east, north], [east, south], [west, south]].map((corner) => turned(corner, turn));
}

const turned = ([x, y], angle) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];

function labelOf({ box, labels }, width, height) {
  const [xs, ys] = [0, 1].map((axis) => box.map((corner) => corner[axis]));
  const label = make("span", { class: "label", "aria-hidden": "true" }, labels.join(" · "));
  const below = Math.min(...ys) < NEAR_THE_TOP * height;
  label.classList.toggle("below", below);
  label.style.top = `${(100 * (below ? Math.max(...ys) : Math.min(...ys))) / height}%`;
  if (Math.min(...xs) > FAR_RIGHT * width) label.style.right = `${100 - (100 * Math.max(...xs)) / width}%`;
  else label.style.left = `${(100 * Math.min(...xs)) / width}%`;
  return label;
}
