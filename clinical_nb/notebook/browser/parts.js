/** The parts of one drawing, by name: each is written again only where it changed. */

import { Html } from "./html.js";

export class Parts {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, string>} */
    this.painted = new Map();
  }

  /** Replace a part of the page where it changed, and keep the keyboard where it was. @param {string} name @param {Html} content */
  put(name, { text }) {
    if (this.painted.get(name) === text) return;
    this.painted.set(name, text);
    if (name === "described") this.painted.delete("error-form"); // which is inside of it, and new
    const part = this.part(name);
    const focused = /** @type {HTMLElement | null} */ (part.querySelector(":focus"));
    part.innerHTML = text;
    if (!focused?.dataset.do) return;
    const same = [...part.querySelectorAll("button")].find((each) => each.dataset.do === focused.dataset.do && each.dataset.with === focused.dataset.with);
    same?.focus();
  }

  /** @param {string} selector @returns {HTMLElement} */
  one(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector));
  }

  /** @param {string} name */
  part(name) {
    return this.one(`[data-part="${name}"]`);
  }

  /** @param {Page} page */
  tab(page) {
    return this.one(`[role="tab"][data-page="${page}"]`);
  }

  /** @param {string} name @returns {HTMLInputElement} */
  input(name) {
    return /** @type {HTMLInputElement} */ (this.one(`input[name="${name}"]`));
  }

  /** @param {string} wish @param {string} what */
  focusOn(wish, what) {
    [...this.root.querySelectorAll("button")].find((each) => each.dataset.do === wish && each.dataset.with === what)?.focus();
  }
}
