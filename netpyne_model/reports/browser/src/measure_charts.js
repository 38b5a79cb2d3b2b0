// Dose response, or conditions compared: a chart a measure, a dot a trial, a bar a condition's band.
import { onPage, variable } from "./colours.js";
import { rangeOf } from "./small_charts.js";

const HEIGHT_PX = 190;
const NEAR_PX = 40;
const BESIDE_PX = 7; // trials of one level stand beside its mean
const POTENTIALS = ["mean_v_out_of_field_mV", "mean_v_in_field_mV"];
const SWEPT = "swept";

export class MeasureCharts {
  constructor(section, study, charts, choose) {
    Object.assign(this, { study, charts, choose, against: SWEPT, chosen: null });
    this.holder = section.querySelector(".measures");
    this.choices(section);
    this.key(section.querySelector(".keys-of-curves"));
    this.draw();
  }

  // Of a swept number, measures can stand against it or against the mean potential that it gives.
  choices(section) {
    const { study } = this;
    const potentials = study.measures.filter((one) => POTENTIALS.includes(one.name));
    section.querySelector("[data-part=against]").hidden = !study.by.numeric || !potentials.length;
    const select = section.querySelector("[data-control=against]");
    select.append(new Option(study.by.name, SWEPT));
    for (const one of potentials) select.append(new Option(`${one.label} (${one.unit})`, one.name));
    select.addEventListener("change", () => {
      this.against = select.value;
      this.draw();
    });
  }

  key(holder) {
    if (this.study.curves.length < 2) return;
    for (const curve of this.study.curves) {
      const key = document.createElement("span");
      key.className = "key";
      key.textContent = curve.name;
      key.style.setProperty("--key", onPage(curve.colour));
      holder.append(key);
    }
  }

  draw() {
    for (const one of this.holder.querySelectorAll(".chart")) this.charts.clear(one);
    this.holder.replaceChildren();
    for (const measure of this.study.measures) {
      if (measure.name === this.against) continue;
      const figure = document.createElement("figure");
      figure.className = "small";
      figure.dataset.measure = measure.name;
      const caption = document.createElement("figcaption");
      caption.textContent = measure.unit ? `${measure.label} (${measure.unit})` : measure.label;
      caption.title = measure.description;
      const holder = document.createElement("div");
      holder.className = "chart";
      figure.append(caption, holder);
      this.holder.append(figure);
      this.charts.whenSeen(figure, async () => this.chart(holder, measure));
    }
  }

  // Where conditions and trials stand along x.
  places() {
    const { study, against } = this;
    const along = study.measures.find((one) => one.name === against);
    if (along) return { conditions: along.mean, trials: along.values };
    const conditions = study.conditions.map((one, i) => (study.by.numeric ? one.level : i + 1));
    const trials = [];
    study.conditions.forEach((one, i) => one.trials.forEach((trial) => (trials[trial] = conditions[i])));
    return { conditions, trials };
  }

  chart(holder, measure) {
    const { study } = this;
    const places = this.places();
    const order = study.conditions.map((_, i) => i).filter((i) => places.conditions[i] !== null && measure.mean[i] !== null);
    order.sort((a, b) => places.conditions[a] - places.conditions[b]);
    const series = study.curves.map((curve, number) => ({
      colour: curve.colour,
      points: !study.by.numeric,
      values: order.map((i) => (study.conditions[i].curve === number ? measure.mean[i] : null)),
    }));
    const xRange = rangeOf([places.conditions, places.trials]);
    const yRange = rangeOf([measure.values, measure.lower, measure.upper]);
    const whole = { splits: () => places.conditions.filter(Number.isInteger), values: (u, all) => all.map((value) => `${value}`), space: 14 };
    const plot = this.charts.add(holder, {
      height: HEIGHT_PX,
      x: order.map((i) => places.conditions[i]),
      series,
      scales: { x: { time: false, range: () => xRange }, y: { range: () => yRange } },
      xValues: study.by.numeric ? null : whole,
      label: study.by.numeric ? this.labelOf() : "Condition, by its number below",
      draw: (u) => this.marks(u, measure, places),
    });
    plot.over.addEventListener("click", (event) => this.clicked(plot, event, measure, places));
  }

  labelOf() {
    const along = this.study.measures.find((one) => one.name === this.against);
    return along ? `${along.label} (${along.unit})` : this.study.by.name;
  }

  marks(u, measure, places) {
    const { ctx } = u;
    const ratio = devicePixelRatio || 1;
    const beside = this.against === SWEPT ? BESIDE_PX * ratio : 0;
    const dot = (x, y, size, aside = 0) => {
      ctx.beginPath();
      ctx.arc(u.valToPos(x, "x", true) + aside, u.valToPos(y, "y", true), size * ratio, 0, 2 * Math.PI);
      ctx.fill();
    };
    ctx.save();
    this.study.conditions.forEach((condition, i) => {
      const x = places.conditions[i];
      if (x === null || measure.mean[i] === null) return;
      ctx.fillStyle = ctx.strokeStyle = onPage(this.study.curves[condition.curve].colour);
      ctx.globalAlpha = 0.5;
      for (const trial of condition.trials) {
        if (places.trials[trial] !== null && measure.values[trial] !== null) dot(places.trials[trial], measure.values[trial], 2, beside);
      }
      ctx.globalAlpha = 1;
      if (measure.lower[i] !== null) {
        const at = u.valToPos(x, "x", true);
        ctx.lineWidth = 1.5 * ratio;
        ctx.beginPath();
        ctx.moveTo(at, u.valToPos(measure.lower[i], "y", true));
        ctx.lineTo(at, u.valToPos(measure.upper[i], "y", true));
        ctx.stroke();
      }
      dot(x, measure.mean[i], 3.5);
      if (i !== this.chosen) return;
      ctx.strokeStyle = variable("--now");
      ctx.lineWidth = 2 * ratio;
      ctx.beginPath();
      ctx.arc(u.valToPos(x, "x", true), u.valToPos(measure.mean[i], "y", true), 7 * ratio, 0, 2 * Math.PI);
      ctx.stroke();
    });
    ctx.restore();
  }

  clicked(plot, event, measure, places) {
    const box = plot.over.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [nearest, best] = [null, NEAR_PX];
    this.study.conditions.forEach((_, i) => {
      if (places.conditions[i] === null || measure.mean[i] === null) return;
      const across = plot.valToPos(places.conditions[i], "x") - x;
      const up = plot.valToPos(measure.mean[i], "y") - y;
      const distance = Math.hypot(across, up / 4); // the column of a condition counts more than its height
      if (distance < best) [nearest, best] = [i, distance];
    });
    if (nearest !== null) this.choose(nearest);
  }

  mark(condition) {
    this.chosen = condition;
    for (const holder of this.holder.querySelectorAll(".chart")) holder.plot?.redraw(false, false);
  }
}
