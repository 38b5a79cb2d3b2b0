// A run as the page works with it: its content with arrays in place of their descriptions.
import { counts, numbers } from "./arrays.js";

// Times of events of all rows (synapses), sorted in time, with the row of each.
async function events(train) {
  const [n, steps] = await Promise.all([counts(train.n), counts(train.steps)]);
  const resolution = train.steps.resolution;
  const total = steps.length;
  const times = new Float64Array(total);
  const rows = new Int32Array(total);
  let at = 0;
  for (let row = 0; row < n.length; row++) {
    let time = 0;
    for (let i = 0; i < n[row]; i++, at++) {
      time += steps[at];
      times[at] = time * resolution;
      rows[at] = row;
    }
  }
  const order = Uint32Array.from({ length: total }, (_, i) => i).sort((a, b) => times[a] - times[b]);
  return {
    times: Float64Array.from(order, (i) => times[i]),
    rows: Int32Array.from(order, (i) => rows[i]),
    n,
  };
}

async function cellOf(content) {
  if (content === null) return null;
  const [pieces, pieceSegments, diameters, distances] = await Promise.all(
    [content.pieces, content.piece_segments, content.diameters, content.distances].map(numbers),
  );
  const sectionOf = new Int32Array(diameters.length);
  content.sections.forEach((section, index) => sectionOf.fill(index, section.first, section.first + section.n));
  return { ...content, pieces, pieceSegments, diameters, distances, sectionOf, n: diameters.length };
}

async function sampled(content) {
  return content === null ? null : { ...content, values: await numbers(content.values) };
}

async function currentscapeOf(content) {
  if (content === null) return null;
  const [inward, outward] = await Promise.all([content.inward, content.outward].map(numbers));
  return { ...content, inward, outward, samples: content.inward.shape[0] };
}

// Everything but the potentials of all segments, which come later: the page is shown without waiting.
export async function loadRun(content) {
  const [spikes, traces, cell, rate, ramp, currentscape] = await Promise.all([
    numbers(content.spikes_ms),
    Promise.all(content.traces.map(sampled)),
    cellOf(content.cell),
    sampled(content.rate),
    sampled(content.ramp),
    currentscapeOf(content.currentscape),
  ]);
  return { ...content, spikes, traces, cell, rate, ramp, currentscape, map: null, mapContent: content.map };
}

export async function loadInputs(run) {
  const { inputs } = run;
  const [segments, x, weights, presynaptic, released] = await Promise.all([
    counts(inputs.segments),
    numbers(inputs.x),
    numbers(inputs.weights),
    events(inputs.presynaptic),
    events(inputs.released),
  ]);
  let first = 0;
  const groups = inputs.groups.map((group) => {
    const numbered = { ...group, first };
    first += group.n;
    return numbered;
  });
  run.synapses = { groups, segments, x, weights, presynaptic, released, n: first };
}

export async function loadMap(run) {
  if (run.mapContent === null) return;
  const { values, step_ms } = run.mapContent;
  const whole = await counts(values);
  const [samples, segments] = values.shape;
  run.map = { counts: whole, samples, segments, step_ms, resolution: values.resolution };
}

export function segmentAt(run, section, x) {
  const found = run.cell.sections.find((one) => one.name === section);
  if (!found) throw new RangeError(`no section ${section}`);
  return found.first + Math.min(Math.floor(x * found.n), found.n - 1);
}

export function sampleAt(map, t_ms) {
  return Math.min(Math.max(Math.floor(t_ms / map.step_ms + 1e-6), 0), map.samples - 1);
}

export function segmentTrace(run, segment) {
  const { counts: whole, samples, segments, resolution } = run.map;
  const values = new Float64Array(samples);
  for (let i = 0; i < samples; i++) values[i] = whole[i * segments + segment] * resolution;
  return values;
}

// First index of sorted times that is not below a time.
export function lowerBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
