/** The place of one side: a picture is dropped on it, chosen, pasted or photographed, and shown as it will be sent. */

import { find, show } from "./dom.js";
import { prepared, Undecodable } from "./pictures.js";
import { photograph, whyNoCamera } from "./camera.js";
import { text } from "./texts.js";

export class Slot {
  picture = null;
  #shown = "";
  #latest = 0;

  constructor(element, onChange) {
    this.element = element;
    this.side = element.dataset.side;
    this.onChange = onChange;
    this.#listen();
  }

  #listen() {
    for (const picker of [this.#at(".picker"), this.#at(".camera-app")]) {
      picker.addEventListener("change", () => {
        if (picker.files.length) this.take(picker.files[0]);
        picker.value = ""; // so that the same file can be chosen again
      });
    }
    this.#at(".use-camera").addEventListener("click", () => this.#photograph());
    this.#at(".remove").addEventListener("click", () => {
      this.clear();
      this.focus();
    });
  }

  #at(selector) {
    return find(selector, this.element);
  }

  /** Take a file; of two that come shortly one after the other, the later one stays. */
  async take(file, name = file.name) {
    const mine = ++this.#latest;
    this.#tell(text("pictures", "preparing", { name }));
    try {
      const picture = await prepared(file, name);
      if (mine === this.#latest) this.#keep(picture);
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      this.clear();
      this.#tell(error.message, "bad");
    }
  }

  #keep(picture) {
    this.picture = picture;
    this.#preview(URL.createObjectURL(picture.blob));
    this.#tell(picture.told);
    this.onChange(this);
  }

  clear() {
    this.#latest++;
    this.picture = null;
    this.#preview("");
    this.#tell("");
    this.onChange(this);
  }

  #preview(url) {
    if (this.#shown) URL.revokeObjectURL(this.#shown);
    this.#shown = url;
    const preview = this.#at(".preview");
    if (show(preview, url !== "")) {
      preview.src = url;
      preview.alt = text("pictures", `alt.${this.side}`);
    } else preview.removeAttribute("src");
    show(this.#at(".remove"), url !== "");
    this.element.classList.toggle("filled", url !== "");
  }

  #tell(said, manner = "") {
    const told = this.#at(".told");
    told.textContent = said;
    told.className = `told ${manner}`;
  }

  async #photograph() {
    try {
      const shot = await photograph(this.side);
      if (shot) await this.take(shot, `${this.side}.jpg`);
    } catch (error) {
      this.#tell(whyNoCamera(error), "bad");
      // What the page may not use, the phone's own camera app can: it hands over a file.
      if (matchMedia("(pointer: coarse)").matches) this.#at(".camera-app").click();
    }
  }

  focus() {
    this.#at(".picker").focus();
  }
}

/** Files dropped or pasted together: onto the side that was aimed at, the others onto the empty ones in their order. */
export function deal(files, slots, aimed = null) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.(jpe?g|png|webp|heic|heif)$/i.test(file.name));
  const both = pictures.length >= slots.length;
  const places = both ? slots : [...new Set([aimed, ...slots.filter((slot) => !slot.picture), ...slots])].filter(Boolean);
  const inOrder = both ? pictures.toSorted((one, other) => order(one) - order(other)) : pictures;
  inOrder.slice(0, places.length).forEach((file, place) => places[place].take(file));
}

/** Names often tell the sides apart; where they do not, the order of the files stands. */
const order = (file) => (/back|reverso|atr[aá]s|trasera/i.test(file.name) ? 1 : /front|anverso|frente/i.test(file.name) ? -1 : 0);
