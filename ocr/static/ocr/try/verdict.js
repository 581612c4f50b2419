/** The head of the result: valid or not and why, or why the card was not read and what to do next. */

import { find, make, show } from "./dom.js";
import { checkName } from "./more.js";
import { LANGUAGE, has, list, text, word } from "./texts.js";

const head = find(".verdict");
const SEALS = { valid: "✓", invalid: "!", refused: "✗" };

export function tellAnswer({ body, milliseconds }) {
  const { details } = body;
  fill({
    outcome: body.valid ? "valid" : "invalid",
    title: text("result", body.valid ? "valid" : "not_valid"),
    why: text("result", body.valid ? "valid.why" : "not_valid.why"),
    reasons: reasonsOf(body),
    facts: factsOf(body, details, milliseconds),
  });
}

export function tellFailure({ kind, status, body }) {
  const refused = kind === "refused";
  const code = String(body?.error_code ?? kind);
  fill({
    outcome: "refused",
    title: text("result", kind),
    why: body?.error ?? body?.detail ?? text("result", `${kind}.why`, { status }),
    cure: has("cures", code) ? text("cures", code) : text("cures", refused ? "unexpected" : kind),
    reasons: refusalsOf(body?.details ?? {}),
    facts: [
      body?.error_code ? fact(text("result", "code", { code }), "failed") : null,
      body?.id ? fact(text("result", "transaction", { id: body.id })) : null,
    ],
  });
}

/** What a life test suspects, and what is wrong with the pictures. */
const refusalsOf = ({ life = [], ...sides }) => [
  ...life.filter(({ suspected }) => suspected).map(suspicionOf),
  ...Object.entries(sides).flatMap(faultsOf),
];

const suspicionOf = ({ attack, reason }) => text("result", "attack", { attack: text("attacks", attack), reason: reason[LANGUAGE] });

/** What is wrong with one picture, and what to do about it. */
const faultsOf = ([side, { findings }]) => findings.map(({ advice }) => `${word(side)}: ${advice[LANGUAGE]}`);

function fill({ outcome, title, why, cure = "", reasons = [], facts }) {
  head.dataset.outcome = outcome;
  find(".seal", head).textContent = SEALS[outcome];
  find("h2", head).textContent = title;
  find(".why", head).textContent = why;
  find(".cure", head).textContent = cure;
  show(find(".cure", head), cure !== "");
  find(".reasons", head).replaceChildren(...reasons.map((reason) => make("li", {}, reason)));
  find(".facts", head).replaceChildren(...facts.filter(Boolean));
}

/** Why an answer is not valid, and what else is odd about it. */
function reasonsOf({ valid, details }) {
  const swapped = details.swapped ? [text("result", "swapped")] : [];
  if (valid) return swapped;
  const failed = Object.entries(details.validations).filter(([, check]) => check.passed === false);
  const differing = details.comparisons.filter((pair) => pair.contradicts);
  const unconfirmed = unconfirmedFields(details);
  return [
    ...swapped,
    ...differing.map((pair) => text("result", "contradicts", { pair: text("pairs", pair.name) })),
    ...details.doubts.map(doubtOf),
    ...failed.map(([name]) => text("result", "failed_check", { check: checkName(name) })),
    ...(unconfirmed.length ? [text("result", "unconfirmed_fields", { fields: list(unconfirmed) })] : []),
  ];
}

/** The service says "birth date, CURP and MRZ", or "sex, all witnesses". */
function doubtOf(doubt) {
  const [fact, who = ""] = doubt.split(", ");
  const [one, other] = who.split(" and ").map(word);
  const said = { fact: word(fact), one, other };
  return who ? text("result", other ? "doubt" : "doubt.all", said) : word(doubt);
}

function unconfirmedFields({ frontside, backside }) {
  const fields = [...Object.entries(frontside.fields), ...Object.entries(backside.fields)];
  const names = fields.filter(([, field]) => field.value !== null && !field.confirmed).map(([name]) => text("fields", name));
  return [...new Set(names)];
}

function factsOf(body, details, milliseconds) {
  const reading = Math.round(Object.values(details.milliseconds).reduce((sum, spent) => sum + spent, 0));
  const answering = Math.round(milliseconds);
  return [
    fact(text("result", body.match ? "match" : "no_match", { percentage: body.matches_percentage }), body.match ? "passed" : "failed"),
    fact(text("result", "card", { issuer: details.issuer, model: details.model ?? text("result", "unknown_model") })),
    ...holderFacts(details.holder ?? {}),
    fact(text("result", "spent", { reading, answering })),
    fact(text("result", "transaction", { id: body.id })),
  ];
}

const holderFacts = ({ age = null, minor, expired }) => [
  age === null ? null : fact(text("result", "age", { age })),
  minor ? fact(text("result", "minor"), "near") : null,
  expired ? fact(text("result", "expired"), "near") : null,
];

const fact = (said, manner = "") => make("li", { class: `fact ${manner}` }, said);
