// The time axis that all plots share: track time in s, or simulation time in ms of a run without a track.

export class TimeAxis {
  constructor(run) {
    const { track, end_ms } = run;
    this.zero_ms = track === null ? 0 : track.start_ms;
    this.perUnit_ms = track === null ? 1 : 1000;
    this.label = track === null ? "Time (ms)" : "Track time (s)";
    this.unit = track === null ? "ms" : "s";
    this.cmPerS = track?.cm_per_s ?? null;
    this.whole = [this.of(0), this.of(end_ms)];
    this.range = [...this.whole];
    this.plots = [];
    this.listeners = [];
    this.setting = false;
  }

  of(t_ms) {
    return (t_ms - this.zero_ms) / this.perUnit_ms;
  }

  ms(x) {
    return x * this.perUnit_ms + this.zero_ms;
  }

  text(t_ms) {
    const digits = this.unit === "s" ? 3 : 1;
    const known = this.cmPerS !== null && this.of(t_ms) >= 0;
    const place = known ? ` · ${(this.of(t_ms) * this.cmPerS).toFixed(1)} cm` : "";
    return `${this.of(t_ms).toFixed(digits).replace("-", "−")} ${this.unit}${place}`;
  }

  add(plot) {
    this.plots.push(plot);
  }

  remove(plot) {
    this.plots = this.plots.filter((one) => one !== plot);
  }

  // Show a part of the time in every plot.
  zoomTo(from, to) {
    if (this.setting) return;
    const width = Math.max(to - from, 2 / this.perUnit_ms);
    const low = Math.max(Math.min(from, this.whole[1] - width), this.whole[0]);
    this.range = [low, Math.min(low + width, this.whole[1])];
    this.setting = true;
    for (const plot of this.plots) plot.setScale("x", { min: this.range[0], max: this.range[1] });
    this.setting = false;
    for (const listener of this.listeners) listener(this.range);
  }

  zoomBy(factor, centre) {
    const [from, to] = this.range;
    this.zoomTo(centre - (centre - from) * factor, centre + (to - centre) * factor);
  }

  // Keep a time in view, for playing.
  follow(t_ms) {
    const x = this.of(t_ms);
    const [from, to] = this.range;
    const width = to - from;
    if (x < from || x > to) this.zoomTo(x - 0.1 * width, x + 0.9 * width);
  }
}
