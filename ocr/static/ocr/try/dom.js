/** The few words of the DOM that every module uses. */

export const find = (selector, inside = document) => inside.querySelector(selector);

export const findAll = (selector, inside = document) => [...inside.querySelectorAll(selector)];

/** An element with its attributes and what stands in it: texts are never taken for markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

export const copyOf = (template) => document.getElementById(template).content.firstElementChild.cloneNode(true);

/** Shows or hides; says whether it is shown. */
export function show(element, shown = true) {
  element.hidden = !shown;
  return shown;
}

/** Where the eyes go, the keyboard follows. */
export function moveTo(element) {
  element.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}
