/** The panel: four pages over one state that comes down from the kernel; messages go up, each heard at once. */

import { askView } from "./asking.js";
import { Connection } from "./connection.js";
import { datasetsView, descriptionView, settledView, SETTLING, versionsView } from "./datasets.js";
import { frameView, PAGES, profileView } from "./frame.js";
import { RunList } from "./history.js";
import { failureView, html, NOTHING, OPENING } from "./html.js";
import { Parts } from "./parts.js";
import { Settling } from "./settling.js";
import { Sending, stagedView, uploadView } from "./upload.js";

/** @type {Record<string, Page>} where a failure of a kind of message is shown */
const PAGE_OF = { look: "ask", ask: "ask", choose: "ask", use: "datasets", describe: "datasets", versions: "datasets", diff: "datasets", drop: "datasets", accept: "datasets", reject: "datasets", correct: "datasets", upload: "upload", cancel: "upload", rerun: "history", disclose: "ask" };
const IN_FLIGHT = 4; // chunks; more only fills the browser's memory
const LARGEST = 2 * 1024 ** 3; // bytes
let drawn = 0;

/** One drawing of the panel; what is only of the eye (page, filter, chosen files) lives here, all else in the kernel. */
class Drawing {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.id = `cnb-${++drawn}`;
    this.root = document.createElement("section");
    this.root.className = "cnb-panel";
    this.root.setAttribute("aria-label", "clinical_nb");
    this.root.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the arrow keys and letters
    this.root.innerHTML = frameView(this.id).text;
    el.append(this.root);
    this.parts = new Parts(this.root);
    this.line = new Connection(model, this);
    this.runs = new RunList(this.parts, this.line);
    /** @type {Staged[]} */
    this.staged = [];
    /** @type {Sending | null} */
    this.sending = null;
    /** @type {string[] | null} files that the kernel has whole and was asked to read */
    this.waiting = null;
    this.dropping = false;
    this.settling = new Settling(this.parts, this.line, () => this.paint());
    /** @type {Failure | null} */
    this.told = null;
    this.wasReading = false;
    this.listen();
    this.openPage("ask");
    this.line.bind(model);
  }

  /** The kernel is there, for the first time or again. */
  bound() {
    this.runs.fetching = false;
    this.paint();
  }

  /** Turn grey: the kernel is gone. */
  lost() {
    this.stopSending();
    this.paint();
  }

  /** @param {{stored?: {file: string, offset: number}, older?: {from: number, runs: Run[]}}} message */
  hear({ stored, older }) {
    if (older) {
      this.runs.add(older);
      return;
    }
    if (stored && this.sending) {
      if (this.sending.heard(stored.file, stored.offset)) {
        this.waiting = this.sending.files.map(({ id }) => id);
        const { upload } = this.sending;
        this.sending = null;
        this.line.send({ upload });
      } else this.sending.sendNext();
    }
    this.paint();
  }

  /** The kernel shows another view. */
  shown() {
    const { busy, error, described } = this.line.view;
    const reading = busy?.kind === "upload";
    if (this.wasReading && !reading) this.waiting = null;
    this.wasReading = reading;
    if (error?.kind === "upload") this.stopSending();
    const closed = this.settling.open;
    this.settling.see(described);
    this.paint();
    if (closed.column !== null && this.settling.open.column === null) this.parts.focusOn("edit", closed.column);
    if (error && SETTLING.includes(error.kind) && error !== this.told) (this.root.querySelector(".cnb-form .cnb-error") ?? this.parts.part("error-datasets")).scrollIntoView({ block: "nearest" });
    this.told = error;
  }

  stopSending() {
    if (this.sending) this.sending.stopped = true;
    this.sending = null;
    this.waiting = null;
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target).closest("button");
      if (!target) return;
      if (target.dataset.page) this.openPage(/** @type {Page} */ (target.dataset.page));
      else if (target.dataset.do) this.act(target.dataset.do, target.dataset.with ?? "");
    });
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      const target = /** @type {HTMLFormElement} */ (event.target);
      const { form } = target.dataset;
      if (form === "ask") this.ask();
      if (form === "upload") this.upload();
      if (form === "change") this.settling.change(target);
      if (form === "correct") this.settling.correct(target);
    });
    this.root.addEventListener("input", ({ target }) => {
      if (target === this.parts.input("find")) this.runs.sought();
      else this.paint();
    });
    this.root.addEventListener("change", (event) => this.choose(/** @type {HTMLElement} */ (event.target)));
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("pointerenter", () => this.line.refresh());
    this.root.addEventListener("focusin", ({ relatedTarget }) => {
      if (!this.root.contains(/** @type {Node | null} */ (relatedTarget))) this.line.refresh();
    });
    for (const kind of ["dragover", "dragleave", "drop"]) {
      this.parts.part("upload").parentElement?.addEventListener(kind, (event) => this.drag(/** @type {DragEvent} */ (event)));
    }
  }

  /** @param {string} wish @param {string} what */
  act(wish, what) {
    if (wish === "page") this.openPage(/** @type {Page} */ (what));
    else if (wish === "choose") this.line.send({ choose: Number(what) });
    else if (wish === "suggested") this.line.send({ ask: { question: what } });
    else if (wish === "use") this.line.send({ use: what });
    else if (wish === "rerun" || wish === "rerun-latest") this.line.send({ rerun: { run: what, latest: wish !== "rerun" } });
    else if (wish === "unstage") this.staged = this.staged.filter(({ id }) => id !== what);
    else if (wish === "failed") this.runs.filter();
    else if (wish === "insert") this.insertCell();
    else if (wish === "diff") this.compare(Number(what));
    else if (wish === "accept" || wish === "reject") this.settling.settle({ [wish]: { which: [what] } });
    else if (wish === "change") this.settling.showProposal(Number(what));
    else if (wish === "edit") this.settling.showColumn(what);
    else if (wish === "untake") this.settling.takeBack(what);
    else if (wish === "dropping" || wish === "keep") this.askToDrop(wish === "dropping");
    else if (wish === "drop") {
      this.line.send({ drop: what });
      this.dropping = false;
      this.parts.tab("datasets").focus(); // the button is gone with the dataset
    } else if (wish === "versions") {
      this.dropping = false;
      this.line.send({ versions: what || null });
    } else if (wish === "describe") {
      this.line.send({ describe: what || null });
      this.openPage("datasets");
    } else if (wish === "cancel") {
      this.line.send({ cancel: this.sending?.files.map(({ id }) => id) ?? this.waiting ?? [] });
      this.stopSending();
    }
    this.paint();
  }

  /** Show what changed in a version, or hide it again. @param {number} after */
  compare(after) {
    const { versions, changes } = this.line.view;
    const before = versions?.versions.find(({ number }) => number === after)?.before;
    if (!versions) return;
    if (changes?.after === after) this.line.send({ versions: versions.name });
    else this.line.send({ diff: { name: versions.name, before, after } });
  }

  /** Ask in place whether a dataset is really to be deleted; the keyboard goes to what changes nothing. @param {boolean} asking */
  askToDrop(asking) {
    this.dropping = asking;
    this.paint();
    this.parts.one(`[data-do="${asking ? "keep" : "dropping"}"]`).focus();
  }

  ask() {
    const question = this.parts.input("question").value.trim();
    if (question) this.line.send({ ask: { question } });
  }

  upload() {
    const ready = this.staged.some(({ role }) => role === "data") && this.staged.every(({ file }) => file.size <= LARGEST);
    if (!ready || this.sending || this.waiting) return;
    this.sending = new Sending(this.staged, this.parts.input("name").value.trim(), (message, buffers) => this.line.send(message, buffers));
    this.staged = [];
    this.parts.input("name").value = "";
    for (let piece = 0; piece < IN_FLIGHT; piece += 1) this.sending.sendNext();
    this.paint();
  }

  /** @param {Iterable<File>} files */
  stage(files) {
    for (const file of files) {
      const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const dictionary = /dictionary|codebook/i.test(file.name) && !this.staged.some(({ role }) => role === "dictionary");
      this.staged.push({ id, file, role: dictionary ? "dictionary" : "data" });
    }
    if (this.staged.length === 1) this.staged[0].role = "data";
    this.paint();
  }

  /** @param {HTMLElement} target */
  choose(target) {
    if (target instanceof HTMLInputElement && target.type === "file") {
      this.stage(target.files ?? []);
      target.value = ""; // so that the same file can be chosen again
    }
    if (target instanceof HTMLSelectElement && target.name === "profile") this.line.send({ disclose: target.value });
    else if (target instanceof HTMLSelectElement) {
      const role = /** @type {Staged["role"]} */ (target.value);
      this.staged = this.staged.map((each) => (each.id === target.dataset.role ? { ...each, role } : each));
      this.paint();
    }
  }

  /** @param {DragEvent} event */
  drag(event) {
    event.preventDefault();
    event.stopPropagation(); // or JupyterLab takes the file as its own
    this.root.querySelector(".cnb-drop")?.classList.toggle("cnb-over", event.type === "dragover");
    if (event.type === "drop") this.stage(event.dataTransfer?.files ?? []);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target instanceof HTMLInputElement && event.key === "Enter" && !event.isComposing) {
      event.preventDefault(); // JupyterLab keeps Enter from submitting forms
      target.form?.requestSubmit();
    }
    if (event.key === "Escape" && this.dropping) this.askToDrop(false);
    if (event.key === "Escape" && target.closest(".cnb-form")) this.settling.close();
    if (target.dataset.page) this.moveTab(event, /** @type {Page} */ (target.dataset.page));
  }

  /** @param {KeyboardEvent} event @param {Page} page */
  moveTab(event, page) {
    const at = PAGES.indexOf(page);
    const last = PAGES.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.openPage(PAGES[to]);
    this.parts.tab(PAGES[to]).focus();
  }

  /** @param {Page} page */
  openPage(page) {
    for (const each of PAGES) {
      this.parts.tab(each).setAttribute("aria-selected", String(each === page));
      this.parts.tab(each).tabIndex = each === page ? 0 : -1;
      this.parts.one(`[data-page-of="${each}"]`).hidden = each !== page;
    }
    if (page === "history") this.paint(); // what can be seen of it is known only now
  }

  /** Write the answer's question into the notebook, so that it is part of the record. */
  insertCell() {
    const { answer } = this.line.view;
    const source = `%%clinical ask --data "${answer?.dataset}"\n${answer?.question}`;
    const notebook = this.notebook();
    notebook?.insertCell(notebook.cells.length, { cell_type: "code", source });
  }

  /** @returns {any} the notebook's shared model; other hosts than JupyterLab have none */
  notebook() {
    const shared = this.line.model.widget_manager?.context?.model?.sharedModel;
    return typeof shared?.insertCell === "function" ? shared : null;
  }

  paint() {
    const view = this.line.view;
    const { dataset, busy, error } = view;
    this.root.classList.toggle("cnb-restarted", this.line.restarted);
    this.parts.put("which", dataset ? html`<b>${dataset.name}</b><span>${dataset.size}</span><code>v${dataset.number} · ${dataset.version}</code>` : html`<b>clinical_nb</b>`);
    this.parts.put("profile", profileView(view.profile));
    this.parts.put("state", this.stateView(busy));
    this.parts.put("restarted", this.line.restarted ? html`<div class="cnb-note cnb-error" role="alert">The kernel restarted. Run the cell with
      <code>%load_ext clinical_nb</code> and this panel comes back; nothing was lost.</div>` : NOTHING);
    this.parts.put("count-datasets", html`${view.datasets.length || ""}`);
    this.parts.put("count-history", html`${view.asked ? view.asked.toLocaleString("en-GB") : ""}`);
    this.parts.put("ask", view.opened ? askView(view, this.notebook() !== null) : OPENING);
    this.parts.put("datasets", view.opened ? datasetsView(view) : OPENING);
    this.parts.put("settled", settledView(view));
    this.parts.put("described", view.described ? descriptionView(view.described, this.settling.open) : NOTHING);
    const inForm = error !== null && SETTLING.includes(error.kind) && this.root.querySelector(".cnb-form") !== null;
    for (const page of PAGES) this.parts.put(`error-${page}`, error && PAGE_OF[error.kind] === page && !inForm ? failureView(error) : NOTHING);
    if (this.root.querySelector(".cnb-form")) this.parts.put("error-form", inForm ? failureView(error) : NOTHING);
    this.parts.put("versions", view.versions ? versionsView(view.versions, view.changes, this.dropping) : NOTHING);
    this.parts.put("staged", stagedView(this.staged));
    this.parts.one('[data-form="upload"]').hidden = this.staged.length === 0 || this.sending !== null || this.waiting !== null;
    const tooLarge = this.staged.find(({ file }) => file.size > LARGEST);
    this.parts.put("upload", tooLarge ? failureView({ kind: "upload", message: `${tooLarge.file.name} is larger than 2 GB.`,
      hint: "Put it where the notebook runs and use %clinical upload PATH.", detail: "" }) : uploadView(view, this.sending, this.waiting !== null));
    this.runs.paint();
  }

  /** @param {View["busy"]} busy */
  stateView(busy) {
    if (this.line.restarted) return html`<span class="cnb-off">○ kernel restarted</span>`;
    if (this.line.late) return html`<span class="cnb-busy">◐ kernel busy, ${this.line.unheard} queued</span>`;
    if (busy) return html`<span class="cnb-busy">◐ working${busy.waiting > 0 && `, ${busy.waiting} queued`}</span>`;
    return html`<span class="cnb-ready">● ready</span>`;
  }

}

export default {
  /** @param {{model: Model, el: HTMLElement}} place */
  render({ model, el }) {
    const drawing = new Drawing(model, el);
    return () => drawing.line.unbind();
  },
};
