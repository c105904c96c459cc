/** The panel: four pages over one state that comes down from the kernel; messages go up, each heard at once. */

import { answerView, askView } from "./asking.js";
import { datasetsView, descriptionView, settledView, SETTLING, versionsView } from "./datasets.js";
import { changedIn, keyOf, pairsFrom, stepFrom } from "./forms.js";
import { Runs, runView } from "./history.js";
import { emptyView, failureView, Html, html, NOTHING, OPENING } from "./html.js";
import { Sending, stagedView, uploadView } from "./upload.js";

const MODEL_ID = "clinical-nb-panel"; // as in panel.py
const PAGES = /** @type {const} */ (["ask", "datasets", "upload", "history"]);
/** @type {Record<string, Page>} where a failure of a kind of message is shown */
const PAGE_OF = { look: "ask", ask: "ask", choose: "ask", use: "datasets", describe: "datasets", versions: "datasets", diff: "datasets", drop: "datasets", accept: "datasets", reject: "datasets", correct: "datasets", upload: "upload", cancel: "upload", rerun: "history", disclose: "ask" };
const IN_FLIGHT = 4; // chunks; more only fills the browser's memory
const LARGEST = 2 * 1024 ** 3; // bytes
const ROW = 57; // px: the height of a run in the history, as in panel.css
const AROUND = 8; // runs drawn above and below those that can be seen
const WINDOW = 456; // px: the height of the list, where it is not shown yet
const BUSY_AFTER = 1500; // ms without being heard
const LOOK_FOR_KERNEL = 500; // ms
let drawn = 0;

/** @param {string} profile of disclosure control; a custom one is chosen with %clinical disclosure */
function profileView(profile) {
  const names = ["off", "cms11", "nhs10", ...(profile === "custom" ? ["custom"] : [])];
  return html`<label class="cnb-profile">Small counts <select name="profile" title="off shows all; a profile suppresses counts of 1 to 10 and what would tell them">
    ${names.map((name) => html`<option value="${name}" ${name === profile && new Html("selected")}>${name === "off" ? "shown" : name}</option>`)}</select></label>`;
}

/** @param {string} id unique to this drawing */
function frameView(id) {
  const titles = { ask: "Ask", datasets: "Datasets", upload: "Upload", history: "History" };
  const tab = (/** @type {Page} */ page) => html`<button role="tab" id="${id}-tab-${page}" aria-controls="${id}-${page}" data-page="${page}">
    ${titles[page]} <span class="cnb-count" data-part="count-${page}"></span></button>`;
  const page = (/** @type {Page} */ name, /** @type {Html} */ content) => html`<div role="tabpanel" class="cnb-page" id="${id}-${name}"
    aria-labelledby="${id}-tab-${name}" data-page-of="${name}"><div data-part="error-${name}"></div>${content}</div>`;
  return html`<div class="cnb-bar"><div class="cnb-which" data-part="which"></div><div data-part="profile"></div><div class="cnb-state" data-part="state" role="status"></div></div>
    <div data-part="restarted"></div>
    <div class="cnb-tabs" role="tablist" aria-label="clinical_nb">${PAGES.map(tab)}</div>
    ${page("ask", html`<form class="cnb-row" data-form="ask">
        <label class="cnb-unseen" for="${id}-question">Question</label>
        <input id="${id}-question" name="question" autocomplete="off" placeholder="A question in plain words">
        <button class="cnb-go">Ask</button>
      </form><div data-part="ask" aria-live="polite"></div>`)}
    ${page("datasets", html`<div data-part="datasets"></div><div data-part="settled" aria-live="polite"></div>
      <div data-part="described"></div><div data-part="versions"></div>`)}
    ${page("upload", html`<input type="file" multiple class="cnb-unseen" id="${id}-files" name="files">
      <label class="cnb-drop" for="${id}-files">Drop files here, or <u>choose</u>. CSV, Excel, SAS, SPSS, Stata, JSON, Parquet, Arrow, or a zip of these,
        and a dictionary that says what the columns mean.<br>They stay on this machine.</label>
      <form data-form="upload" hidden><div data-part="staged"></div>
        <div class="cnb-row"><label for="${id}-name">Name</label>
          <input id="${id}-name" name="name" autocomplete="off" placeholder="by default the first file's">
          <button class="cnb-go">Upload</button></div>
      </form><div data-part="upload" aria-live="polite"></div>`)}
    ${page("history", html`<form class="cnb-row" data-form="find">
        <label class="cnb-unseen" for="${id}-find">Find in the history</label>
        <input id="${id}-find" name="find" type="search" autocomplete="off" placeholder="Find">
        <button type="button" data-do="failed" aria-pressed="false">Only failed</button>
      </form><div data-part="again" aria-live="polite"></div><div data-part="unlisted"></div>
      <div class="cnb-window" data-window role="region" aria-label="What was asked" tabindex="0"><ol class="cnb-runs" data-part="history"></ol></div>
      <p class="cnb-dim" data-part="listed" role="status"></p>`)}`;
}

