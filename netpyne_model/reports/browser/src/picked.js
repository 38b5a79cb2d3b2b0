// The panel of the picked section: its parameters, its potential now, its synapses.
import { sampleAt } from "./runs.js";

function element(kind, text, className = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(rows) {
  const made = document.createElement("table");
  for (const [name, value, unit] of rows) {
    const row = made.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    row.append(head);
    row.insertCell().textContent = value;
    row.insertCell().textContent = unit;
  }
  return made;
}

export function figures(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) return value.toExponential(3).replace("-", "−").replace("e−", "e−");
  return Number(value.toPrecision(4)).toString().replace("-", "−");
}

const UNITS = { um: "µm", um2: "µm²", "uF/cm2": "µF/cm²", "S/cm2": "S/cm²", "ohm cm": "Ω cm", "1/um": "1/µm", uS: "µS" };

export function unitText(unit) {
  return UNITS[unit] ?? unit;
}

export class PickedPanel {
  constructor(holder, runs, clock) {
    Object.assign(this, { holder, runs, clock, segment: null });
    clock.listen(() => this.now());
  }

  show(segment) {
    this.segment = segment;
    this.holder.replaceChildren();
    this.values = null;
    if (segment === null) {
      this.holder.append(element("p", "Click a section of the cell, or choose one above, to see its parameters, its potential and its synapses.", "hint"));
      return;
    }
    const { cell } = this.runs[0];
    const section = cell.sections[cell.sectionOf[segment]];
    const number = segment - section.first;
    const x = (number + 0.5) / section.n;
    this.holder.append(element("h3", `${section.name}`));
    this.values = element("p", "", "potential");
    this.values.setAttribute("aria-live", "off");
    this.holder.append(this.values);
    const about = [
      ["region", section.region.replace("_", " "), ""],
      ["place", `x = ${x.toFixed(3)}, segment ${number + 1} of ${section.n}`, ""],
      ["path distance from soma", cell.distances[segment].toFixed(1), "µm"],
      ["length of the section", section.length_um.toString(), "µm"],
    ];
    this.holder.append(table(about));
    this.holder.append(this.parameters(segment), this.synapses(section));
    this.now();
  }

  parameters(segment) {
    const details = document.createElement("details");
    details.open = true;
    details.append(element("summary", "Parameters of this segment"));
    const rows = [];
    this.runs[0].cell.parameters.forEach((one, i) => {
      const values = this.runs.map((run) => run.cell?.parameters[i]?.values[segment] ?? null);
      if (values.every((value) => value === null)) return;
      const text = values.map((value) => (value === null ? "–" : figures(value)));
      const differ = new Set(text).size > 1;
      rows.push([one.name, differ ? text.join(" | ") : text[0], unitText(one.unit)]);
    });
    details.append(table(rows));
    return details;
  }

  synapses(section) {
    const { synapses } = this.runs[0];
    const details = document.createElement("details");
    details.open = true;
    details.append(element("summary", "Driven synapses on this section"));
    const rows = [];
    for (const group of synapses?.groups ?? []) {
      let n = 0;
      let releases = 0;
      for (let row = group.first; row < group.first + group.n; row++) {
        const segment = synapses.segments[row];
        if (segment < section.first || segment >= section.first + section.n) continue;
        n += 1;
        releases += synapses.released.n[row];
      }
      if (n) rows.push([group.name, `${n}`, `${releases.toLocaleString("en")} releases`]);
    }
    details.append(rows.length ? table(rows) : element("p", "none"));
    return details;
  }

  now() {
    if (this.segment === null || !this.values) return;
    const texts = this.runs.map((run) => {
      if (run.map === null) return "–";
      const at = sampleAt(run.map, this.clock.t_ms) * run.map.segments + this.segment;
      return (run.map.counts[at] * run.map.resolution).toFixed(2).replace("-", "−");
    });
    this.values.textContent = `${texts.join(" | ")} mV`;
  }
}
