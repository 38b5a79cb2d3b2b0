// What feeds a place over time: inward currents stacked above the line, outward ones below; in nA and as shares.
import { areaOnPage } from "./colours.js";

const WITHIN = 0.95; // of the samples lie within the panel: spikes are many times as high
const LEAST_PX = 1; // width of what one mean is drawn over

// Highest sum of a side that most samples stay below.
function limit(scape) {
  const { samples, currents, inward, outward } = scape;
  const n = currents.length;
  const tops = new Float64Array(samples);
  for (let i = 0; i < samples; i++) {
    let up = 0;
    let down = 0;
    for (let k = 0; k < n; k++) {
      up += inward[i * n + k];
      down += outward[i * n + k];
    }
    tops[i] = Math.max(up, down);
  }
  const sorted = tops.toSorted();
  const usual = sorted[Math.floor(WITHIN * (samples - 1))];
  const top = sorted[samples - 1];
  return { usual: (top > 2 * usual ? 1.15 * usual : 1.05 * top) || 1, top };
}

// Means over the samples that fall together into each column of the picture: x of its edges, and a row a current.
function columns(u, scape, axis) {
  const { first_ms, step_ms, samples, currents } = scape;
  const sampleOf = (x) => (axis.ms(x) - first_ms) / step_ms;
  const from = Math.max(Math.floor(sampleOf(u.scales.x.min)), 0);
  const to = Math.min(Math.ceil(sampleOf(u.scales.x.max)) + 1, samples);
  const together = Math.max(Math.ceil((to - from) / (u.over.clientWidth / LEAST_PX)), 1);
  const n = currents.length;
  const made = [];
  for (let begin = from - (from % together); begin < to; begin += together) {
    const end = Math.min(begin + together, samples);
    const sums = { begin, end, inward: new Float64Array(n), outward: new Float64Array(n) };
    for (const side of ["inward", "outward"]) {
      for (let i = begin; i < end; i++) for (let k = 0; k < n; k++) sums[side][k] += scape[side][i * n + k] / (end - begin);
    }
    made.push(sums);
  }
  return made;
}

function drawing(scape, axis, shares) {
  return (u) => {
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const all = columns(u, scape, axis);
    const x = (sample) => u.valToPos(axis.of(scape.first_ms + sample * scape.step_ms), "x", true);
    const y = (value) => u.valToPos(value, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    for (const [side, sign] of [["inward", 1], ["outward", -1]]) {
      const whole = all.map((one) => one[side].reduce((sum, value) => sum + value, 0));
      const scale = whole.map((sum) => (shares ? (sum > 0 ? (100 * sign) / sum : 0) : sign));
      const edge = new Float64Array(all.length);
      scape.currents.forEach((current, k) => {
        ctx.fillStyle = areaOnPage(current.colour);
        ctx.beginPath();
        all.forEach((one, i) => {
          ctx.lineTo(x(one.begin - 0.5), y(edge[i]));
          ctx.lineTo(x(one.end - 0.5), y(edge[i]));
        });
        for (let i = all.length - 1; i >= 0; i--) {
          edge[i] += scale[i] * all[i][side][k];
          ctx.lineTo(x(all[i].end - 0.5), y(edge[i]));
          ctx.lineTo(x(all[i].begin - 0.5), y(edge[i]));
        }
        ctx.fill();
      });
    }
    ctx.restore();
  };
}

// The two plots of a run, for `Plots.add`.
export function currentscapePlots(scape, axis, name = "") {
  const { usual, top } = limit(scape);
  const beyond = top > usual ? `; up to ${top.toPrecision(3)} nA in spikes` : "";
  const means = scape.together > 1 ? `, means of ${scape.together} samples` : "";
  const run = name ? `${name}: ` : "";
  const shared = { x: [...axis.whole], series: [{ label: "", colour: "#000000", values: [null, null] }] };
  const positive = (u, splits) => splits.map((value) => `${Math.abs(value).toLocaleString("en", { maximumSignificantDigits: 3 })}`);
  return [
    {
      ...shared,
      id: `currentscape ${name}`.trim(),
      title: `${run}What feeds the ${scape.place} (nA)`,
      note: `inward above, outward below${means}${beyond}`,
      height: 170,
      y: { range: [-usual, usual], values: positive },
      draw: drawing(scape, axis, false),
    },
    {
      ...shared,
      id: `shares ${name}`.trim(),
      title: `${run}Shares of it (%)`,
      note: "of the inward sum above, of the outward sum below",
      height: 130,
      y: { range: [-100, 100], values: positive, splits: () => [-100, -50, 0, 50, 100] },
      draw: drawing(scape, axis, true),
    },
  ];
}

// The currents of the sample nearest to a time, by side and name.
export function partsAt(scape, t_ms) {
  const n = scape.currents.length;
  const at = Math.min(Math.max(Math.round((t_ms - scape.first_ms) / scape.step_ms), 0), scape.samples - 1);
  const of = (side) => Object.fromEntries(scape.currents.map(({ name }, k) => [name, scape[side][at * n + k]]));
  return { inward: of("inward"), outward: of("outward") };
}
