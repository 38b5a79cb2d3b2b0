// Plots over time by uPlot: one look, one time axis, the cursor of the page, the place field shaded.
import uPlot from "uplot";
import { onPage, variable } from "./colours.js";
import { SHADES } from "./shades.js";

const FONT = "12px system-ui, sans-serif";
const LEFT_PX = 48;

function shading(run, axis) {
  return (u) => {
    if (run.track === null) return;
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    for (const [name, from_ms, to_ms] of run.track.spans) {
      const from = u.valToPos(axis.of(from_ms), "x", true);
      const to = u.valToPos(axis.of(to_ms), "x", true);
      ctx.fillStyle = variable(SHADES[name][0]);
      ctx.fillRect(from, top, to - from, height);
    }
    ctx.restore();
  };
}

// Numbers along an axis of values: small ones are not rounded to nothing.
export function tickTexts(u, splits) {
  return splits.map((value) => {
    if (value === null) return "";
    const small = value !== 0 && Math.abs(value) < 1e-3;
    const text = small ? `${Number(value.toPrecision(6)).toExponential()}` : value.toLocaleString("en", { maximumSignificantDigits: 6 });
    return text.replaceAll("-", "−");
  });
}

export function axisLook(extra) {
  return {
    stroke: () => variable("--muted"),
    grid: { stroke: () => variable("--line"), width: 1 },
    ticks: { show: false },
    font: FONT,
    labelFont: FONT,
    ...extra,
  };
}

export class Plots {
  constructor(holder, run, axis, clock) {
    Object.assign(this, { holder, run, axis, clock, all: [] });
    clock.listen(() => this.move());
    new ResizeObserver(() => this.resize()).observe(holder);
    axis.listeners.push(() => this.move());
  }

  // Add a plot; `series` have label, colour (as on paper) and values; `x` is the shared axis' values.
  add({ title, note = "", height, x, series, y = {}, draw = null, last = false, before = null, id = "", ticks = last }) {
    const figure = document.createElement("figure");
    figure.className = "plot";
    figure.dataset.plot = id || title;
    const caption = document.createElement("figcaption");
    const name = document.createElement("b");
    name.textContent = title;
    caption.append(name);
    for (const one of series.length > 1 ? series : []) {
      const key = document.createElement("span");
      key.className = "key";
      key.textContent = one.label;
      key.style.setProperty("--key", onPage(one.colour));
      caption.append(key);
    }
    if (note) {
      const text = document.createElement("span");
      text.className = "note";
      text.textContent = note;
      caption.append(text);
    }
    figure.append(caption);
    this.holder.insertBefore(figure, before);
    const options = this.options({ height, series, y, draw, last, ticks });
    const plot = new uPlot(options, [x, ...series.map((one) => one.values)], figure);
    const line = document.createElement("div");
    line.className = "now";
    plot.over.append(line);
    plot.over.addEventListener("click", (event) => this.clicked(plot, event));
    plot.over.addEventListener("dblclick", () => this.axis.zoomTo(...this.axis.whole));
    plot.over.addEventListener("wheel", (event) => this.wheel(plot, event), { passive: false });
    const one = { plot, figure, line, height, remove: () => this.remove(one) };
    this.all.push(one);
    this.axis.add(plot);
    plot.setScale("x", { min: this.axis.range[0], max: this.axis.range[1] });
    this.move();
    return one;
  }

  options({ height, series, y, draw, last, ticks }) {
    const { axis, run } = this;
    return {
      width: Math.max(this.holder.clientWidth, 120),
      height: height + (last ? 42 : ticks ? 26 : 8),
      padding: [6, 10, last ? 0 : 2, 0],
      legend: { show: false },
      cursor: { sync: { key: "time", setSeries: false }, y: false, points: { show: false }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y },
      axes: [
        axisLook(last ? { label: axis.label, size: 24, labelSize: 18 } : ticks ? { size: 20 } : { size: 0, values: () => [] }),
        axisLook({ size: LEFT_PX, space: 34, values: tickTexts, ...(y.values ? { values: y.values, splits: y.splits } : {}) }),
      ],
      series: [
        {},
        ...series.map((one) => ({
          label: one.label,
          stroke: () => onPage(one.colour),
          width: one.width ?? 1,
          fill: one.fill ? () => variable(one.fill) : undefined,
          points: { show: false },
          paths: one.paths,
        })),
      ],
      hooks: {
        drawClear: [shading(run, axis)],
        draw: draw ? [draw] : [],
        setScale: [(u, key) => key === "x" && !axis.setting && axis.zoomTo(u.scales.x.min, u.scales.x.max)],
      },
    };
  }

  clicked(plot, event) {
    if (plot.select.width > 2) return;
    const box = plot.over.getBoundingClientRect();
    this.clock.pause();
    this.clock.set(this.axis.ms(plot.posToVal(event.clientX - box.left, "x")));
  }

  wheel(plot, event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = plot.over.getBoundingClientRect();
    const centre = plot.posToVal(event.clientX - box.left, "x");
    this.axis.zoomBy(event.deltaY > 0 ? 1.25 : 0.8, centre);
  }

  move() {
    const x = this.axis.of(this.clock.t_ms);
    for (const { plot, line } of this.all) {
      const left = plot.valToPos(x, "x");
      line.style.transform = `translateX(${left}px)`;
      line.style.display = left >= 0 && left <= plot.over.clientWidth ? "" : "none";
    }
  }

  resize() {
    const width = Math.max(this.holder.clientWidth, 120);
    for (const { plot } of this.all) if (plot.width !== width) plot.setSize({ width, height: plot.height });
    this.move();
  }

  redraw() {
    for (const { plot, figure } of this.all) {
      plot.redraw(true, true);
      figure.querySelectorAll(".key").forEach((key, i) => {
        key.style.setProperty("--key", plot.series[i + 1].stroke(plot, i + 1));
      });
    }
  }

  remove(one) {
    this.all = this.all.filter((other) => other !== one);
    this.axis.remove(one.plot);
    one.plot.destroy();
    one.figure.remove();
  }
}

export function evenly(axis, n, step_ms, first_ms = 0) {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) x[i] = axis.of(first_ms + i * step_ms);
  return x;
}
