// The page of a sweep: studies, or experiments with figure, comparison, table and traces.
import { OpenedRun } from "./opened_run.js";
import { started, themeButton } from "./starting.js";
import { StudyView } from "./study_view.js";

class ExperimentView {
  constructor(section, runs) {
    Object.assign(this, { section, runs });
    this.opened = new OpenedRun(section);
    const table = section.querySelector(".table-of-runs");
    table?.parentElement.append(section.querySelector(".opened"));
    for (const button of section.querySelectorAll("[data-run]")) {
      button.addEventListener("click", () => this.open(Number(button.dataset.run)));
    }
  }

  // Show the traces of a row of the table.
  async open(row) {
    for (const button of this.section.querySelectorAll("[data-run]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.run) === row));
    }
    const rows = this.section.querySelectorAll(".runs-table tbody tr");
    const heads = [...this.section.querySelectorAll(".runs-table thead th")].slice(1);
    const labels = [...rows[row].querySelectorAll("td")].map((one, i) => [heads[i].textContent, one.textContent]);
    const words = labels.filter(([, text]) => text !== "").slice(0, 4).map(([name, text]) => `${name} ${text}`);
    await this.opened.show(`Condition ${row + 1}: ${words.join(", ")}`, this.runs[row]);
  }

  redraw() {
    this.opened.redraw();
  }
}

function view(section, content) {
  if (content.kind === "study") return new StudyView(section, content.study);
  return content.kind === "experiment" ? new ExperimentView(section, content.runs) : null;
}

async function start(report) {
  const content = JSON.parse(document.getElementById("content").textContent);
  const sections = content.sections.map((one, i) => view(document.getElementById(`section-${i}`), one));
  const shown = sections.filter((one) => one !== null);
  themeButton(() => shown.forEach((one) => one.redraw()));
  let latest = shown[0]?.opened;
  for (const one of shown) {
    const { opened } = one;
    const show = opened.show.bind(opened);
    opened.show = (...words) => ((latest = opened), show(...words));
  }
  Object.defineProperties(report, Object.getOwnPropertyDescriptors({
    sections,
    trace: (name) => latest.run.traces.find((one) => one.name === name),
    get range() {
      return [...latest.axis.range];
    },
    get plots() {
      return latest.plots.all.map((one) => one.figure.dataset.plot);
    },
  }));
  report.timings.first_view_ms = report.timings.whole_ms = performance.now();
  document.documentElement.dataset.state = "whole";
}

started(start);
