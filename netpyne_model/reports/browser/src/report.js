// The page of a run, or of two: reads the content that the page holds and puts the parts together.
import "uplot/dist/uPlot.min.css";
import "./report.css";
import { TimeAxis } from "./axis.js";
import { Clock } from "./clock.js";
import { partsAt } from "./currentscape.js";
import { PickedPanel } from "./picked.js";
import { Plots } from "./plots.js";
import { loadInputs, loadMap, loadRun, sampleAt, segmentAt } from "./runs.js";
import { RunPlots } from "./run_plots.js";
import { shadesKey } from "./shades.js";
import { Stage } from "./stage.js";
import { started, themeButton } from "./starting.js";
import { Transport } from "./transport.js";

function startAt(run) {
  const field = run.track?.spans.find(([name]) => name === "place field");
  if (!field) return run.spikes.length ? run.spikes[0] : run.end_ms / 2;
  return run.spikes.find((spike) => spike >= field[1] && spike <= field[2]) ?? (field[1] + field[2]) / 2;
}

async function start(report) {
  const content = JSON.parse(document.getElementById("content").textContent);
  const runs = await Promise.all(content.runs.map(loadRun));
  const longest = runs.reduce((best, run) => (run.end_ms > best.end_ms ? run : best));
  const axis = new TimeAxis(longest);
  const clock = new Clock(longest.end_ms);
  const plots = new Plots(document.getElementById("plots"), longest, axis, clock);
  const shown = new RunPlots(plots, runs, axis, document.querySelector(".chips"));
  const withCell = runs.every((run) => run.cell !== null);
  const sameCell = withCell && runs.every((run) => run.cell.n === runs[0].cell.n);
  let stage = null;
  if (withCell && !sameCell) {
    const note = document.createElement("p");
    note.className = "failed";
    note.textContent = "The two cells have different segments: they are not drawn side by side.";
    document.querySelector(".left").replaceWith(note);
  }
  const panel = sameCell ? new PickedPanel(document.querySelector(".picked"), runs, clock) : null;
  if (sameCell) {
    panel.show(null);
    const picked = (segment) => {
      panel.show(segment);
      shown.picked(segment);
    };
    try {
      stage = new Stage(document.querySelector(".stage"), runs, clock, picked);
    } catch (error) {
      document.querySelector(".stage-note").textContent = `The cell cannot be drawn: this browser has no WebGL (${error.message}).`;
    }
  }
  new Transport(document.querySelector(".transport"), clock, axis, runs[0]);
  shadesKey(document.getElementById("shades"), longest);
  themeButton(() => plots.redraw());
  clock.set(startAt(runs[0]));
  const read = Object.getOwnPropertyDescriptors(api(runs, clock, axis, stage, plots));
  Object.defineProperties(report, read);
  report.timings.first_view_ms = performance.now();
  document.documentElement.dataset.state = "shown";
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await Promise.all(runs.map(loadMap));
  stage?.show();
  await Promise.all(runs.map(loadInputs));
  stage?.synapsesCame();
  shown.inputsCame();
  clock.tell();
  report.timings.whole_ms = performance.now();
  document.documentElement.dataset.state = "whole";
}

// What scripts and tests read; docs: netpyne_model/reports/page.py.
function api(runs, clock, axis, stage, plots) {
  return {
    voltage(section, x, t_ms, run = 0) {
      const { map } = runs[run];
      if (map === null) return null;
      return map.counts[sampleAt(map, t_ms) * map.segments + segmentAt(runs[run], section, x)] * map.resolution;
    },
    trace(name, run = 0) {
      return runs[run].traces.find((one) => one.name === name);
    },
    parts(t_ms, run = 0) {
      return runs[run].currentscape === null ? null : partsAt(runs[run].currentscape, t_ms);
    },
    get time_ms() {
      return clock.t_ms;
    },
    set time_ms(t_ms) {
      clock.set(t_ms);
    },
    get range() {
      return [...axis.range];
    },
    get picked() {
      return stage?.segment ?? null;
    },
    colourOf(section, x, run = 0) {
      const at = 4 * segmentAt(runs[run], section, x);
      return [...stage.views[run].paint.image.data.slice(at, at + 3)];
    },
    placeOnPage(section, x, run = 0) {
      return stage.views[run].pageOf(segmentAt(runs[run], section, x));
    },
    get lit() {
      return stage.views.map((view) => Number(view.holder.dataset.lit));
    },
    get plots() {
      return plots.all.map((one) => one.figure.dataset.plot);
    },
  };
}

started(start);
