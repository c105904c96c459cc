/** What a person says of a version: proposals accepted, changed or rejected, columns corrected, in forms that open in place. */

import { Connection } from "./connection.js";
import { SETTLING } from "./datasets.js";
import { changedIn, keyOf, pairsFrom, stepFrom } from "./forms.js";
import { Parts } from "./parts.js";

/** @type {Open} */
const CLOSED = { proposal: null, column: null };

/** The one form that is open, and what is sent of it. */
export class Settling {
  /** @param {Parts} parts @param {Connection} line @param {() => void} paint */
  constructor(parts, line, paint) {
    this.parts = parts;
    this.line = line;
    this.paint = paint;
    this.open = CLOSED;
    this.seen = "";
  }

  /** Close a form that is about another version than the one that is described now. @param {Description | null} described */
  see(described) {
    const seen = described ? `${described.name} ${described.version}` : "";
    if (seen !== this.seen) this.open = CLOSED;
    this.seen = seen;
  }

  /** Open the form of a proposal, or close it. @param {number} number */
  showProposal(number) {
    this.show({ proposal: this.open.proposal === number ? null : number, column: null }, "change", String(number));
  }

  /** Open the form of a column, or close it. @param {string} key */
  showColumn(key) {
    this.show({ proposal: null, column: this.open.column === key ? null : key }, "edit", key);
  }

  /** Close the form that is open, and go back to where it was opened. */
  close() {
    const { proposal, column } = this.open;
    if (proposal === null) this.show(CLOSED, "edit", column ?? "");
    else this.show(CLOSED, "change", String(proposal));
  }

  /** Open or close a form, and put the keyboard into it or back. @param {Open} open @param {string} wish @param {string} what */
  show(open, wish, what) {
    this.open = open;
    this.paint();
    const first = /** @type {HTMLElement | null} */ (this.parts.root.querySelector(".cnb-form input:not([readonly]), .cnb-form select"));
    first?.closest("form")?.scrollIntoView({ block: "nearest" });
    if (first) first.focus();
    else this.parts.focusOn(wish, what);
  }

  /** Send what a person says of the version that she sees; one at a time, as the next has other proposals. @param {Record<string, object>} said */
  settle(said) {
    const { described, busy } = this.line.view;
    if (!described || (busy && SETTLING.includes(busy.kind))) return;
    const [[kind, content]] = Object.entries(said);
    this.line.send({ [kind]: { name: described.name, version: described.version, ...content } });
  }

  /** @param {HTMLFormElement} form */
  change(form) {
    const number = Number(form.dataset.with);
    const proposal = this.line.view.described?.proposals.find((each) => each.number === number);
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
    if (Object.keys(changed).length === 0) this.show(CLOSED, "edit", keyOf(table, column));
    else this.settle({ correct: { table, column, fields: changed } });
  }

  /** Leave out a cleaning step of a column. @param {string} what */
  takeBack(what) {
    const [table, column, place] = JSON.parse(what);
    const tables = this.line.view.described?.tables ?? [];
    const known = tables.find(({ name }) => name === table)?.columns.find(({ name }) => name === column);
    const clean = known?.now.clean.filter((_, at) => at !== place);
    if (clean) this.settle({ correct: { table, column, fields: { clean: JSON.stringify(clean) } } });
  }
}
