/** One side of the answer: its picture with boxes, its fields in a table, and what is wrong with the picture. */

import { copyOf, find, make } from "./dom.js";
import { drawBoxes } from "./overlay.js";
import { LANGUAGE, list, share, text, word } from "./texts.js";

const DOUBTFUL = 0.8; // confidence below which a value is shown as one to look at
const MARKS = { confirmed: "✓", unconfirmed: "?", doubtful: "!", missing: "–" };

/** `url`: the picture on which this side's boxes lie. `codes`: those that stand on this side. */
export function sideOf(side, { fields, findings }, url, codes, lights) {
  const element = copyOf("side-template");
  const image = find("img", element);
  element.dataset.side = side;
  find("h3", element).textContent = text("words", side);
  find("table", element).setAttribute("aria-label", text("words", side));
  image.src = url;
  image.alt = text("result", `picture.${side}`);
  const rows = Object.entries(fields).map(([name, field]) => rowOf(side, name, field, lights));
  find("tbody", element).append(...rows);
  find(".findings", element).append(...findings.map((finding) => make("li", {}, finding.advice[LANGUAGE])));
  drawBoxes(find(".picture", element), [...marksOf(side, fields), ...codeMarks(codes)], lights);
  return element;
}

const keyOf = (side, name) => `${side}.${name}`;

const marksOf = (side, fields) =>
  Object.entries(fields)
    .filter(([, field]) => field.box)
    .map(([name, field]) => ({ key: keyOf(side, name), label: text("fields", name), box: field.box, manner: mannerOf(field) }));

const codeMarks = (codes) =>
  codes.map((code) => ({ key: codeKey(code), label: word(code.name), box: code.box, manner: "code" }));

export const codeKey = (code) => `code.${code.name}`;

function mannerOf({ value, confidence, confirmed }) {
  if (value === null) return "missing";
  if (confidence < DOUBTFUL) return "doubtful";
  return confirmed ? "confirmed" : "unconfirmed";
}

function rowOf(side, name, field, lights) {
  const manner = mannerOf(field);
  const row = make(
    "tr",
    { class: manner, role: "row", "data-field": name },
    make("th", { role: "rowheader", scope: "row" }, make("button", { type: "button", "aria-pressed": "false" }, text("fields", name))),
    make("td", { role: "cell" }, ...valueOf(field)),
    make("td", { role: "cell", class: "sure" }, ...surenessOf(field, manner)),
  );
  lights.join(row, [keyOf(side, name)]);
  return row;
}

function valueOf({ value, source, witnesses, reason }) {
  if (value === null) return [make("span", { class: "none" }, word(reason ?? ""))];
  const told = [source && text("result", "source", { reader: source }), witnesses.length && vouched(witnesses)];
  return [make("span", { class: "value" }, value), make("small", {}, told.filter(Boolean).join(", "))];
}

const vouched = (witnesses) => text("result", "witnesses", { witnesses: list([...new Set(witnesses.map(word))]) });

function surenessOf({ confidence, confirmed }, manner) {
  const told = manner === "missing" ? "missing" : confirmed ? "confirmed" : "unconfirmed";
  const mark = make("span", { class: "mark", "aria-hidden": "true" }, MARKS[manner]);
  const said = make("span", { class: "hidden-text" }, text("result", told));
  if (manner === "missing") return [mark, said];
  const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
  bar.firstChild.style.width = share(confidence).replace(" ", "");
  return [mark, share(confidence), " ", said, bar];
}
