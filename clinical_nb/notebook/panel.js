/** The panel: four pages over one state that comes down from the kernel; messages go up, each heard at once. */

/** @typedef {{name: string, size: string, version: string, number: number, created: string}} Dataset */
/** @typedef {{table: string, column: string | null, rows: number, text: string, proposal: string}} Finding */
/** @typedef {{do: string, [field: string]: any}} Step as steps.py declares them */
/**
 * @typedef {{number: number, table: string, column: string | null, text: string, proposal: string, step: Step | null,
 *   fields: Record<string, string>, done: boolean, asks: boolean}} Proposal
 */
/** @typedef {{label: string, unit: string, kind: string, role: string, event: string, baseline: string, levels: [string, string][], clean: Step[]}} Fields */
/** @typedef {{name: string, label: string, kind: string, role: string, detail: string, steps: string[], now: Fields}} Column */
/** @typedef {Dataset & {before: number | null, sources: string[]}} Version */
/** @typedef {{name: string, versions: Version[], count: string, copies: string}} Versions */
/** @typedef {{name: string, after: number, html: string}} Changes */
/** @typedef {{name: string, grain: string, columns: Column[]}} Table */
/**
 * `changes` says what was done to come from the version before to this one.
 * @typedef {{name: string, version: string, number: number, tables: Table[], findings: Finding[], proposals: Proposal[], changes?: string[]}} Description
 */
/** @typedef {{proposal: number | null, column: string | null}} Open which proposal and which column has its form open */
/**
 * `html` was made and escaped by the kernel; it is the one text that is shown as it comes.
 * @typedef {{question: string, status: "answered" | "unclear" | "declined", html: string, chart: {picture: string, width: number, says: string} | null,
 *   choices: string[], suggestions: string[], dataset: string, run: string, reused: boolean}} Answer
 */
/**
 * @typedef {{id: string, at: string, dataset: string, question: string, status: string, outcome: string,
 *   reused: boolean, again: boolean, stale: boolean, gone: boolean}} Run
 */
/** @typedef {{kind: string, message: string, hint: string, detail: string}} Failure */
/**
 * @typedef {{opened: boolean, dataset: Dataset | null, profile: string, datasets: Dataset[], described: Description | null, answer: Answer | null,
 *   versions: Versions | null, changes: Changes | null,
 *   uploaded: Pick<Description, "name" | "findings" | "proposals"> | null, history: Run[], asked: number,
 *   rerun: {of: string, answer: Answer} | null, busy: {doing: string, kind: string, waiting: number} | null,
 *   error: Failure | null}} View
 */
/** @typedef {{get_model(id: string): Promise<Model>, has_model(id: string): boolean, context?: any}} WidgetHost */
/**
 * @typedef {{get(name: "view"): View, on(event: string, heard: (...args: any[]) => void): void,
 *   off(event: string, heard: (...args: any[]) => void): void, comm_live?: boolean, widget_manager: WidgetHost,
 *   send(message: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void}} Model
 */
/** @typedef {{id: string, file: File, role: "data" | "dictionary"}} Staged */
/** @typedef {"ask" | "datasets" | "upload" | "history"} Page */

const MODEL_ID = "clinical-nb-panel"; // as in panel.py
const PAGES = /** @type {const} */ (["ask", "datasets", "upload", "history"]);
/** @type {Record<string, Page>} where a failure of a kind of message is shown */
const PAGE_OF = { look: "ask", ask: "ask", choose: "ask", use: "datasets", describe: "datasets", versions: "datasets", diff: "datasets", drop: "datasets", accept: "datasets", reject: "datasets", correct: "datasets", upload: "upload", cancel: "upload", rerun: "history", disclose: "ask" };
const UNANSWERED = ["unclear", "declined", "failed"]; // the states of a run that nothing came of
const SETTLING = ["accept", "reject", "correct"]; // the kinds of work that make a version of what a person says
const KINDS = ["identifier", "numeric", "categorical", "binary", "date", "text"]; // as in meaning.py
const ROLES = ["", "patient", "arm", "outcome", "time", "event", "visit", "visit date", "birth", "death"]; // the same
const CHANGES_SHOWN = 12;
const CHUNK = 4 * 1024 * 1024; // bytes: the server's limit for a whole message is 10 MiB
const IN_FLIGHT = 4; // chunks; more only fills the browser's memory
const LARGEST = 2 * 1024 ** 3; // bytes
const ROW = 57; // px: the height of a run in the history, as in panel.css
const AROUND = 8; // runs drawn above and below those that can be seen
const WINDOW = 456; // px: the height of the list, where it is not shown yet
const BUSY_AFTER = 1500; // ms without being heard
const LOOK_FOR_KERNEL = 500; // ms
let drawn = 0;

