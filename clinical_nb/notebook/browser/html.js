/** Text that is HTML, escaped but where it is HTML already; and what every page says alike. */

/** Text that is HTML already. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @param {unknown} value @returns {string} */
function escaped(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {TemplateStringsArray} strings @param {...unknown} values @returns {Html} */
export function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(escaped)));
}

export const NOTHING = new Html("");
export const OPENING = html`<p class="cnb-doing">Opening the store …</p>`;

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** @param {string} iso */
export function timeOf(iso) {
  const at = new Date(iso);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 864e5);
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (days < 2) return `${days < 1 ? "today" : "yesterday"} ${clock}`;
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** @param {Failure} failure */
export function failureView({ message, hint, detail }) {
  return html`<div class="cnb-note cnb-error" role="alert">
    <b>${message}</b> ${hint}
    ${detail && html`<details><summary>For a report of the defect</summary><pre>${detail}</pre></details>`}
  </div>`;
}

/** @param {string} title @param {string} text @param {Html} [action] */
export function emptyView(title, text, action) {
  return html`<div class="cnb-empty"><b>${title}</b><p>${text}</p>${action}</div>`;
}
