// The stage: a cell a run, its key of colours, the choice of a section, the scale bar.
import { CellView, LIT_MS } from "./cell_view.js";
import { BOTH_WAYS, DIFFERENCE, EXCITATORY, INHIBITORY, POTENTIAL, RANGES, entry, gradient } from "./colours.js";
import { sampleAt } from "./runs.js";

const SHOWN_MS = 10; // of a run that plays: the longest time of which a picture shows the highest
const STEP_RAD = 0.15;
const SCALE_BARS_UM = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export class Stage {
  constructor(holder, runs, clock, onPick) {
    Object.assign(this, { holder, runs, clock, onPick, segment: null, mode: "subthreshold" });
    holder.querySelector(".lit-ms").textContent = `${LIT_MS} ms`;
    this.views = runs.map((run, i) => this.viewOf(run, holder.querySelectorAll(".canvas-holder")[i]));
    this.choice();
    this.sections();
    for (const input of holder.querySelectorAll("[data-synapses]")) {
      input.style.setProperty("--key", input.dataset.synapses === "exc" ? EXCITATORY : INHIBITORY);
      input.addEventListener("change", () => {
        for (const view of this.views) if (view.shown) view.shown[input.dataset.synapses] = input.checked;
        this.show();
      });
    }
    holder.querySelector("[data-control=reset]").addEventListener("click", () => {
      for (const view of this.views) {
        view.fit();
        view.resize();
      }
    });
    clock.listen(() => this.show());
    this.show();
  }

  viewOf(run, holder) {
    const view = new CellView(holder, run);
    view.on("pick", (segment) => this.pick(segment));
    view.on("turn", () => {
      if (this.turning) return;
      this.turning = true;
      for (const other of this.views) if (other !== view) other.follow(view);
      this.turning = false;
    });
    const bar = holder.querySelector(".scale-bar");
    view.onDraw = (um) => {
      const length = SCALE_BARS_UM.findLast((one) => one / um < 90) ?? 1;
      bar.style.width = `${length / um}px`;
      bar.textContent = `${length} µm`;
    };
    view.draw();
    view.renderer.domElement.addEventListener("keydown", (event) => this.key(event, view));
    return view;
  }

  choice() {
    const { holder } = this;
    const select = holder.querySelector("[data-control=colour]");
    for (const [name, { label }] of Object.entries(RANGES)) select.add(new Option(label, name));
    if (this.runs.length > 1) select.add(new Option(DIFFERENCE.label, "difference"));
    select.addEventListener("change", () => {
      this.mode = select.value;
      this.show();
    });
  }

  sections() {
    const list = this.holder.querySelector("datalist");
    const { sections } = this.runs[0].cell;
    for (const section of sections) list.append(new Option("", section.name));
    this.input = this.holder.querySelector("[data-control=section]");
    this.input.addEventListener("change", () => {
      const section = sections.find((one) => one.name === this.input.value.trim());
      this.input.setCustomValidity(section || !this.input.value ? "" : "no section of this name");
      this.input.reportValidity();
      if (section) this.pick(section.first + Math.floor(section.n / 2));
    });
  }

  pick(segment) {
    this.segment = segment;
    const { cell } = this.runs[0];
    const section = segment === null ? null : cell.sections[cell.sectionOf[segment]];
    this.input.value = section?.name ?? "";
    for (const view of this.views) view.select(section);
    this.onPick(segment);
  }

  key(event, view) {
    const keys = {
      ArrowLeft: () => view.turn(-STEP_RAD, 0), ArrowRight: () => view.turn(STEP_RAD, 0),
      ArrowUp: () => view.turn(0, -STEP_RAD), ArrowDown: () => view.turn(0, STEP_RAD),
      "+": () => view.zoom(1.25), "-": () => view.zoom(0.8),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  synapsesCame() {
    for (const view of this.views) view.addSynapses();
    this.show();
  }

  // Potential of a segment now: of a run that plays, the highest since the frame before (`SHOWN_MS` at most).
  potential(run, segment, from, to) {
    const { counts, segments, resolution } = run.map;
    let highest = -Infinity;
    for (let sample = from; sample <= to; sample++) highest = Math.max(highest, counts[sample * segments + segment]);
    return highest * resolution;
  }

  show() {
    const { clock, runs } = this;
    const known = runs.every((run) => run.map !== null);
    const difference = this.mode === "difference" && known;
    const range = difference ? DIFFERENCE : (RANGES[this.mode] ?? RANGES.subthreshold);
    const table = difference ? BOTH_WAYS : POTENTIAL;
    this.key_(range, table);
    runs.forEach((run, i) => {
      const view = this.views[i];
      if (run.map !== null) {
        const to = sampleAt(run.map, clock.t_ms);
        const since_ms = Math.max(clock.before_ms, clock.t_ms - SHOWN_MS);
        const from = clock.playing ? Math.min(sampleAt(run.map, since_ms) + 1, to) : to;
        const value = difference
          ? (segment) => this.potential(runs[0], segment, from, to) - this.potential(runs[1], segment, from, to)
          : (segment) => this.potential(run, segment, from, to);
        view.colour(table, (segment) => entry(value(segment), range));
      }
      const lit = view.light(clock.t_ms);
      view.draw();
      view.holder.dataset.lit = lit.exc + lit.inh;
    });
  }

  key_(range, table) {
    const key = this.holder.querySelector(".colour-key");
    if (key.dataset.shown === range.label) return;
    key.dataset.shown = range.label;
    key.querySelector(".bar").style.backgroundImage = gradient(table);
    const text = (value) => String(value).replace("-", "−");
    key.querySelector(".low").textContent = `≤ ${text(range.from)}`;
    key.querySelector(".high").textContent = `≥ ${text(range.to)} mV`;
  }
}
