// A study: its measures, a card a condition, the trials of the condition that is chosen, the trial that is open.
import { ConditionCards } from "./condition_cards.js";
import { MeasureCharts } from "./measure_charts.js";
import { OpenedRun } from "./opened_run.js";
import { SmallCharts } from "./small_charts.js";

function cell(row, kind, text, className = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (className) made.className = className;
  row.append(made);
  return made;
}

function figures(value) {
  return value === null ? "–" : `${Number(value.toPrecision(4))}`.replace("-", "−");
}

export class StudyView {
  constructor(section, study) {
    Object.assign(this, { section, content: study });
    this.panel = section.querySelector(".chosen");
    this.charts = new SmallCharts();
    this.measures = new MeasureCharts(section, study, this.charts, (i) => this.choose(i));
    this.cards = new ConditionCards(section, study, this.charts, (i, move) => this.choose(i, move), (trial) => this.open(trial));
    this.opened = new OpenedRun(section);
    this.trial = null;
  }

  // Show the trials of a condition, by its number.
  choose(i, move = true) {
    const { measures, conditions } = this.content;
    const condition = conditions[i];
    this.measures.mark(i);
    this.cards.mark(i);
    this.panel.hidden = false;
    this.panel.querySelector("h2").textContent = `${i + 1} · ${condition.name}: trials`;
    const head = document.createElement("tr");
    cell(head, "th", "Trial");
    for (const one of measures) cell(head, "th", one.unit ? `${one.label} (${one.unit})` : one.label).title = one.description;
    cell(head, "th", "File");
    this.panel.querySelector("thead").replaceChildren(head);
    const rows = condition.trials.map((trial) => this.row(trial));
    rows.push(this.summary(i));
    this.panel.querySelector("tbody").replaceChildren(...rows);
    if (move) this.panel.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  row(trial) {
    const { measures, trials } = this.content;
    const row = document.createElement("tr");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.trial = trial;
    button.textContent = `seed ${trials[trial].seed}`;
    button.setAttribute("aria-pressed", String(trial === this.trial));
    button.addEventListener("click", () => this.open(trial));
    const head = cell(row, "th", "");
    head.scope = "row";
    head.append(button);
    for (const one of measures) cell(row, "td", figures(one.values[trial]), "number");
    const link = document.createElement("a");
    link.href = trials[trial].file;
    link.textContent = "NWB";
    cell(row, "td", "").append(link);
    return row;
  }

  summary(i) {
    const row = document.createElement("tr");
    row.className = "mean";
    cell(row, "th", "mean").scope = "row";
    for (const { mean, lower, upper } of this.content.measures) {
      const band = lower[i] === null ? "" : ` [${figures(lower[i])}, ${figures(upper[i])}]`;
      cell(row, "td", figures(mean[i]) + band, "number");
    }
    cell(row, "td", "");
    return row;
  }

  // Show the traces of a trial, by its number in the table.
  async open(trial) {
    const { trials, conditions } = this.content;
    this.trial = trial;
    for (const button of this.panel.querySelectorAll("[data-trial]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.trial) === trial));
    }
    const condition = conditions.find((one) => one.trials.includes(trial));
    await this.opened.show(`${condition.name}, seed ${trials[trial].seed}`, trials[trial].run);
  }

  redraw() {
    this.charts.redraw();
    this.opened.redraw();
  }
}