/** Text that is HTML already. */
class Html {
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
function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(escaped)));
}

const NOTHING = new Html("");
const OPENING = html`<p class="cnb-doing">Opening the store …</p>`;

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** @param {string} iso */
function timeOf(iso) {
  const at = new Date(iso);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 864e5);
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (days < 2) return `${days < 1 ? "today" : "yesterday"} ${clock}`;
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** @param {Failure} failure */
function failureView({ message, hint, detail }) {
  return html`<div class="cnb-note cnb-error" role="alert">
    <b>${message}</b> ${hint}
    ${detail && html`<details><summary>For a report of the defect</summary><pre>${detail}</pre></details>`}
  </div>`;
}

/** @param {string} title @param {string} text @param {Html} [action] */
function emptyView(title, text, action) {
  return html`<div class="cnb-empty"><b>${title}</b><p>${text}</p>${action}</div>`;
}

/** @param {Answer} answer @param {boolean} canInsert */
function answerView(answer, canInsert) {
  const { html: made, status, chart, choices, suggestions, question, run } = answer;
  return html`<article class="cnb-result">
    ${new Html(made)}
    ${choices.length > 0 && html`<div class="cnb-picks" role="group" aria-label="What could be meant">
      ${choices.map((choice, number) => html`<button data-do="choose" data-with="${number}"><i>${number + 1}</i><span>${choice}</span></button>`)}
    </div>`}
    ${chart && html`<img class="cnb-chart" src="${chart.picture}" width="${chart.width}" alt="${chart.says}">`}
    ${suggestions.length > 0 && html`<div class="cnb-picks" role="group" aria-label="What can be asked next">
      ${suggestions.map((each) => html`<button data-do="suggested" data-with="${each}"><i>›</i><span>${each}</span></button>`)}
    </div>`}
    <p class="cnb-foot">
      ${canInsert && status === "answered" && question && html`<button class="cnb-chip" data-do="insert">Insert as cell</button>`}
      <span class="cnb-dim">run ${run}</span>
    </p>
  </article>`;
}

/** @param {View} view @param {boolean} canInsert */
function askView(view, canInsert) {
  if (view.busy?.kind === "ask") return html`<p class="cnb-doing">${view.busy.doing} …</p>`;
  if (view.answer) return answerView(view.answer, canInsert);
  if (view.dataset === null) {
    const go = html`<button class="cnb-go" data-do="page" data-with="upload">Upload a file</button>`;
    return emptyView("No data yet", "Upload a file once; every later kernel brings it back.", go);
  }
  return emptyView(
    `Ask about ${view.dataset.name} in plain words`,
    "How many, what proportion, the mean or median of something, or one thing compared by another; with conditions, such as over 65.",
    html`<button data-do="describe" data-with="${view.dataset.name}">See its columns</button>`,
  );
}

/** @param {Finding[]} findings */
function findingsView(findings) {
  return findings.map(
    ({ table, column, rows, text, proposal }) => html`<div class="cnb-note cnb-warn">
      <b>${table}${column && `, column ${column}`}</b>${rows > 0 && html` <span class="cnb-dim">${rows.toLocaleString("en-GB")} row${rows > 1 && "s"}</span>`}
      <br>${text} ${proposal}
    </div>`,
  );
}

