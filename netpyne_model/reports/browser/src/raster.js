// Input spikes: a band a group, in it a row a synapse by the place of its peak.
import { onPage } from "./colours.js";
import { lowerBound } from "./runs.js";

const SHARES = { CA3: 5, ECIII: 1.6 }; // of the height; every other group has 1
const MOST = 60000; // dots drawn at once; more are thinned out, which is said

export function bands(groups) {
  const shares = groups.map((group) => SHARES[group.name] ?? 1);
  const whole = shares.reduce((sum, one) => sum + one, 0);
  let top = 1;
  return groups.map((group, i) => {
    const height = shares[i] / whole;
    top -= height;
    return { ...group, bottom: top + 0.06 * height, height: 0.88 * height };
  });
}

export function rasterPlot(run, axis) {
  const { synapses } = run;
  const rows = bands(synapses.groups);
  const { times, rows: rowOf } = synapses.presynaptic;
  const bandOf = new Uint8Array(synapses.n);
  rows.forEach((band, i) => bandOf.fill(i, band.first, band.first + band.n));

  function draw(u) {
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    const first = lowerBound(times, axis.ms(u.scales.x.min));
    const last = lowerBound(times, axis.ms(u.scales.x.max) + 1e-9);
    const stride = Math.max(Math.ceil((last - first) / MOST), 1);
    const size = (stride > 1 ? 1 : 1.5) * ratio;
    const from = axis.of(0);
    const x0 = u.valToPos(from, "x", true);
    const scale = (u.valToPos(from + 1, "x", true) - x0) / axis.perUnit_ms;
    rows.forEach((band, index) => {
      ctx.fillStyle = onPage(band.colour);
      const bottom = top + height * (1 - band.bottom);
      const each = (height * band.height) / Math.max(band.n, 1);
      for (let i = first; i < last; i++) {
        // A fixed choice of what is left out: it must not change from one drawing to the next.
        if (bandOf[rowOf[i]] !== index || (stride > 1 && (i * 2654435761) % stride >= 1)) continue;
        const y = bottom - (rowOf[i] - band.first + 0.5) * each;
        ctx.fillRect(x0 + times[i] * scale, y - size / 2, size, Math.max(size, each * 0.8));
      }
      ctx.fillRect(left - 4 * ratio, bottom - height * band.height, 3 * ratio, height * band.height);
    });
    ctx.restore();
    ctx.save();
    for (const band of rows) {
      ctx.fillStyle = onPage(band.colour);
      const y = top + height * (1 - band.bottom - band.height);
      ctx.fillRect(left - 5 * ratio, y, 3 * ratio, height * band.height);
    }
    ctx.restore();
  }

  return {
    id: "raster",
    title: "Input spikes",
    note: `${times.length.toLocaleString("en")} on ${synapses.n.toLocaleString("en")} synapses; each group sorted by place of its peak`,
    height: 240,
    x: [axis.whole[0], axis.whole[1]],
    series: [{ label: "", colour: "#000000", values: [null, null] }],
    y: { range: [0, 1], values: () => [], splits: () => [] },
    draw,
    bands: rows,
  };
}
