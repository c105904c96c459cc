/** Proposals and the forms in which a person says what is otherwise; what they hold is read back here. */

import { Html, html } from "./html.js";

const KINDS = ["identifier", "numeric", "categorical", "binary", "date", "text"]; // as in meaning.py
const ROLES = ["", "patient", "arm", "outcome", "time", "event", "visit", "visit date", "birth", "death"]; // the same

/** @param {string} table @param {string} column @returns {string} what a button or form is about */
export function keyOf(table, column) {
  return JSON.stringify([table, column]);
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
export function correctionForm(table, { name, now, steps }) {
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
export function proposalsView(proposals, several, open) {
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
export function stepFrom(step, form) {
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
export function pairsFrom(form) {
  const right = form.getAll("right");
  return form.getAll("left").map((value, place) => [String(value).trim(), String(right[place]).trim()]);
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} the fields that a person wrote otherwise */
export function changedIn(form) {
  const controls = [...form.querySelectorAll("input, select")].map((each) => /** @type {HTMLInputElement | HTMLSelectElement} */ (each));
  const changed = controls.filter((each) => each.value !== (each instanceof HTMLSelectElement ? each.dataset.was : each.defaultValue));
  return Object.fromEntries(changed.map((each) => [each.name, each.value.trim()]));
}