/** @param {View} view */
function datasetsView({ datasets, dataset }) {
  if (datasets.length === 0) {
    const go = html`<button class="cnb-go" data-do="page" data-with="upload">Upload a file</button>`;
    return emptyView("No datasets yet", "What you upload is listed here, with its version, in every later kernel.", go);
  }
  return html`<table class="cnb-table">
      <thead><tr><th scope="col">Dataset</th><th scope="col" class="cnb-number">Rows × columns</th><th scope="col">Version</th>
        <th scope="col">Stored</th><th scope="col"><span class="cnb-unseen">Actions</span></th></tr></thead>
      <tbody>${datasets.map((each) => datasetRow(each, each.name === dataset?.name))}</tbody>
    </table>`;
}

/** @param {Dataset} dataset @param {boolean} used */
function datasetRow({ name, size, version, number, created }, used) {
  return html`<tr>
    <th scope="row">${name}${used && html` <span class="cnb-badge">in use</span>`}</th>
    <td class="cnb-number">${size}</td><td>v${number} · <code>${version}</code></td><td>${timeOf(created)}</td>
    <td class="cnb-actions">
      ${!used && html`<button data-do="use" data-with="${name}" aria-label="Use ${name}">Use</button>`}
      <button data-do="describe" data-with="${name}" aria-label="Describe ${name}">Describe</button>
      <button data-do="versions" data-with="${name}" aria-label="Versions of ${name}">Versions</button>
    </td>
  </tr>`;
}

/** @param {Description} description @param {Open} open */
function descriptionView({ name, tables, findings, proposals }, open) {
  return html`<section class="cnb-description" aria-label="Description of ${name}">
    <h4>${name}<button class="cnb-chip" data-do="describe" data-with="">Close</button></h4>
    ${proposals.length > 0 && proposalsView(proposals, tables.length > 1, open)}
    ${findingsView(findings)}
    ${tables.map(
      (table) => html`<h4>${tables.length > 1 ? table.name : "Dictionary"}</h4>
        ${table.grain && html`<p class="cnb-dim">${table.grain}</p>`}<div class="cnb-scroll" tabindex="0">
        <table class="cnb-table">
          <thead><tr><th scope="col">Column</th><th scope="col">Meaning</th><th scope="col">Kind</th><th scope="col">Unit or levels</th>
            <th scope="col"><span class="cnb-unseen">Actions</span></th></tr></thead>
          <tbody>${table.columns.map((column) => columnRow(table.name, column, open.column === keyOf(table.name, column.name)))}</tbody>
        </table>
      </div>`,
    )}
  </section>`;
}

/** @param {string} table @param {string} column @returns {string} what a button or form is about */
function keyOf(table, column) {
  return JSON.stringify([table, column]);
}

/** @param {string} table @param {Column} column @param {boolean} open */
function columnRow(table, column, open) {
  const { name, label, kind, role, detail, steps } = column;
  return html`<tr>
    <th scope="row"><code>${name}</code></th><td>${label}</td>
    <td class="cnb-dim">${kind}${role && html` · ${role}`}</td>
    <td>${detail}${steps.map((step) => html`<div class="cnb-dim cnb-step">${step}</div>`)}</td>
    <td class="cnb-actions"><button data-do="edit" data-with="${keyOf(table, name)}" aria-expanded="${String(open)}" aria-label="Correct ${name}">Correct</button></td>
  </tr>${open && html`<tr><td colspan="5">${correctionForm(table, column)}</td></tr>`}`;
}

/** @param {string} name @param {string} says @param {string} value @param {string} [hint] */
function field(name, says, value, hint = "") {
  return html`<label class="cnb-field"><span>${says}</span><input name="${name}" value="${value}" placeholder="${hint}" autocomplete="off"></label>`;
}

/** @param {string} name @param {string} says @param {string} value @param {(string | [string, string])[]} choices words, or values with the words for them */
function choice(name, says, value, choices) {
  const options = choices.map((each) => (typeof each === "string" ? [each, each || "none"] : each));
  return html`<label class="cnb-field"><span>${says}</span><select name="${name}" data-was="${value}">${options.map(
    ([code, words]) => html`<option value="${code}" ${code === value && new Html("selected")}>${words}</option>`,
  )}</select></label>`;
}

