// The run that is open: its traces over time, as in the page of a run.
import { numbers } from "./arrays.js";
import { TimeAxis } from "./axis.js";
import { Clock } from "./clock.js";
import { evenly, Plots } from "./plots.js";
import { shadesKey } from "./shades.js";

const COLOURS = ["#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00"];
const AT_FIRST = 3;
const FIRST_PX = 170;
const OTHER_PX = 120;

async function loaded(content) {
  const traces = await Promise.all(
    content.traces.map(async (one) => ({ ...one, values: await numbers(one.values) })),
  );
  const spikes = content.spikes_ms ? await numbers(content.spikes_ms) : [];
  return { ...content, traces, spikes };
}

export class OpenedRun {
  constructor(section) {
    this.holder = section.querySelector(".opened");
    this.run = null;
    this.turn = 0;
  }

  // Show a run's traces; `content` null is a run whose traces the page does not hold.
  async show(title, content, move = true) {
    const turn = ++this.turn;
    const run = content && (await loaded(content));
    if (turn !== this.turn) return; // another was opened meanwhile
    this.clear();
    this.run = run;
    this.holder.hidden = false;
    this.holder.querySelector("h3").textContent = title;
    this.holder.querySelector(".explained").textContent = this.words(run);
    const command = this.holder.querySelector(".command");
    command.hidden = !run?.command;
    command.textContent = run?.command ?? "";
    this.holder.querySelector(".hint").hidden = !run?.traces.length;
    shadesKey(this.holder.querySelector(".shades"), run ?? { track: null });
    if (run?.traces.length) this.draw(run);
    if (move) this.holder.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  words(run) {
    if (!run) return "This page holds no traces of it; they are in its file.";
    if (!run.traces.length) return "Its traces are too long for this page; they are in its file.";
    const [{ thinned_ms: thinned }] = run.traces;
    const words = [];
    if (run.track) words.push(`${run.spikes.length} output spike${run.spikes.length === 1 ? "" : "s"}.`);
    if (thinned) words.push(`Of every ${thinned.toPrecision(3) / 1} ms the lowest and the highest value.`);
    const left = run.recorded - run.traces.length;
    if (left) words.push(`${left} more recording${left === 1 ? " is" : "s are"} in its file.`);
    return words.join(" ");
  }

  clear() {
    for (const one of [...(this.plots?.all ?? [])]) one.remove();
    this.holder.querySelector(".plots").replaceChildren();
    this.holder.querySelector(".chips").replaceChildren();
    this.plots = null;
  }

  draw(run) {
    this.axis = new TimeAxis(run);
    this.clock = new Clock(run.end_ms);
    const holder = document.createElement("div"); // of its own: what watched an earlier one is gone with it
    this.holder.querySelector(".plots").append(holder);
    this.plots = new Plots(holder, run, this.axis, this.clock);
    const shown = new Map();
    const chips = this.holder.querySelector(".chips");
    chips.hidden = run.traces.length < 2;
    run.traces.forEach((trace, i) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = `${trace.label} (${trace.unit})`;
      const toggle = () => {
        const open = shown.get(i);
        chip.setAttribute("aria-pressed", String(!open));
        if (open) {
          open.remove();
          shown.delete(i);
          return;
        }
        const later = [...shown.keys()].filter((one) => one > i).sort((a, b) => a - b)[0];
        shown.set(i, this.trace(trace, i, later === undefined ? null : shown.get(later).figure));
      };
      chip.addEventListener("click", toggle);
      chips.append(chip);
      chip.setAttribute("aria-pressed", "false");
      if (i < AT_FIRST) toggle();
    });
    const field = run.track?.spans.find(([name]) => name === "place field");
    this.clock.set(field ? (field[1] + field[2]) / 2 : run.end_ms / 2);
  }

  trace(trace, i, before) {
    return this.plots.add({
      id: trace.name,
      title: `${trace.label} (${trace.unit})`,
      height: i === 0 ? FIRST_PX : OTHER_PX,
      x: evenly(this.axis, trace.values.length, trace.step_ms, trace.first_ms),
      series: [{ label: "", colour: COLOURS[i % COLOURS.length], values: trace.values }],
      before,
      ticks: true,
    });
  }

  redraw() {
    this.plots?.redraw();
  }
}
