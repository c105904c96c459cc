/** The page of what was asked: the runs that are sought, of which only those in sight are drawn. */

import { answerView } from "./asking.js";
import { Connection } from "./connection.js";
import { emptyView, Html, html, NOTHING, OPENING, timeOf } from "./html.js";
import { Parts } from "./parts.js";

const ROW = 57; // px: the height of a run, as in panel.css
const AROUND = 8; // runs drawn above and below those that can be seen
const WINDOW = 456; // px: the height of the list, where it is not shown yet
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

/** The list of what was asked: as much of it as can be seen, and older runs fetched as they are missed. */
export class RunList {
  /** @param {Parts} parts @param {Connection} line */
  constructor(parts, line) {
    this.parts = parts;
    this.line = line;
    this.runs = new Runs();
    this.onlyFailed = false;
    this.fetching = false;
    this.scrolling = false;
    this.place().addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  /** The window through which the list is seen. */
  place() {
    return this.parts.one("[data-window]");
  }

  /** Begin at the top, as other runs are sought. */
  sought() {
    this.place().scrollTop = 0;
    this.paint();
  }

  filter() {
    this.onlyFailed = !this.onlyFailed;
    this.sought();
  }

  /** Take in older runs. @param {{from: number, runs: Run[]}} older */
  add(older) {
    this.fetching = false;
    this.runs.add(older);
    if (older.runs.length > 0) this.paint();
  }

  /** Draw the rows that came into sight, once a frame. */
  scrolled() {
    if (this.scrolling) return;
    this.scrolling = true;
    requestAnimationFrame(() => {
      this.scrolling = false;
      this.paint();
    });
  }

  /** Draw the rows of the history that can be seen, and some around them. */
  paint() {
    const { view } = this.line;
    this.runs.take(view);
    const found = this.runs.seek(this.parts.input("find").value.trim(), this.onlyFailed);
    const { rerun } = view;
    const again = rerun && this.runs.all.find(({ id }) => id === rerun.of);
    this.parts.put("again", rerun ? html`<div class="cnb-again"><p class="cnb-dim">Run again: ${again?.question ?? rerun.answer.question}</p>${answerView(rerun.answer, false)}</div>` : NOTHING);
    const empty = view.asked === 0 ? emptyView("Nothing was asked yet", "Each question is listed here with its result, and can be run again.")
      : emptyView("Nothing matches", this.onlyFailed ? "Every question was answered." : "Try fewer words.");
    this.parts.put("unlisted", view.opened ? (found.length === 0 ? empty : NOTHING) : OPENING);
    const place = this.place();
    place.hidden = found.length === 0;
    const first = Math.max(0, Math.min(Math.floor(place.scrollTop / ROW), found.length - 1) - AROUND);
    const rows = found.slice(first, first + Math.ceil((place.clientHeight || WINDOW) / ROW) + 2 * AROUND);
    const list = this.parts.part("history");
    list.style.paddingTop = `${first * ROW}px`;
    list.style.paddingBottom = `${(found.length - first - rows.length) * ROW}px`;
    this.parts.put("history", html`${rows.map((run, at) => runView(run, view, first + at + 1, found.length))}`);
    const { isPart } = this.runs;
    const listed = found.length === view.asked ? "" : `${found.length.toLocaleString("en")} of ${view.asked.toLocaleString("en")}${isPart ? ", the older ones are on their way" : ""}`;
    this.parts.put("listed", html`${view.asked > 0 && listed}`);
    this.parts.one('[data-do="failed"]').setAttribute("aria-pressed", String(this.onlyFailed));
    if (isPart && !this.parts.one('[data-page-of="history"]').hidden) this.fetchOlder();
  }

  /** Ask for the next of the older runs; one piece is on its way at a time. */
  fetchOlder() {
    if (this.fetching || this.line.restarted) return;
    this.fetching = true;
    this.line.send({ older: this.runs.older.length });
  }
}