/** One drawing of the panel; what is only of the eye (page, filter, chosen files) lives here, all else in the kernel. */
class Drawing {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.id = `cnb-${++drawn}`;
    this.root = document.createElement("section");
    this.root.className = "cnb-panel";
    this.root.setAttribute("aria-label", "clinical_nb");
    this.root.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the arrow keys and letters
    this.root.innerHTML = frameView(this.id).text;
    el.append(this.root);
    /** @type {Map<string, string>} */
    this.painted = new Map();
    /** @type {Staged[]} */
    this.staged = [];
    /** @type {Sending | null} */
    this.sending = null;
    /** @type {string[] | null} files that the kernel has whole and was asked to read */
    this.waiting = null;
    this.onlyFailed = false;
    this.runs = new Runs();
    this.fetching = false;
    this.scrolling = false;
    this.dropping = false;
    /** @type {Open} */
    this.open = { proposal: null, column: null };
    this.seen = "";
    /** @type {Failure | null} */
    this.told = null;
    this.restarted = false;
    this.unheard = 0;
    this.late = false;
    /** @type {number | undefined} */
    this.clock = undefined;
    /** @type {number | undefined} */
    this.search = undefined;
    this.wasReading = false;
    this.changed = () => this.viewChanged();
    this.messaged = (/** @type {any} */ message) => this.hear(message);
    this.lived = () => void this.kernelChanged();
    this.listen();
    this.openPage("ask");
    this.bind(model);
  }

  /** @param {Model} model */
  bind(model) {
    this.model = model;
    model.on("change:view", this.changed);
    model.on("msg:custom", this.messaged);
    model.on("comm_live_update", this.lived);
    this.restarted = false;
    this.fetching = false;
    this.paint();
    this.send({ look: null });
    void this.kernelChanged();
  }

  unbind() {
    this.model.off("change:view", this.changed);
    this.model.off("msg:custom", this.messaged);
    this.model.off("comm_live_update", this.lived);
    clearTimeout(this.clock);
    clearInterval(this.search);
  }

  /** @param {object} message @param {ArrayBuffer[]} [buffers] */
  send(message, buffers) {
    if (this.restarted) return;
    this.model.send(message, undefined, buffers);
    this.unheard += 1;
    this.watch();
  }

  /** Ask what the store holds now: another notebook may have changed it. */
  refresh() {
    if (this.unheard === 0) this.send({ look: null });
  }

  /** Say that the kernel is busy when it hears nothing for a while. */
  watch() {
    this.clock ??= setTimeout(() => {
      this.late = true;
      this.paint();
    }, BUSY_AFTER);
  }

  /** @param {{heard?: string, stored?: {file: string, offset: number}, older?: {from: number, runs: Run[]}}} message */
  hear({ stored, older }) {
    if (older) {
      this.fetching = false;
      this.runs.add(older);
      if (older.runs.length > 0) this.paint();
      return;
    }
    this.unheard = Math.max(0, this.unheard - 1);
    clearTimeout(this.clock);
    this.clock = undefined;
    this.late = this.late && this.unheard > 0;
    if (this.unheard > 0) this.watch();
    if (stored && this.sending) {
      if (this.sending.heard(stored.file, stored.offset)) {
        this.waiting = this.sending.files.map(({ id }) => id);
        const { upload } = this.sending;
        this.sending = null;
        this.send({ upload });
      } else this.sending.sendNext();
    }
    this.paint();
  }

  viewChanged() {
    const { busy, error, described } = this.model.get("view");
    const reading = busy?.kind === "upload";
    if (this.wasReading && !reading) this.waiting = null;
    this.wasReading = reading;
    if (error?.kind === "upload") this.stopSending();
    const closed = this.open;
    const seen = described ? `${described.name} ${described.version}` : "";
    if (seen !== this.seen) this.open = { proposal: null, column: null }; // its forms are about another version
    this.seen = seen;
    this.paint();
    if (closed.column !== null && this.open.column === null) this.focusOn("edit", closed.column);
    if (error && SETTLING.includes(error.kind) && error !== this.told) (this.root.querySelector(".cnb-form .cnb-error") ?? this.part("error-datasets")).scrollIntoView({ block: "nearest" });
    this.told = error;
  }

  /** Turn grey when the kernel is gone; only the host's own model says so, not the one that it hands to widgets. */
  async kernelChanged() {
    const host = this.model.widget_manager;
    if (this.restarted || !host.has_model(MODEL_ID) || (await host.get_model(MODEL_ID)).comm_live !== false) return;
    this.stopSending();
    this.restarted = true;
    this.unheard = 0;
    this.late = false;
    this.lookForKernel();
    this.paint();
  }

  /** Come alive again when the restarted kernel has made its panel: it has the same id. */
  lookForKernel() {
    clearInterval(this.search);
    const host = this.model.widget_manager;
    this.search = setInterval(async () => {
      if (!host.has_model(MODEL_ID)) return;
      const model = await host.get_model(MODEL_ID);
      if (model.comm_live === false || !this.restarted) return;
      this.unbind();
      this.bind(model);
    }, LOOK_FOR_KERNEL);
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
      if (form === "change") this.change(target);
      if (form === "correct") this.correct(target);
    });
    this.root.addEventListener("input", ({ target }) => {
      if (target !== this.input("find")) return this.paint();
      this.one("[data-window]").scrollTop = 0;
      return this.paintHistory();
    });
    this.one("[data-window]").addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.root.addEventListener("change", (event) => this.choose(/** @type {HTMLElement} */ (event.target)));
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("pointerenter", () => this.refresh());
    this.root.addEventListener("focusin", ({ relatedTarget }) => {
      if (!this.root.contains(/** @type {Node | null} */ (relatedTarget))) this.refresh();
    });
    for (const kind of ["dragover", "dragleave", "drop"]) {
      this.part("upload").parentElement?.addEventListener(kind, (event) => this.drag(/** @type {DragEvent} */ (event)));
    }
  }

  filter() {
    this.onlyFailed = !this.onlyFailed;
    this.one("[data-window]").scrollTop = 0;
  }

  /** Draw the rows that came into sight, once a frame. */
  scrolled() {
    if (this.scrolling) return;
    this.scrolling = true;
    requestAnimationFrame(() => {
      this.scrolling = false;
      this.paintHistory();
    });
  }

  /** @param {string} wish @param {string} what */
  act(wish, what) {
    if (wish === "page") this.openPage(/** @type {Page} */ (what));
    else if (wish === "choose") this.send({ choose: Number(what) });
    else if (wish === "suggested") this.send({ ask: { question: what } });
    else if (wish === "use") this.send({ use: what });
    else if (wish === "rerun" || wish === "rerun-latest") this.send({ rerun: { run: what, latest: wish !== "rerun" } });
    else if (wish === "unstage") this.staged = this.staged.filter(({ id }) => id !== what);
    else if (wish === "failed") this.filter();
    else if (wish === "insert") this.insertCell();
    else if (wish === "diff") this.compare(Number(what));
    else if (wish === "accept" || wish === "reject") this.settle({ [wish]: { which: [what] } });
    else if (wish === "change") this.openForm({ proposal: this.open.proposal === Number(what) ? null : Number(what), column: null }, wish, what);
    else if (wish === "edit") this.openForm({ proposal: null, column: this.open.column === what ? null : what }, wish, what);
    else if (wish === "untake") this.takeBack(what);
    else if (wish === "dropping" || wish === "keep") this.askToDrop(wish === "dropping");
    else if (wish === "drop") {
      this.send({ drop: what });
      this.dropping = false;
      this.tab("datasets").focus(); // the button is gone with the dataset
    } else if (wish === "versions") {
      this.dropping = false;
      this.send({ versions: what || null });
    } else if (wish === "describe") {
      this.send({ describe: what || null });
      this.openPage("datasets");
    } else if (wish === "cancel") {
      this.send({ cancel: this.sending?.files.map(({ id }) => id) ?? this.waiting ?? [] });
      this.stopSending();
    }
    this.paint();
  }

  /** Open or close a form, and put the keyboard into it or back. @param {Open} open @param {string} wish @param {string} what */
  openForm(open, wish, what) {
    this.open = open;
    this.paint();
    const first = /** @type {HTMLElement | null} */ (this.root.querySelector(".cnb-form input:not([readonly]), .cnb-form select"));
    first?.closest("form")?.scrollIntoView({ block: "nearest" });
    if (first) first.focus();
    else this.focusOn(wish, what);
  }

  /** @param {string} wish @param {string} what */
  focusOn(wish, what) {
    [...this.root.querySelectorAll("button")].find((each) => each.dataset.do === wish && each.dataset.with === what)?.focus();
  }

  /** Send what a person says of the version that she sees; one at a time, as the next has other proposals. @param {Record<string, object>} said */
  settle(said) {
    const { described, busy } = this.model.get("view");
    if (!described || (busy && SETTLING.includes(busy.kind))) return;
    const [[kind, content]] = Object.entries(said);
    this.send({ [kind]: { name: described.name, version: described.version, ...content } });
  }

  /** @param {HTMLFormElement} form */
  change(form) {
    const number = Number(form.dataset.with);
    const proposal = this.model.get("view").described?.proposals.find((each) => each.number === number);
    if (!proposal) return;
    const { step, fields } = proposal;
    this.settle({ accept: { which: [String(number)], instead: step ? stepFrom(step, new FormData(form)) : { ...fields, ...changedIn(form) } } });
  }

  /** @param {HTMLFormElement} form */
  correct(form) {
    const [table, column] = JSON.parse(form.dataset.with ?? "[]");
    const { left, right, ...fields } = changedIn(form);
    const levels = right === undefined ? {} : { levels: pairsFrom(new FormData(form)) };
    const changed = { ...fields, ...levels };
    if (Object.keys(changed).length === 0) this.openForm({ proposal: null, column: null }, "edit", keyOf(table, column));
    else this.settle({ correct: { table, column, fields: changed } });
  }

  /** Leave out a cleaning step of a column. @param {string} what */
  takeBack(what) {
    const [table, column, place] = JSON.parse(what);
    const tables = this.model.get("view").described?.tables ?? [];
    const known = tables.find(({ name }) => name === table)?.columns.find(({ name }) => name === column);
    const clean = known?.now.clean.filter((_, at) => at !== place);
    if (clean) this.settle({ correct: { table, column, fields: { clean: JSON.stringify(clean) } } });
  }

  /** Show what changed in a version, or hide it again. @param {number} after */
  compare(after) {
    const { versions, changes } = this.model.get("view");
    const before = versions?.versions.find(({ number }) => number === after)?.before;
    if (!versions) return;
    if (changes?.after === after) this.send({ versions: versions.name });
    else this.send({ diff: { name: versions.name, before, after } });
  }

  /** Ask in place whether a dataset is really to be deleted; the keyboard goes to what changes nothing. @param {boolean} asking */
  askToDrop(asking) {
    this.dropping = asking;
    this.paint();
    this.one(`[data-do="${asking ? "keep" : "dropping"}"]`).focus();
  }

  ask() {
    const question = this.input("question").value.trim();
    if (question) this.send({ ask: { question } });
  }

  upload() {
    const ready = this.staged.some(({ role }) => role === "data") && this.staged.every(({ file }) => file.size <= LARGEST);
    if (!ready || this.sending || this.waiting) return;
    this.sending = new Sending(this.staged, this.input("name").value.trim(), (message, buffers) => this.send(message, buffers));
    this.staged = [];
    this.input("name").value = "";
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
    if (target instanceof HTMLSelectElement && target.name === "profile") this.send({ disclose: target.value });
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
    const { proposal, column } = this.open;
    if (event.key === "Escape" && target.closest(".cnb-form")) {
      this.openForm({ proposal: null, column: null }, proposal === null ? "edit" : "change", proposal === null ? (column ?? "") : String(proposal));
    }
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
    this.tab(PAGES[to]).focus();
  }

  /** @param {Page} page */
  openPage(page) {
    for (const each of PAGES) {
      this.tab(each).setAttribute("aria-selected", String(each === page));
      this.tab(each).tabIndex = each === page ? 0 : -1;
      this.one(`[data-page-of="${each}"]`).hidden = each !== page;
    }
    if (page === "history") this.paint(); // what can be seen of it is known only now
  }

  /** Write the answer's question into the notebook, so that it is part of the record. */
  insertCell() {
    const { answer } = this.model.get("view");
    const source = `%%clinical ask --data "${answer?.dataset}"\n${answer?.question}`;
    const notebook = this.notebook();
    notebook?.insertCell(notebook.cells.length, { cell_type: "code", source });
  }

  /** @returns {any} the notebook's shared model; other hosts than JupyterLab have none */
  notebook() {
    const shared = this.model.widget_manager?.context?.model?.sharedModel;
    return typeof shared?.insertCell === "function" ? shared : null;
  }

  paint() {
    const view = this.model.get("view");
    const { dataset, busy, error } = view;
    this.root.classList.toggle("cnb-restarted", this.restarted);
    this.put("which", dataset ? html`<b>${dataset.name}</b><span>${dataset.size}</span><code>v${dataset.number} · ${dataset.version}</code>` : html`<b>clinical_nb</b>`);
    this.put("profile", profileView(view.profile));
    this.put("state", this.stateView(busy));
    this.put("restarted", this.restarted ? html`<div class="cnb-note cnb-error" role="alert">The kernel restarted. Run the cell with
      <code>%load_ext clinical_nb</code> and this panel comes back; nothing was lost.</div>` : NOTHING);
    this.put("count-datasets", html`${view.datasets.length || ""}`);
    this.put("count-history", html`${view.asked ? view.asked.toLocaleString("en-GB") : ""}`);
    this.put("ask", view.opened ? askView(view, this.notebook() !== null) : OPENING);
    this.put("datasets", view.opened ? datasetsView(view) : OPENING);
    this.put("settled", settledView(view));
    this.put("described", view.described ? descriptionView(view.described, this.open) : NOTHING);
    const inForm = error !== null && SETTLING.includes(error.kind) && this.root.querySelector(".cnb-form") !== null;
    for (const page of PAGES) this.put(`error-${page}`, error && PAGE_OF[error.kind] === page && !inForm ? failureView(error) : NOTHING);
    if (this.root.querySelector(".cnb-form")) this.put("error-form", inForm ? failureView(error) : NOTHING);
    this.put("versions", view.versions ? versionsView(view.versions, view.changes, this.dropping) : NOTHING);
    this.put("staged", stagedView(this.staged));
    this.one('[data-form="upload"]').hidden = this.staged.length === 0 || this.sending !== null || this.waiting !== null;
    const tooLarge = this.staged.find(({ file }) => file.size > LARGEST);
    this.put("upload", tooLarge ? failureView({ kind: "upload", message: `${tooLarge.file.name} is larger than 2 GB.`,
      hint: "Put it where the notebook runs and use %clinical upload PATH.", detail: "" }) : uploadView(view, this.sending, this.waiting !== null));
    this.paintHistory();
    this.one('[data-do="failed"]').setAttribute("aria-pressed", String(this.onlyFailed));
  }

  /** Draw the rows of the history that can be seen, and some around them. */
  paintHistory() {
    const view = this.model.get("view");
    this.runs.take(view);
    const found = this.runs.seek(this.input("find").value.trim(), this.onlyFailed);
    const { rerun } = view;
    const again = rerun && this.runs.all.find(({ id }) => id === rerun.of);
    this.put("again", rerun ? html`<div class="cnb-again"><p class="cnb-dim">Run again: ${again?.question ?? rerun.answer.question}</p>${answerView(rerun.answer, false)}</div>` : NOTHING);
    const empty = view.asked === 0 ? emptyView("Nothing was asked yet", "Each question is listed here with its result, and can be run again.")
      : emptyView("Nothing matches", this.onlyFailed ? "Every question was answered." : "Try fewer words.");
    this.put("unlisted", view.opened ? (found.length === 0 ? empty : NOTHING) : OPENING);
    const place = this.one("[data-window]");
    place.hidden = found.length === 0;
    const first = Math.max(0, Math.min(Math.floor(place.scrollTop / ROW), found.length - 1) - AROUND);
    const rows = found.slice(first, first + Math.ceil((place.clientHeight || WINDOW) / ROW) + 2 * AROUND);
    const list = this.part("history");
    list.style.paddingTop = `${first * ROW}px`;
    list.style.paddingBottom = `${(found.length - first - rows.length) * ROW}px`;
    this.put("history", html`${rows.map((run, at) => runView(run, view, first + at + 1, found.length))}`);
    const { isPart } = this.runs;
    const listed = found.length === view.asked ? "" : `${found.length.toLocaleString("en")} of ${view.asked.toLocaleString("en")}${isPart ? ", the older ones are on their way" : ""}`;
    this.put("listed", html`${view.asked > 0 && listed}`);
    if (isPart && !this.one('[data-page-of="history"]').hidden) this.fetchOlder();
  }

  /** Ask for the next of the older runs; one piece is on its way at a time. */
  fetchOlder() {
    if (this.fetching || this.restarted) return;
    this.fetching = true;
    this.send({ older: this.runs.older.length });
  }

  /** @param {View["busy"]} busy */
  stateView(busy) {
    if (this.restarted) return html`<span class="cnb-off">○ kernel restarted</span>`;
    if (this.late) return html`<span class="cnb-busy">◐ kernel busy, ${this.unheard} queued</span>`;
    if (busy) return html`<span class="cnb-busy">◐ working${busy.waiting > 0 && `, ${busy.waiting} queued`}</span>`;
    return html`<span class="cnb-ready">● ready</span>`;
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
}

export default {
  /** @param {{model: Model, el: HTMLElement}} place */
  render({ model, el }) {
    const drawing = new Drawing(model, el);
    return () => drawing.unbind();
  },
};
