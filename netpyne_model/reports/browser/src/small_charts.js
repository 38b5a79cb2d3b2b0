// Small charts that stand side by side, by uPlot: no time cursor, one look, drawn when they come into view.
import uPlot from "uplot";
import { onPage, variable } from "./colours.js";
import { axisLook, tickTexts } from "./plots.js";

const LEFT_PX = 44;

export class SmallCharts {
  constructor() {
    this.all = new Set();
    this.waiting = new Map();
    const options = { rootMargin: "300px" };
    this.seen = new IntersectionObserver((entries) => entries.forEach((one) => one.isIntersecting && this.came(one.target)), options);
    this.sized = new ResizeObserver((entries) => entries.forEach((one) => this.resize(one.target)));
  }

  // Call `make`, which may take its time, when an element comes into view.
  whenSeen(element, make) {
    this.waiting.set(element, make);
    this.seen.observe(element);
  }

  came(element) {
    this.seen.unobserve(element);
    const make = this.waiting.get(element);
    this.waiting.delete(element);
    if (make) make().catch((error) => console.error(error));
  }

  // Add a chart; series have values and colour, x and y are uPlot's scales; `behind` and `draw` are hooks.
  add(holder, { height, x, series, scales, xValues = null, yValues = null, bands = [], behind = null, draw = null, label = "" }) {
    const options = {
      width: Math.max(holder.clientWidth, 120),
      height,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales,
      bands,
      axes: [
        axisLook({ size: 20, space: 40, values: tickTexts, ...(label ? { label, labelSize: 18, labelGap: 0 } : {}), ...(xValues ?? {}) }),
        axisLook({ size: LEFT_PX, space: 26, values: tickTexts, ...(yValues ?? {}) }),
      ],
      series: [
        {},
        ...series.map((one) => ({
          stroke: one.colour ? () => onPage(one.colour) : "transparent",
          width: one.colour ? 1.5 : 0,
          spanGaps: true,
          points: { show: false },
          paths: one.points ? () => null : undefined,
        })),
      ],
      hooks: { drawClear: behind ? [behind] : [], draw: draw ? [draw] : [] },
    };
    const plot = new uPlot(options, [x, ...series.map((one) => one.values)], holder);
    holder.plot = plot;
    this.all.add(plot);
    this.sized.observe(holder);
    return plot;
  }

  resize(holder) {
    const width = Math.max(holder.clientWidth, 120);
    if (holder.plot && holder.plot.width !== width) holder.plot.setSize({ width, height: holder.plot.height });
  }

  clear(holder) {
    if (!holder.plot) return;
    this.all.delete(holder.plot);
    holder.plot.destroy();
    holder.plot = null;
  }

  redraw() {
    for (const plot of this.all) plot.redraw(true, true);
  }
}

// Lowest and highest of lists of numbers, with a margin of their spread on both sides.
export function rangeOf(lists, margin = 0.06) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (value === null || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [0, 1];
  const room = (high - low) * margin || Math.abs(high) * 0.1 || 0.5;
  return [low - room, high + room];
}

// Shade a span of x, as the place field of the input.
export function shade(span) {
  return (u) => {
    if (span === null) return;
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const from = Math.max(u.valToPos(span[0], "x", true), left);
    const to = Math.min(u.valToPos(span[1], "x", true), left + width);
    ctx.fillStyle = variable("--field");
    if (to > from) ctx.fillRect(from, top, to - from, height);
  };
}
