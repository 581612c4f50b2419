/** What is there to copy: the answer as JSON, and the commands that ask for it. No token and no password stands in it. */

import { find, findAll, make, moveTo } from "./dom.js";
import { text } from "./texts.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?|true|false|null/g;

/** Coloured as editors do; made of elements, never of markup. */
export function showJson(target, value) {
  const written = JSON.stringify(value, null, 2) ?? "";
  const pieces = [];
  let end = 0;
  for (const found of written.matchAll(TOKEN)) {
    const [token, quoted, colon = ""] = found;
    const kind = colon ? "json-key" : quoted ? "json-text" : "json-word";
    pieces.push(written.slice(end, found.index), make("span", { class: kind }, quoted ?? token), colon);
    end = found.index + token.length;
  }
  target.replaceChildren(...pieces, written.slice(end));
}

export function tokenCommand(url, username) {
  return [
    `read -rsp 'Password: ' PASSWORD`,
    `TOKEN=$(curl -s ${quoted(url)} --data-urlencode ${quoted(`username=${username}`)} --data-urlencode "password=$PASSWORD" \\`,
    `  | sed 's/.*"access": *"\\([^"]*\\)".*/\\1/')`,
  ].join("\n");
}

/** The request that was made, part by part. */
export function readCommand(url, parts, language) {
  const head = [`curl ${quoted(url)}`, `-H "Authorization: Bearer $TOKEN"`, `-H ${quoted(`Accept-Language: ${language}`)}`];
  return [...head, ...parts.map(([name, part]) => `-F ${quoted(`${name}=${part.blob ? `@${fileName(part.name)}` : part}`)}`)].join(" \\\n  ");
}

/** For curl: in its own quotation marks where the name has what else ends it. */
const fileName = (name) => (/[;,"\\]/.test(name) ? `"${name.replace(/[\\"]/g, "\\$&")}"` : name);

/** For the shell. */
const quoted = (said) => (/^[\w@%+=:,./-]+$/.test(said) ? said : `'${said.replaceAll("'", `'\\''`)}'`);

/** Each button copies what stands beside it; without a clipboard, the text is selected. */
export function listenForCopying(told) {
  for (const button of findAll(".copy")) {
    button.addEventListener("click", async () => {
      const source = find("pre", button.parentElement);
      try {
        await navigator.clipboard.writeText(source.textContent);
        told.textContent = text("page", "copied");
      } catch {
        getSelection().selectAllChildren(source);
        moveTo(source);
        told.textContent = text("page", "not_copied");
      }
      setTimeout(() => (told.textContent = ""), 3000);
    });
  }
}