/** Rows of two texts. @param {string} says @param {string} left @param {string} right @param {[string, string][]} pairs @param {boolean} fixed whether the left ones stay as they are */
function pairsView(says, left, right, pairs, fixed) {
  const rows = fixed ? pairs : [...pairs, ["", ""]];
  return html`<fieldset class="cnb-pairs"><legend>${says}</legend>${rows.map(
    ([code, words]) => html`<div class="cnb-row">
      <input name="left" value="${code}" aria-label="${left}" placeholder="${!fixed && left}" ${fixed && new Html("readonly")} autocomplete="off">
      <input name="right" value="${words}" aria-label="${right}${code && `: ${code}`}" placeholder="${right}" autocomplete="off"></div>`,
  )}</fieldset>`;
}

/** @param {string} table @param {Column} column */
function correctionForm(table, { name, now, steps }) {
  return html`<form class="cnb-form" data-form="correct" data-with="${keyOf(table, name)}" aria-label="Correct ${name}">
    <div class="cnb-fields">
      ${field("label", "Meaning", now.label)}${field("unit", "Unit", now.unit)}
      ${choice("kind", "Kind", now.kind, KINDS)}${choice("role", "Role", now.role, ROLES)}
      ${field("event", "Code of the event", now.event, "where it is an event")}${field("baseline", "Baseline column", now.baseline)}
    </div>
    ${now.levels.length > 0 && pairsView("Levels", "Code", "Label", now.levels, true)}
    ${steps.length > 0 && html`<ul class="cnb-steps" aria-label="What is done to its values">${steps.map((step, place) => html`<li><span class="cnb-said">${step}</span>
      <button type="button" data-do="untake" data-with="${JSON.stringify([table, name, place])}" aria-label="Take back: ${step}">Take back</button></li>`)}</ul>`}
    <div data-part="error-form"></div>
    <p class="cnb-row"><button class="cnb-go">Save</button><button type="button" data-do="edit" data-with="${keyOf(table, name)}">Cancel</button></p>
  </form>`;
}

/** @param {Proposal[]} proposals @param {boolean} several tables @param {Open} open */
function proposalsView(proposals, several, open) {
  const waiting = proposals.filter(({ done }) => !done);
  const easy = waiting.filter(({ asks }) => !asks);
  return html`<h4>Proposals <span class="cnb-dim">${waiting.length} open</span>
      ${easy.length > 0 && html`<button class="cnb-chip" data-do="accept" data-with="all"
        title="All but those that ask for a decision">Accept all${easy.length < waiting.length && ` ${easy.length} that need no decision`}</button>`}</h4>
    <ol class="cnb-proposals">${proposals.map((proposal) => proposalView(proposal, several, open.proposal === proposal.number))}</ol>`;
}

/** @param {Proposal} proposal @param {boolean} several tables @param {boolean} open */
function proposalView(proposal, several, open) {
  const { number, table, column, text, proposal: says, done, asks } = proposal;
  const about = column ?? table;
  const button = (/** @type {string} */ wish, /** @type {string} */ words) => html`<button data-do="${wish}" data-with="${number}"
    aria-label="${words} ${number}, ${about}: ${says}" ${wish === "change" && html`aria-expanded="${String(open)}"`}>${words}</button>`;
  return html`<li class="${done && "cnb-done"}">
    <div class="cnb-said">
      <code>${several && column && `${table}.`}${about}</code>${done && html` <span class="cnb-badge">done</span>`}${asks && html` <span class="cnb-badge cnb-asks">decide</span>`}
      <div>${proposal.step ? says : text}</div><div class="cnb-dim">${proposal.step ? text : says}</div>
    </div>
    <div class="cnb-actions">${!done && button("accept", "Accept")} ${button("change", "Change")} ${button("reject", done ? "Undo" : "Reject")}</div>
    ${open && html`<form class="cnb-form" data-form="change" data-with="${number}" aria-label="Change what is proposed for ${about}">
      ${proposal.step ? stepFields(proposal.step) : meaningFields(proposal)}
      <div data-part="error-form"></div>
      <p class="cnb-row"><button class="cnb-go">Do this instead</button><button type="button" data-do="change" data-with="${number}">Cancel</button></p>
    </form>`}
  </li>`;
}

