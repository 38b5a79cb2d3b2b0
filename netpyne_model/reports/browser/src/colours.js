// Colours of potentials on the dark stage: lightness rises with the potential, from blue to yellow, so that
// colour-blind readers and grey prints keep the order. Colours of lines come from the style sheet.

const ANCHORS = [
  [0.0, [63, 94, 158]],
  [0.3, [122, 116, 184]],
  [0.55, [214, 128, 152]],
  [0.78, [255, 176, 92]],
  [1.0, [255, 245, 190]],
];
const DIVERGING = [
  [0.0, [90, 170, 255]],
  [0.5, [74, 78, 90]],
  [1.0, [255, 176, 64]],
];
export const RANGES = {
  subthreshold: { from: -75, to: -35, label: "−75 to −35 mV" },
  spikes: { from: -80, to: 30, label: "−80 to 30 mV" },
};
export const DIFFERENCE = { from: -20, to: 20, label: "A − B, −20 to 20 mV" };
export const EXCITATORY = "#7df3d0";
export const INHIBITORY = "#ff8ad8";
const STEPS = 256;

function interpolated(anchors) {
  const table = new Uint8Array(STEPS * 3);
  for (let i = 0; i < STEPS; i++) {
    const at = i / (STEPS - 1);
    const next = Math.max(anchors.findIndex(([place]) => place >= at), 1);
    const [[from, low], [to, high]] = [anchors[next - 1], anchors[next]];
    const share = (at - from) / (to - from);
    for (let c = 0; c < 3; c++) table[3 * i + c] = Math.round(low[c] + share * (high[c] - low[c]));
  }
  return table;
}

export const POTENTIAL = interpolated(ANCHORS);
export const BOTH_WAYS = interpolated(DIVERGING);

export function entry(value, range) {
  const share = (value - range.from) / (range.to - range.from);
  return 3 * Math.round(Math.min(Math.max(share, 0), 1) * (STEPS - 1));
}

export function gradient(table) {
  const stops = [];
  for (let i = 0; i <= 16; i++) {
    const at = 3 * Math.round((i / 16) * (STEPS - 1));
    stops.push(`rgb(${table[at]},${table[at + 1]},${table[at + 2]})`);
  }
  return `linear-gradient(to right, ${stops.join(",")})`;
}

const LIGHTER = { "#000000": "#d8d8d8", "#0072B2": "#4aa8e8", "#8A7A00": "#c9b83a" };

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen) return chosen === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// A colour made for white paper, on whatever the page is now.
export function onPage(colour) {
  return isDark() ? (LIGHTER[colour] ?? colour) : colour;
}

// Of an area: only what would not be seen is another on a dark page, or neighbours would look alike.
const LIGHTER_AREAS = { "#000000": "#d8d8d8", "#4D4D4D": "#a8a8a8" };

export function areaOnPage(colour) {
  return isDark() ? (LIGHTER_AREAS[colour] ?? colour) : colour;
}

export function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
