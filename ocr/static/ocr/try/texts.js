/** What the page says, in its language: the texts come with the page (`ocr/pages.py`), none stands in a script. */

const TEXTS = JSON.parse(document.getElementById("texts").textContent);
export const LANGUAGE = document.documentElement.lang;

/** The text of a group and key, its braces filled in; the key itself where there is none. */
export function text(group, key, values = {}) {
  const found = TEXTS[group]?.[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A word of the service in the page's language; as it is where it has none. */
export const word = (said) => text("words", said);

export const has = (group, key) => key in (TEXTS[group] ?? {});

export const list = (words) => new Intl.ListFormat(LANGUAGE, { type: "conjunction" }).format(words);

const number = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });

export const decimal = (value) => number.format(value);

export const share = (value) => `${Math.round(value * 100)} %`;

export const size = (bytes) =>
  bytes >= 1024 * 1024 ? `${decimal(bytes / 1024 / 1024)} MB` : `${Math.max(1, Math.round(bytes / 1024))} kB`;
