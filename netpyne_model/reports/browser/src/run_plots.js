// Which plots a run has, or two runs over each other.
import { currentscapePlots } from "./currentscape.js";
import { evenly } from "./plots.js";
import { rasterPlot } from "./raster.js";
import { areaOnPage, onPage } from "./colours.js";
import { segmentTrace } from "./runs.js";

const KINDS = { exc: "excitatory", inh: "inhibitory" };
const OF_RUN = [["", "#000000"], ["", "#D55E00"]];
const OF_SERIES = ["#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00"];
const AT_FIRST = ["soma", "distal_trunk"];
const MOST_AT_FIRST = 5;
// What an axis shows at least: one page beside another must not make a small response look large.
const LEAST = { voltage: [-80, 30], rate: [0, 20], ramp: [-70, -50] };

function notLess([from, to], top = 1) {
  return { range: (u, low, high) => [Math.min(low ?? from, from), Math.max(top * (high ?? to), to)] };
}

export class RunPlots {
  constructor(plots, runs, axis, chips) {
    Object.assign(this, { plots, runs, axis, chips, open: new Map(), pickedPlot: null });
    this.two = runs.length > 1;
    this.names = runs.map((run, i) => (this.two ? "AB"[i] : ""));
    this.end = document.createElement("div"); // voltages and recordings stand before it
    plots.holder.append(this.end);
    this.groups = this.groupsOf();
    this.addChips();
    this.addCurrents();
    this.addTrack();
  }

  // What feeds the soma, of runs that recorded it, with a key of the colours below.
  addCurrents() {
    this.runs.forEach(({ currentscape }, i) => {
      if (currentscape === null) return;
      for (const plot of currentscapePlots(currentscape, this.axis, this.names[i])) this.plots.add(plot);
      this.plots.holder.append(coloursKey(currentscape.currents, areaOnPage));
    });
  }

  // A plot a voltage; recordings of a sum over the cell in one unit share one, if there is one run.
  groupsOf() {
    const groups = new Map();
    this.runs.forEach((run, index) => {
      for (const trace of run.traces) {
        const voltage = trace.unit === "mV";
        const shared = !this.two && !voltage && trace.where === "sum over the cell";
        const key = shared ? `sums in ${trace.unit}` : trace.name;
        if (!groups.has(key)) groups.set(key, { key, voltage, shared, members: [] });
        groups.get(key).members.push({ trace, index });
      }
    });
    return [...groups.values()];
  }

  addChips() {
    const atFirst = this.groups.filter((group, i) => AT_FIRST.includes(group.key) || (!group.voltage && i < MOST_AT_FIRST + 4));
    const first = atFirst.length ? atFirst : this.groups.slice(0, MOST_AT_FIRST);
    for (const group of this.groups) {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = this.titleOf(group);
      chip.addEventListener("click", () => this.toggle(group));
      group.chip = chip;
      this.chips.append(chip);
      chip.setAttribute("aria-pressed", "false");
    }
    for (const group of first) this.toggle(group);
    this.chips.hidden = this.groups.length < 2;
  }

  titleOf(group) {
    const [{ trace }] = group.members;
    if (group.shared) return `Currents over the whole cell (${trace.unit})`;
    const label = trace.label[0].toUpperCase() + trace.label.slice(1);
    return group.voltage ? label : `${label} (${trace.unit})`;
  }

  toggle(group) {
    const open = this.open.get(group.key);
    group.chip.setAttribute("aria-pressed", String(!open));
    if (open) {
      for (const one of open) one.remove();
      this.open.delete(group.key);
      return;
    }
    const later = this.groups.slice(this.groups.indexOf(group) + 1).find((one) => this.open.has(one.key));
    const before = later ? this.open.get(later.key)[0].figure : (this.pickedPlot?.figure ?? this.end);
    this.open.set(group.key, this.draw(group, before));
  }

  draw(group, before) {
    const [{ trace }] = group.members;
    const n = Math.max(...group.members.map((one) => one.trace.values.length));
    const x = evenly(this.axis, n, trace.step_ms);
    const series = group.members.map((one, i) => ({
      label: group.shared ? one.trace.label.split(",")[0] : this.names[one.index],
      colour: this.two ? OF_RUN[one.index][1] : OF_SERIES[i % OF_SERIES.length],
      values: padded(one.trace.values, n),
    }));
    const title = group.voltage ? `${this.titleOf(group)} (mV)` : this.titleOf(group);
    const height = group.key === "soma" ? 170 : 110;
    const note = group.shared ? "" : trace.where.replaceAll(" um", " µm");
    const ticks = group === this.groups[0];
    const y = group.voltage ? notLess(LEAST.voltage) : {};
    const made = [this.plots.add({ id: group.key, title, note, height, x, series, before, ticks, y })];
    const [a, b] = group.members;
    if (this.two && b && a.trace.step_ms === b.trace.step_ms) {
      const values = padded(a.trace.values, n).map((value, i) => value - (b.trace.values[i] ?? NaN));
      const one = { id: `${group.key} difference`, title: `${this.titleOf(group)}, A − B (${trace.unit})`, height: 80, x, before };
      made.push(this.plots.add({ ...one, series: [{ label: "A − B", colour: "#0072B2", values }] }));
    }
    return made;
  }

