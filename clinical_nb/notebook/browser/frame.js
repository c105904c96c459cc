/** What every page stands in: the bar with the dataset, the profile and the state, the tabs, and the fields to type into. */

import { Html, html } from "./html.js";

export const PAGES = /** @type {const} */ (["ask", "datasets", "upload", "history"]);

/** @param {string} profile of disclosure control; a custom one is chosen with %clinical disclosure */
export function profileView(profile) {
  const names = ["off", "cms11", "nhs10", ...(profile === "custom" ? ["custom"] : [])];
  return html`<label class="cnb-profile">Small counts <select name="profile" title="off shows all; a profile suppresses counts of 1 to 10 and what would tell them">
    ${names.map((name) => html`<option value="${name}" ${name === profile && new Html("selected")}>${name === "off" ? "shown" : name}</option>`)}</select></label>`;
}

/** @param {string} id unique to this drawing */
export function frameView(id) {
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
