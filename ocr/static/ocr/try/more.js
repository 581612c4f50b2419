/** What stands below the two sides: checks, pairs, and whatever else the service told of this card. */

import { copyOf, find, make, show } from "./dom.js";
import { codeKey } from "./sides.js";
import { LANGUAGE, decimal, share, text, word } from "./texts.js";

const PASSED = { true: "passed", false: "failed", null: "nothing_to_check" };
const AGREES = { true: "agrees", false: "disagrees", null: "unsettled" };
const ALIKE = { passed: "✓", near: "≈", failed: "✗" };
const MARKS = { true: "✓", false: "✗", null: "–" };

export function moreOf(details, lights) {
  const element = copyOf("more-template");
  find(".checks ul", element).append(...Object.entries(details.validations).map(checkOf));
  find(".pairs tbody", element).append(...details.comparisons.map(pairOf));
  fill(find(".address", element), Object.entries(details.address_parts).filter(([, part]) => part).map(partOf));
  fill(find(".codes", element), details.codes.map((code) => codeOf(code, lights)));
  fill(find(".life", element), details.life.map(attackOf));
  fill(find(".seen", element), Object.entries(details.seen_before).map(seenOf));
  find(".work dl", element).append(...Object.entries(details.milliseconds).flatMap(stageOf));
  fill(find(".work details", element), details.second_looks.map((look) => make("li", {}, ...lookOf(look))));
  return element;
}

/** A section that has something to show is shown. */
function fill(section, found) {
  show(section, found.length > 0);
  find("ul, dl", section).append(...found.flat());
}

/** A claim that holds, does not, or cannot be judged: by mark and word, colour only repeats it. */
function tick(holds, said, ...children) {
  const mark = make("span", { class: "mark", "aria-hidden": "true" }, MARKS[holds]);
  return make("li", { class: `tick ${PASSED[holds]}` }, mark, make("div", {}, ...children, make("span", { class: "hidden-text" }, `: ${said}`)));
}

/** A check that failed may be named with the part at fault: `elector_key.entity`. */
export function checkName(name) {
  const whole = name.split(".")[0];
  const known = [name, whole === "mrz" ? "mrz.structure" : whole].find((key) => text("checks", key) !== key);
  return known ? text("checks", known) : name;
}

const checkOf = ([name, { passed, reason }]) =>
  tick(passed, text("result", PASSED[passed]), checkName(name), reason ? make("small", {}, word(reason)) : "");

function codeOf(code, lights) {
  const said = text("result", AGREES[code.agrees]);
  const held = Object.entries(code.numbers).map(([field, number]) => `${text("fields", field)} ${number}`);
  const item = tick(code.agrees, said, `${word(code.name)}: ${held.join(", ")}`, make("small", {}, said));
  lights.join(item, [codeKey(code)]);
  return item;
}

/** How much speaks for one attack, from how much on it is suspected, and what speaks for it. */
function attackOf({ attack, score, threshold, suspected, reason }) {
  const told = { score: share(score), threshold: share(threshold), reason: reason[LANGUAGE] };
  const said = text("result", suspected ? "suspected" : "unsuspected");
  return tick(!suspected, said, text("attacks", attack), make("small", {}, text("result", "life", told)));
}

function pairOf({ name, front, back, similarity, weight, contradicts }) {
  const manner = contradicts || similarity === 0 ? "failed" : similarity === 1 ? "passed" : "near";
  const mark = make("span", { class: "mark", "aria-hidden": "true" }, ALIKE[manner]);
  return make(
    "tr",
    { class: manner },
    make("th", { scope: "row" }, text("pairs", name)),
    make("td", {}, front),
    make("td", {}, back),
    make("td", { class: "sure" }, mark, share(similarity)),
    make("td", { class: "sure" }, decimal(weight)),
  );
}

const entry = (term, said) => [make("dt", {}, term), make("dd", {}, said)];

const partOf = ([name, part]) => entry(text("fields", name), part);

const stageOf = ([stage, spent]) => entry(word(stage), `${decimal(spent)} ms`);

const seenOf = ([whom, count]) =>
  entry(text("result", `seen.${whom}`), text("result", count > 1 ? "times" : count ? "once" : "never", { count }));

const lookOf = ({ side, reader, wanted, won }) => [
  text("result", "look", { reader, side: word(side), wanted }),
  make("small", {}, text("result", won ? "look.won" : "look.lost")),
];