  addTrack() {
    const spikeTicks = (u) => {
      const { ctx } = u;
      const { left, top, width } = u.bbox;
      const ratio = devicePixelRatio || 1;
      this.runs.forEach((run, i) => {
        ctx.fillStyle = onPage(OF_RUN[i][1]);
        for (const spike of run.spikes) {
          const x = u.valToPos(this.axis.of(spike), "x", true);
          if (x >= left && x <= left + width) ctx.fillRect(x, top + (2 + 9 * i) * ratio, ratio, 7 * ratio);
        }
      });
    };
    const rates = this.curves("rate", { id: "rate", title: "Firing rate along the track (Hz)", height: 110 });
    if (rates) this.plots.add({ ...rates, draw: spikeTicks, y: notLess(LEAST.rate, 1.35) });
    const ramps = this.curves("ramp", { id: "ramp", title: "Ramp of the soma (mV)", height: 110 });
    if (ramps) this.plots.add({ ...ramps, last: true, y: notLess(LEAST.ramp) });
  }

  curves(kind, options) {
    const members = this.runs.map((run, i) => ({ curve: run[kind], i })).filter(({ curve }) => curve !== null);
    if (!members.length) return null;
    const n = Math.max(...members.map(({ curve }) => curve.values.length));
    const [{ curve }] = members;
    const x = evenly(this.axis, n, curve.step_ms, curve.first_ms);
    const series = members.map((one) => ({
      label: this.names[one.i],
      colour: OF_RUN[one.i][1],
      width: 1.6,
      fill: kind === "rate" && !this.two ? "--rate" : undefined,
      values: padded(one.curve.values, n),
    }));
    return { ...options, note: curve.note, x, series };
  }

  inputsCame() {
    const [run] = this.runs;
    if (!run.synapses.n) return;
    const plot = rasterPlot(run, this.axis);
    if (this.two) plot.note = `${sameTrains(this.runs) ? "the same in A and B" : "of A"}: ${plot.note}`;
    const rate = this.plots.all.find((one) => one.figure.dataset.plot === "rate");
    const before = rate?.figure ?? null;
    const bands = plot.bands.map((band) => ({
      name: `${band.name} (${band.n.toLocaleString("en")})`,
      colour: band.colour,
      heading: KINDS[band.kind] ?? band.kind,
    }));
    this.plots.add({ ...plot, before });
    this.plots.holder.insertBefore(coloursKey(bands, onPage), before);
  }

  // The potential of the picked segment, of the coarse recording.
  picked(segment) {
    this.pickedPlot?.remove();
    this.pickedPlot = null;
    if (segment === null || this.runs.some((run) => run.map === null)) return;
    const { cell, map } = this.runs[0];
    const section = cell.sections[cell.sectionOf[segment]];
    const x = evenly(this.axis, Math.max(...this.runs.map((run) => run.map.samples)), map.step_ms);
    const series = this.runs.map((run, i) => ({
      label: this.names[i],
      colour: this.two ? OF_RUN[i][1] : "#CC79A7",
      values: padded(segmentTrace(run, segment), x.length),
    }));
    const title = `Picked: ${section.name}, segment ${segment - section.first + 1} (mV)`;
    const note = `every ${map.step_ms} ms`;
    this.pickedPlot = this.plots.add({ id: "picked", title, note, height: 110, x, series, before: this.end });
  }
}

// Names beside their colours, with a heading where entries of another one begin.
function coloursKey(entries, shown) {
  const key = document.createElement("div");
  key.className = "bands";
  let last = null;
  for (const { name, colour, heading = null } of entries) {
    if (heading !== last) key.append(Object.assign(document.createElement("b"), { textContent: heading }));
    last = heading;
    const entry = document.createElement("span");
    entry.textContent = name;
    entry.style.setProperty("--key", shown(colour));
    key.append(entry);
  }
  return key;
}

function sameTrains([a, b]) {
  const [one, other] = [a.synapses.presynaptic, b.synapses.presynaptic];
  const same = (left, right) => left.length === right.length && left.every((value, i) => value === right[i]);
  return same(one.n, other.n) && same(one.times, other.times) && same(one.rows, other.rows);
}

function padded(values, n) {
  if (values.length === n) return values;
  const longer = new Float64Array(n).fill(NaN);
  longer.set(values);
  return longer;
}
