/** The page of the datasets: what there is, what their columns mean, what was found in them, their versions. */

import { correctionForm, keyOf, proposalsView } from "./forms.js";
import { emptyView, Html, html, NOTHING, timeOf } from "./html.js";

export const SETTLING = ["accept", "reject", "correct"]; // the kinds of work that make a version of what a person says
const CHANGES_SHOWN = 12;

/** @param {Finding[]} findings */
export function findingsView(findings) {
  return findings.map(
    ({ table, column, rows, text, proposal }) => html`<div class="cnb-note cnb-warn">
      <b>${table}${column && `, column ${column}`}</b>${rows > 0 && html` <span class="cnb-dim">${rows.toLocaleString("en-GB")} row${rows > 1 && "s"}</span>`}
      <br>${text} ${proposal}
    </div>`,
  );
}

/** @param {View} view */
export function datasetsView({ datasets, dataset }) {
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
export function descriptionView({ name, tables, findings, proposals }, open) {
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

/** What came of what a person said, or that it is being done. @param {View} view */
export function settledView({ busy, described }) {
  if (busy && SETTLING.includes(busy.kind)) return html`<p class="cnb-doing">${busy.doing} …</p>`;
  if (!described?.changes) return NOTHING;
  const { name, number, changes } = described;
  return html`<div class="cnb-note cnb-good"><b>${name} is version ${number} now.</b>
    ${changes.length === 0 ? "Nothing is otherwise in its dictionary." : html`<ul>${changes.slice(0, CHANGES_SHOWN).map((change) => html`<li>${change}</li>`)}
      ${changes.length > CHANGES_SHOWN && html`<li>and ${changes.length - CHANGES_SHOWN} more</li>`}</ul>`}</div>`;
}

/** @param {Versions} listed @param {Changes | null} changes @param {boolean} dropping */
export function versionsView({ name, versions, count, copies }, changes, dropping) {
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
