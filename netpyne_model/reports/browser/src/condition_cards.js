// A card a condition: rate and ramp along the track, and its output spikes, a row a trial. All on the same scales.
import { numbers } from "./arrays.js";
import { onPage } from "./colours.js";
import { rangeOf, shade } from "./small_charts.js";

const PROFILE_PX = 104;
const LEAST_RASTER_PX = 52;
const ROW_PX = 5;

export class ConditionCards {
  constructor(section, study, charts, choose, open) {
    Object.assign(this, { study, charts, choose, open, ranges: {} });
    this.holder = section.querySelector(".conditions");
    this.cards = study.conditions.map((condition, i) => this.card(condition, i));
  }

  card(condition, i) {
    const { study } = this;
    const card = document.createElement("article");
    card.className = "small card";
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.condition = i;
    button.setAttribute("aria-pressed", "false");
    button.textContent = `${i + 1} · ${condition.name}`;
    button.addEventListener("click", () => this.choose(i));
    const note = document.createElement("p");
    note.className = "explained";
    const rate = study.measures.find((one) => one.name === "peak_rate_hz")?.mean[i];
    const n = `${condition.trials.length} trial${condition.trials.length === 1 ? "" : "s"}`;
    note.textContent = rate === null || rate === undefined ? n : `${n}, peak rate ${rate.toPrecision(3)} Hz`;
    card.append(button, note);
    this.holder.append(card);
    if (study.position) {
      const ready = document.createElement("div");
      ready.className = "charts";
      card.append(ready);
      this.charts.whenSeen(card, () => this.drawn(ready, condition));
    }
    return card;
  }

  // The scale that all conditions share, of their means and bands.
  async range(name) {
    this.ranges[name] ??= Promise.all(
      this.study.conditions.flatMap((one) => Object.values(one.profiles[name] ?? {}).map(numbers)),
    ).then((lists) => {
      const [low, high] = rangeOf(lists);
      return name === "rate_hz" ? [0, Math.max(high, 1)] : [low, high];
    });
    return this.ranges[name];
  }

  async drawn(holder, condition) {
    const { position } = this.study;
    for (const [name, about] of Object.entries(position.profiles)) {
      if (!condition.profiles[name]) continue;
      await this.profile(holder, condition, name, about);
    }
    await this.raster(holder, condition);
    holder.dataset.state = "drawn";
  }

  part(holder, text) {
    const caption = document.createElement("p");
    caption.className = "part";
    caption.textContent = text;
    const chart = document.createElement("div");
    chart.className = "chart";
    holder.append(caption, chart);
    return chart;
  }

  async profile(holder, condition, name, about) {
    const { mean, lower, upper } = condition.profiles[name];
    const [middle, low, high] = await Promise.all([mean, lower, upper].map((one) => (one ? numbers(one) : null)));
    const range = await this.range(name);
    const { colour } = this.study.curves[condition.curve];
    const series = [{ colour, values: middle }];
    const bands = [];
    if (low) {
      series.push({ colour: null, values: high }, { colour: null, values: low });
      bands.push({ series: [2, 3], fill: () => `color-mix(in srgb, ${onPage(colour)} 22%, transparent)` });
    }
    const chart = this.part(holder, `${about.label} (${about.unit})`);
    this.charts.add(chart, {
      height: PROFILE_PX,
      x: this.study.position.values.slice(0, middle.length),
      series,
      bands,
      scales: { x: { time: false, range: () => this.along() }, y: { range: () => range } },
      behind: shade(condition.field),
    });
  }

  along() {
    const { values } = this.study.position;
    const [first, last] = [values[0], values[values.length - 1]];
    return [Math.min(first, 0), last + (last - first) / (values.length - 1) / 2]; // to the end of the last bin
  }

  async raster(holder, condition) {
    const places = await Promise.all(condition.trials.map((trial) => numbers(this.study.trials[trial].places)));
    const n = places.length;
    const chart = this.part(holder, "Output spikes by trial");
    const { colour } = this.study.curves[condition.curve];
    const draw = (u) => {
      const { ctx } = u;
      const ratio = devicePixelRatio || 1;
      ctx.fillStyle = onPage(colour);
      const row = u.bbox.height / n;
      places.forEach((list, trial) => {
        const top = u.bbox.top + row * trial;
        for (const place of list) if (place <= u.scales.x.max) ctx.fillRect(u.valToPos(place, "x", true), top + 0.12 * row, ratio, Math.max(0.76 * row, ratio));
      });
    };
    const plot = this.charts.add(chart, {
      height: Math.max(LEAST_RASTER_PX, Math.min(n * ROW_PX, 160)) + 46,
      x: this.along(),
      series: [{ colour: null, values: [null, null] }],
      scales: { x: { time: false, range: () => this.along() }, y: { range: () => [0, n] } },
      yValues: { values: () => [], splits: () => [], grid: { show: false } },
      label: this.study.position.label,
      behind: shade(condition.field),
      draw,
    });
    plot.over.classList.add("rows");
    plot.over.addEventListener("click", (event) => {
      const box = plot.over.getBoundingClientRect();
      const row = Math.min(Math.max(Math.floor((n * (event.clientY - box.top)) / box.height), 0), n - 1);
      this.choose(this.study.conditions.indexOf(condition), false);
      this.open(condition.trials[row]);
    });
  }

  mark(condition) {
    this.cards.forEach((card, i) => {
      card.querySelector("button").setAttribute("aria-pressed", String(i === condition));
      card.classList.toggle("picked-card", i === condition);
    });
  }
}