/** @param {Proposal} proposal */
function meaningFields({ column, fields }) {
  if (column === null) return html`<div class="cnb-fields">${field("row", "One row is a", fields.row ?? "", "patient, visit, …")}</div>`;
  return html`<div class="cnb-fields">${choice("role", "Role", fields.role ?? "", ROLES)}
    ${field("event", "Code of the event", fields.event ?? "", "where it is an event")}${field("baseline", "Baseline column", fields.baseline ?? "")}</div>`;
}

/** @param {Step} step */
function stepFields(step) {
  const marks = html`${choice("decimal", "Decimal mark", step.decimal ?? ".", [[".", "point"], [",", "comma"]])}`;
  switch (step.do) {
    case "leave out":
      return html`<div class="cnb-fields">${field("values", "Rows that hold nothing but", step.values.join(", "))}</div>`;
    case "missing":
      return pairsView("Treat as missing", "Value", "Reason, if known", step.values.map((/** @type {string} */ value) => [value, step.reasons?.[value] ?? ""]), false);
    case "recode":
      return pairsView("Write otherwise; what is left empty stays", "Value", "Written as", Object.entries(step.values), false);
    case "dates":
      return html`<div class="cnb-fields">${field("formats", "Formats, tried in order", step.formats.join(", "), "%d/%m/%Y")}
        ${choice("excel", "Day numbers of Excel", String(step.excel ?? false), [["false", "are no dates"], ["true", "are dates"]])}</div>
        <p class="cnb-dim">%d day, %m month, %Y year, %y year of two digits, %b month as a word, %H:%M time.</p>`;
    case "numbers":
      return html`<div class="cnb-fields">${marks}${choice("thousands", "Between thousands", step.thousands ?? "", [["", "nothing"], [",", "comma"], [".", "point"], [" ", "blank"], ["'", "apostrophe"]])}</div>
        ${pairsView("Units that are converted", "Unit", "Times", Object.entries(step.factors ?? {}).map(([unit, times]) => [unit, String(times)]), false)}`;
    case "censor":
      return html`<div class="cnb-fields">${choice("rule", "In statistics, <5 counts as", step.rule ?? "half", [["half", "half the limit"], ["limit", "the limit itself"], ["missing", "missing"]])}${marks}</div>`;
    default:
      return html`<div class="cnb-fields">${field("separator", "Separator", step.separator ?? "/")}${field("into", "Names of the columns", step.into.join(", "))}
        ${field("labels", "Their labels, if they have any", (step.labels ?? []).join("; "))}${field("unit", "Unit", step.unit ?? "")}</div>`;
  }
}

/** Read a form for a change back into a step, as steps.py declares it. @param {Step} step @param {FormData} form @returns {Step} */
function stepFrom(step, form) {
  const said = (/** @type {string} */ name) => String(form.get(name) ?? "");
  const names = (/** @type {string} */ name) => said(name).split(",").map((each) => each.trim()).filter(Boolean);
  const pairs = pairsFrom(form);
  switch (step.do) {
    case "missing": {
      const kept = pairs.filter(([value]) => value !== "");
      return { ...step, values: kept.map(([value]) => value), reasons: Object.fromEntries(kept.filter(([, reason]) => reason)) };
    }
    case "leave out":
      return { ...step, values: names("values") };
    case "recode":
      return { ...step, values: Object.fromEntries(pairs.filter(([value, words]) => value && words)) };
    case "dates":
      return { ...step, formats: names("formats"), excel: said("excel") === "true" };
    case "numbers":
      return { ...step, decimal: said("decimal"), thousands: said("thousands"), factors: Object.fromEntries(pairs.filter(([, times]) => times)) };
    case "censor":
      return { ...step, rule: said("rule"), decimal: said("decimal") };
    default:
      return { ...step, separator: said("separator"), into: names("into"), labels: said("labels").split(";").map((each) => each.trim()).filter(Boolean), unit: said("unit") };
  }
}

