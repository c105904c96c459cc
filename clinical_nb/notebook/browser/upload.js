/** The page on which files are uploaded: which they are, and how they go to the kernel, piece by piece. */

import { findingsView } from "./datasets.js";
import { Html, html, NOTHING, sizeOf } from "./html.js";

const CHUNK = 4 * 1024 * 1024; // bytes: the server's limit for a whole message is 10 MiB

/** @param {Staged[]} staged */
export function stagedView(staged) {
  return html`<ul class="cnb-files">${staged.map(
    ({ id, file, role }) => html`<li>
      <span class="cnb-said">${file.name} <span class="cnb-dim">${sizeOf(file.size)}</span></span>
      <select data-role="${id}" aria-label="What ${file.name} holds">
        <option value="data" ${role === "data" && new Html("selected")}>data</option>
        <option value="dictionary" ${role === "dictionary" && new Html("selected")}>what the columns mean</option>
      </select>
      <button data-do="unstage" data-with="${id}" aria-label="Leave out ${file.name}">✕</button>
    </li>`,
  )}</ul>`;
}

/** @param {string} text @param {number | null} share of the whole, null where unknown @param {boolean} canCancel */
function progressView(text, share, canCancel) {
  const percent = share === null ? null : Math.round(share * 100);
  return html`<div class="cnb-progress">
    <div class="cnb-track" role="progressbar" aria-label="Upload" aria-valuemin="0" aria-valuemax="100"
      ${percent !== null && html`aria-valuenow="${percent}"`}><i class="${percent === null && "cnb-going"}" style="width:${percent ?? 30}%"></i></div>
    <div class="cnb-line"><span>${text}</span>${canCancel && html`<button data-do="cancel">Cancel</button>`}</div>
  </div>`;
}

/** @param {View} view @param {Sending | null} sending @param {boolean} waiting for the kernel to read what was sent */
export function uploadView(view, sending, waiting) {
  if (view.busy?.kind === "upload") return progressView(`${view.busy.doing} …`, null, false);
  if (sending) return progressView(sending.say(), sending.share, true);
  if (waiting) return progressView("All there; waiting for the kernel to read it …", null, true);
  if (!view.uploaded) return NOTHING;
  const { name, findings, proposals } = view.uploaded;
  const left = proposals.filter(({ done }) => !done).length;
  const wrong = [...proposals.filter(({ step }) => step).map((each) => ({ ...each, rows: 0 })), ...findings];
  const found = wrong.length === 0 ? "Nothing in it looked wrong." : "What was found in it:";
  return html`<div class="cnb-note cnb-good" role="status"><b>${name} is stored.</b> ${found}
      ${left > 0 && html`<button class="cnb-chip" data-do="describe" data-with="${name}">Look at ${left} proposal${left > 1 && "s"}</button>`}
      <button class="cnb-chip" data-do="page" data-with="ask">Ask about it</button></div>
    ${findingsView(wrong)}`;
}

/** Files on their way to the kernel: a few pieces at a time, each stored piece sends the next. */
export class Sending {
  /**
   * @param {Staged[]} files
   * @param {string} name of the dataset
   * @param {(message: object, buffers: ArrayBuffer[]) => void} send
   */
  constructor(files, name, send) {
    this.files = files;
    this.name = name;
    this.send = send;
    this.begun = Date.now();
    this.total = files.reduce((sum, { file }) => sum + file.size, 0);
    this.stored = 0;
    this.stopped = false;
    /** @type {{id: string, file: File, offset: number}[]} */
    this.left = files.flatMap(({ id, file }) =>
      Array.from({ length: Math.max(1, Math.ceil(file.size / CHUNK)) }, (_, piece) => ({ id, file, offset: piece * CHUNK })),
    );
    this.unstored = this.left.length;
  }

  get share() {
    return this.total === 0 ? 0 : this.stored / this.total;
  }

  /** @returns {string} how far it is */
  say() {
    const seconds = (Date.now() - this.begun) / 1000;
    const left = this.stored > 0 && seconds > 2 ? ` · ${Math.ceil((seconds / this.share) * (1 - this.share))} s left` : "";
    return `Sending ${sizeOf(this.stored)} of ${sizeOf(this.total)}${left}`;
  }

  async sendNext() {
    const piece = this.left.shift();
    if (piece === undefined || this.stopped) return;
    const { id, file, offset } = piece;
    const buffer = await file.slice(offset, offset + CHUNK).arrayBuffer();
    const digest = await digestOf(buffer);
    if (this.stopped) return;
    this.send({ chunk: { file: id, name: file.name, offset, total: file.size, digest } }, [buffer]);
  }

  /** @param {string} id @param {number} offset @returns {boolean} whether all is stored */
  heard(id, offset) {
    const size = this.files.find((each) => each.id === id)?.file.size;
    if (size === undefined || this.stopped) return false;
    this.stored += Math.min(CHUNK, size - offset);
    this.unstored -= 1;
    return this.unstored === 0;
  }

  /** The message that has the kernel read what was stored. */
  get upload() {
    const named = (/** @type {"data" | "dictionary"} */ wanted) =>
      this.files.filter(({ role }) => role === wanted).map(({ id, file }) => ({ file: id, name: file.name }));
    return { files: named("data"), dictionary: named("dictionary")[0] ?? null, name: this.name };
  }
}

/** @param {ArrayBuffer} buffer @returns {Promise<string>} SHA-256; empty on plain http, where browsers have none */
async function digestOf(buffer) {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
