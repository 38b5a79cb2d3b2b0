// Play, scrub, speed, zoom; by mouse, touch or keyboard.
import { lowerBound } from "./runs.js";

const SPEEDS = [
  [2, "2×"], [1, "real time"], [0.25, "1/4"], [0.05, "1/20"], [0.01, "1/100"], [0.002, "1/500"],
];
const AROUND_SPIKE_MS = 30;

export class Transport {
  constructor(holder, clock, axis, run) {
    Object.assign(this, { holder, clock, axis, run });
    const find = (name) => holder.querySelector(`[data-control=${name}]`);
    this.controls = Object.fromEntries(
      ["play", "scrub", "time", "speed", "spike-before", "spike-after", "whole", "field", "in", "out"].map((name) => [name, find(name)]),
    );
    const { play, scrub, speed } = this.controls;
    play.addEventListener("click", () => clock.toggle());
    scrub.max = clock.end_ms;
    scrub.step = run.mapContent?.step_ms ?? 1;
    scrub.addEventListener("input", () => {
      const t_ms = Number(scrub.value); // before the pause, which shows the time as it was
      clock.pause();
      clock.set(t_ms);
      axis.follow(clock.t_ms);
    });
    for (const [value, text] of SPEEDS) speed.add(new Option(text, value, value === clock.speed, value === clock.speed));
    speed.addEventListener("change", () => (clock.speed = Number(speed.value)));
    this.controls["spike-before"].addEventListener("click", () => this.spike(-1));
    this.controls["spike-after"].addEventListener("click", () => this.spike(1));
    this.controls.whole.addEventListener("click", () => axis.zoomTo(...axis.whole));
    this.controls.field.addEventListener("click", () => this.showField());
    this.controls.in.addEventListener("click", () => this.zoom(0.5));
    this.controls.out.addEventListener("click", () => this.zoom(2));
    const spans = run.track?.spans.filter(([name]) => name === "place field") ?? [];
    this.controls.field.hidden = spans.length === 0;
    this.fieldSpans = spans;
    for (const name of ["spike-before", "spike-after"]) this.controls[name].disabled = run.spikes.length === 0;
    clock.listen(() => this.show());
    document.addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  show() {
    const { play, scrub, time } = this.controls;
    const { clock } = this;
    scrub.value = clock.t_ms;
    scrub.setAttribute("aria-valuetext", this.axis.text(clock.t_ms));
    time.textContent = this.axis.text(clock.t_ms);
    play.textContent = clock.playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", clock.playing ? "Pause" : "Play");
    if (clock.playing) this.axis.follow(clock.t_ms);
  }

  zoom(factor) {
    const x = this.axis.of(this.clock.t_ms);
    const [from, to] = this.axis.range;
    this.axis.zoomBy(factor, x >= from && x <= to ? x : (from + to) / 2);
  }

  showField() {
    const [, from, to] = this.fieldSpans[0];
    this.axis.zoomTo(this.axis.of(from), this.axis.of(to));
  }

  // Go to the next or previous output spike, and look at what is around it.
  spike(direction) {
    const { spikes } = this.run;
    if (!spikes.length) return;
    const { clock, axis } = this;
    clock.pause();
    const at = direction > 0 ? lowerBound(spikes, clock.t_ms + 1.5) : lowerBound(spikes, clock.t_ms - 1.5) - 1;
    const spike = spikes[Math.min(Math.max(at, 0), spikes.length - 1)];
    axis.zoomTo(axis.of(spike - AROUND_SPIKE_MS), axis.of(spike + AROUND_SPIKE_MS));
    clock.set(spike);
  }

  step(ms) {
    this.clock.pause();
    this.clock.set(this.clock.t_ms + ms);
    this.axis.follow(this.clock.t_ms);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, summary, canvas")) return;
    const keys = {
      ArrowLeft: () => this.step(event.shiftKey ? -50 : -1),
      ArrowRight: () => this.step(event.shiftKey ? 50 : 1),
      n: () => this.spike(1),
      p: () => this.spike(-1),
      "+": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      0: () => this.axis.zoomTo(...this.axis.whole),
      f: () => this.fieldSpans.length && this.showField(),
    };
    if (event.key === " " && !event.target.closest("button, a")) keys[" "] = () => this.clock.toggle();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}
