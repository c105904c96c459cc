/** The page of what was asked: the runs that are sought, of which only those in sight are drawn. */

import { Html, html, timeOf } from "./html.js";

const UNANSWERED = ["unclear", "declined", "failed"]; // the states of a run that nothing came of

/** @param {Run} run @param {View} view @param {number} place from 1 @param {number} of how many are listed */
export function runView(run, { busy }, place, of) {
  const button = (/** @type {string} */ wish, /** @type {string} */ text) => html`<button data-do="${wish}" data-with="${run.id}"
    ${busy?.kind === "rerun" && new Html("disabled")} aria-label="${text}: ${run.question}">${text}</button>`;
  const outcome = `${run.outcome}${run.dataset && ` · ${run.dataset}`}${run.again ? " · run again" : ""}${run.reused ? " · reused" : ""}${run.stale ? " · a newer version exists" : ""}${run.gone ? " · the dataset is gone" : ""}`;
  return html`<li class="cnb-run" aria-setsize="${of}" aria-posinset="${place}">
    <time class="cnb-dim" datetime="${run.at}">${timeOf(run.at)}</time>
    <div class="cnb-said">
      <div title="${run.question}">${run.question}</div>
      <div class="cnb-dim ${UNANSWERED.includes(run.status) && "cnb-failed"}" title="${outcome}">${outcome}</div>
    </div>
    <div class="cnb-actions">
      ${!run.gone && run.status === "answered" && button("rerun", "Rerun")}
      ${run.stale && run.status === "answered" && button("rerun-latest", "Rerun on the newest")}
    </div>
  </li>`;
}

/** The runs of the history, newest first: what the view has of them, and older ones as they arrive; and which are sought. */
export class Runs {
  constructor() {
    /** @type {Run[]} oldest first, without gaps */
    this.older = [];
    /** @type {Run[]} newest first */
    this.all = [];
    /** @type {Run[]} */
    this.found = [];
    /** @type {WeakMap<Run, string>} */
    this.texts = new WeakMap();
    /** whether older runs are still to come: what was known of them is listed until all are there */
    this.isPart = false;
    this.mark = "";
    this.sought = "";
    /** @type {Run[] | null} */
    this.seen = null;
    /** @type {Run[] | null} */
    this.listed = null;
  }

  /** Take in what the kernel shows. @param {View} view */
  take(view) {
    if (view.history === this.seen && this.older === this.listed) return;
    const mark = JSON.stringify(view.datasets.map(({ name, version }) => [name, version]));
    const isSame = mark === this.mark && view.asked >= this.older.length + view.history.length;
    if (mark !== this.mark || view.asked < this.older.length) this.older = []; // what is said of them may be otherwise
    const at = view.history.findIndex(({ id }) => id === this.all[0]?.id);
    const known = at < 0 ? view.history : [...view.history, ...this.all.slice(view.history.length - at)];
    if (isSame && known.length === view.asked) this.older = known.slice(view.history.length).reverse();
    this.isPart = this.older.length < view.asked - view.history.length;
    this.all = this.isPart ? known : [...view.history, ...this.older.slice(0, view.asked - view.history.length).reverse()];
    this.mark = mark;
    this.seen = view.history;
    this.listed = this.older;
    this.sought = "";
  }

  /** @param {{from: number, runs: Run[]}} piece */
  add({ from, runs }) {
    if (from !== this.older.length) return;
    this.older = [...this.older, ...runs];
  }

  /** @param {string} find @param {boolean} onlyFailed @returns {Run[]} */
  seek(find, onlyFailed) {
    const sought = JSON.stringify([find, onlyFailed]); // taking in others makes it empty
    if (sought === this.sought) return this.found;
    this.sought = sought;
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    this.found = this.all.filter((run) => (!onlyFailed || UNANSWERED.includes(run.status)) && words.every((word) => this.text(run).includes(word)));
    return this.found;
  }

  /** @param {Run} run */
  text(run) {
    const known = this.texts.get(run) ?? `${run.question} ${run.outcome} ${run.dataset}`.toLowerCase();
    this.texts.set(run, known);
    return known;
  }
}
