/** What the kernel shows and what of it is drawn: types alone, which every file beside this one knows. */

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
