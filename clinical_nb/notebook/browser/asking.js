/** The page on which questions are asked: an answer, what could be meant, what can be asked next. */

import { emptyView, Html, html } from "./html.js";

/** @param {Answer} answer @param {boolean} canInsert */
export function answerView(answer, canInsert) {
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
export function askView(view, canInsert) {
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
