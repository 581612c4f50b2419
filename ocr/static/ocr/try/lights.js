/** What belongs together lights up together: the row of a field and its box in the picture. */

export class Lights {
  #joined = new Map(); // key → elements
  #pinned = [];

  /** `element` shows the things named by `keys`; pointing at it lights them, a click keeps them lit. */
  join(element, keys) {
    for (const key of keys) this.#joined.set(key, [...(this.#joined.get(key) ?? []), element]);
    element.addEventListener("pointerenter", () => this.#show(keys));
    element.addEventListener("pointerleave", () => this.#show(this.#pinned));
    element.addEventListener("focusin", () => this.#show(keys));
    element.addEventListener("focusout", () => this.#show(this.#pinned));
    element.addEventListener("click", () => this.#pin(keys));
  }

  #pin(keys) {
    const again = keys.length === this.#pinned.length && keys.every((key) => this.#pinned.includes(key));
    this.#pinned = again ? [] : keys;
    this.#show(again ? [] : keys);
    this.#each((element, key) => element.querySelector("button")?.setAttribute("aria-pressed", this.#pinned.includes(key)));
  }

  #show(keys) {
    this.#each((element) => element.classList.remove("lit"));
    for (const key of keys) for (const element of this.#joined.get(key) ?? []) element.classList.add("lit");
  }

  #each(act) {
    for (const [key, elements] of this.#joined) for (const element of elements) act(element, key);
  }
}