/** @param {FormData} form @returns {[string, string][]} */
function pairsFrom(form) {
  const right = form.getAll("right");
  return form.getAll("left").map((value, place) => [String(value).trim(), String(right[place]).trim()]);
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} the fields that a person wrote otherwise */
function changedIn(form) {
  const controls = [...form.querySelectorAll("input, select")].map((each) => /** @type {HTMLInputElement | HTMLSelectElement} */ (each));
  const changed = controls.filter((each) => each.value !== (each instanceof HTMLSelectElement ? each.dataset.was : each.defaultValue));
  return Object.fromEntries(changed.map((each) => [each.name, each.value.trim()]));
}

/** What came of what a person said, or that it is being done. @param {View} view */
function settledView({ busy, described }) {
  if (busy && SETTLING.includes(busy.kind)) return html`<p class="cnb-doing">${busy.doing} …</p>`;
  if (!described?.changes) return NOTHING;
  const { name, number, changes } = described;
  return html`<div class="cnb-note cnb-good"><b>${name} is version ${number} now.</b>
    ${changes.length === 0 ? "Nothing is otherwise in its dictionary." : html`<ul>${changes.slice(0, CHANGES_SHOWN).map((change) => html`<li>${change}</li>`)}
      ${changes.length > CHANGES_SHOWN && html`<li>and ${changes.length - CHANGES_SHOWN} more</li>`}</ul>`}</div>`;
}

/** @param {Versions} listed @param {Changes | null} changes @param {boolean} dropping */
function versionsView({ name, versions, count, copies }, changes, dropping) {
  return html`<section class="cnb-versions" aria-label="Versions of ${name}">
    <h4>Versions of ${name}<button class="cnb-chip" data-do="versions" data-with="">Close</button></h4>
    <div class="cnb-scroll" tabindex="0"><table class="cnb-table">
      <thead><tr><th scope="col">Version</th><th scope="col" class="cnb-number">Rows × columns</th><th scope="col">Stored</th>
        <th scope="col">Files (SHA-256)</th><th scope="col"><span class="cnb-unseen">Actions</span></th></tr></thead>
      <tbody>${versions.map((version, place) => versionRow(version, place === 0, changes?.after === version.number ? changes : null))}</tbody>
    </table></div>
    ${dropping ? html`<div class="cnb-note cnb-error" role="alertdialog" aria-label="Delete ${name}">
        <b>Delete ${name} and ${count}?</b> Nothing brings back what is deleted. ${copies}
        <p class="cnb-row"><button data-do="drop" data-with="${name}">Delete</button><button data-do="keep">Keep</button></p>
      </div>` : html`<p><button class="cnb-chip" data-do="dropping">Delete ${name} …</button></p>`}
  </section>`;
}

/** @param {Version} version @param {boolean} current @param {Changes | null} changes since the version before */
function versionRow({ number, version, size, created, before, sources }, current, changes) {
  return html`<tr>
    <th scope="row">v${number} · <code>${version}</code>${current && html` <span class="cnb-badge">current</span>`}</th>
    <td class="cnb-number">${size}</td><td>${timeOf(created)}</td><td>${sources.map((source) => html`<div>${source}</div>`)}</td>
    <td class="cnb-actions">${before !== null && html`<button data-do="diff" data-with="${number}" aria-expanded="${String(changes !== null)}"
      aria-label="What changed from version ${before} to ${number}">What changed</button>`}</td>
  </tr>${changes && html`<tr><td colspan="5">${new Html(changes.html)}</td></tr>`}`;
}

/** @param {Run} run @param {View} view @param {number} place from 1 @param {number} of how many are listed */
function runView(run, { busy }, place, of) {
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
class Runs {
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

/** @param {Staged[]} staged */
function stagedView(staged) {
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
function uploadView(view, sending, waiting) {
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

/** Files on their way to the kernel: a few pieces at a time, each stored piece sends the next. */
class Sending {
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
