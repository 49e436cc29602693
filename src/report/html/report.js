"use strict";
// Puts live charts in place of the static ones on the screen. Without it the page says the same, unmoving.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const NS = "http://www.w3.org/2000/svg";
  const SECOND = 1, MINUTE = 60, HOUR = 3600, DAY = 86400, YEAR = 365 * DAY;

  // ---- Quantities as the rest of the page says them.
  const figures = (v) => (v >= 9.95 ? v.toFixed(0) : v.toFixed(1).replace(/\.0$/, ""));
  const two = (s, unit, name, part, partName) => {
    const parts = Math.round(s / part), whole = Math.floor(parts * part / unit + 1e-9), rest = parts - whole * (unit / part);
    return rest === 0 || (whole >= 10 && unit > HOUR) ? `${Math.round(s / unit)} ${name}` : `${whole} ${name} ${rest} ${partName}`;
  };
  const duration = (s) => s <= 0 ? "0 s" : s < 0.9995 ? `${figures(s * 1e3)} ms`
    : s < 99.95 && (s < MINUTE - 0.05 || s % MINUTE !== 0) ? `${figures(s)} s` : s < HOUR * 0.9999 ? `${figures(s / MINUTE)} min`
    : s < DAY * 0.9999 ? two(s, HOUR, "h", MINUTE, "min") : s < YEAR * 0.9999 ? two(s, DAY, "d", HOUR, "h") : `${figures(s / YEAR)} y`;
  const grouped = (n) => n.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
  const short = (v) => {
    const text = v.toFixed(v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2);
    return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  };
  const money = (v) => {
    if (v < 0) return "−" + money(-v);
    if (v >= 1e15) return v.toExponential(0);
    if (v >= 0.9995e9) return `${short(v / 1e9)} bn`;
    if (v >= 0.9995e6) return `${short(v / 1e6)} M`;
    if (v >= 10) {
      const unit = 10 ** Math.max(Math.floor(Math.log10(v)) - 2, 0);
      return grouped(Math.round(v / unit) * unit);
    }
    return v >= 0.01 || v === 0 ? v.toFixed(2).replace(/\.00$/, "").replace(/\.0$/, "") : v.toExponential(0);
  };
  const percent = (s) => {
    const p = s * 100;
    if (s > 0 && p < 0.01) return "< 0.01%";
    if (s < 1 && p > 99.99) return "> 99.99%";
    return (p < 1 || p > 99) && s > 0 && s < 1 ? `${p.toFixed(2).replace(/\.?0+$/, "")}%` : `${p.toFixed(1).replace(/\.0$/, "")}%`;
  };

  // ---- Elements.
  const add = (parent, name, attributes = {}, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };
  const draw = (parent, name, attributes = {}, text) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };

  // ---- What tells strategies apart, with and without colours: the same shapes and dashes as in the static charts.
  const around = (corners, x, y, radius) => corners.map(([dx, dy]) => `${(x + dx * radius).toFixed(2)},${(y + dy * radius).toFixed(2)}`).join(" ");
  const outline = (parent, { corners }, x, y, radius, attributes) => corners.length === 0
    ? draw(parent, "circle", { cx: x.toFixed(2), cy: y.toFixed(2), r: radius, ...attributes })
    : draw(parent, "polygon", { points: around(corners, x, y, radius), ...attributes });
  const symbol = (parent, index, x, y, radius) => {
    const { shape, colour } = data.strategies[index];
    outline(parent, shape, x, y, radius + 1.4, { class: "rim" });
    const fill = shape.filled ? colour : "var(--paper)";
    outline(parent, shape, x, y, radius - 1, { class: "symbol", "data-strategy": index, style: `fill:${fill};stroke:${colour}` });
  };
  const swatch = (parent, index, line) => {
    const { shape, colour, dash } = data.strategies[index];
    const svg = draw(parent, "svg", { class: "swatch", viewBox: line ? "-4.5 -1.8 9 3.6" : "-1.8 -1.8 3.6 3.6", "aria-hidden": "true" });
    if (line) draw(svg, "line", { x1: -4.5, x2: 4.5, y1: 0, y2: 0, "stroke-dasharray": dash.map((d) => d / 5).join(" "), style: `stroke:${colour}` });
    outline(svg, shape, 0, 0, 1.1, { style: `fill:${shape.filled ? colour : "var(--paper)"};stroke:${colour}` });
  };

  // ---- What the reader has chosen; all charts follow.
  const shown = data.strategies.map(() => true);
  const charts = [];
  const redraw = () => charts.forEach((chart) => chart.paint());

  // ---- Axes.
  const TIMES = [1e-3, 1e-2, 0.1, SECOND, 10, MINUTE, 600, HOUR, 4 * HOUR, DAY, 7 * DAY, 30 * DAY, YEAR, 10 * YEAR, 100 * YEAR];
  const scale = (log, low, high, from, to, zero) => {
    const start = log && zero ? from + Math.sign(to - from) * 26 : from;
    const at = (v) => {
      if (log && v <= 0) return from;
      const share = log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
      return start + (to - start) * Math.min(Math.max(share, 0), 1);
    };
    const back = (pixel) => {
      const share = (pixel - start) / (to - start);
      if (share < 0) return log && zero ? 0 : low;
      return log ? low * (high / low) ** Math.min(share, 1) : low + (high - low) * Math.min(share, 1);
    };
    return { at, back, low, high, log, zero };
  };
  const even = (high, steps) => {
    const size = 10 ** Math.floor(Math.log10(high / steps));
    const step = [1, 2, 5, 10].map((m) => m * size).find((s) => high / s <= steps);
    return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, k) => k * step);
  };
  const evenTimes = (high, steps) => {
    const sizes = [1e-3, 1e-2, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
      DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, YEAR, 10 * YEAR, 100 * YEAR];
    const step = sizes.find((s) => high / s <= steps) ?? high / steps;
    return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, k) => k * step);
  };
  const decades = (low, high) => {
    const wide = Math.log10(high / low), within = wide <= 0.7 ? [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] : wide <= 2.5 ? [1, 2, 5] : [1];
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      for (const m of within) {
        const tick = m * 10 ** power;
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    }
    return ticks;
  };

  /// A chart of lines over one another.
  class Chart {
    constructor(figure, kind) {
      this.figure = figure;
      this.kind = kind;
      this.log = true;
      this.hazard = null;
      this.reading = null;
      const live = add(figure, "div", { class: "live" });
      figure.prepend(live);
      figure.classList.add("is-live");
      this.heading = add(live, "h4");
      this.controls(add(live, "div", { class: "controls" }));
      if (kind.slider) kind.slider(this, live);
      this.holder = add(live, "div");
      if (kind.note) add(live, "p", { class: "note" }, kind.note);
      this.said = add(live, "p", { class: "reading", "aria-live": "polite" });
      charts.push(this);
      new ResizeObserver(() => this.paint()).observe(live);
    }

    controls(bar) {
      const group = add(bar, "div", { class: "group", role: "group", "aria-label": "Strategies shown" });
      this.buttons = data.strategies.map((strategy, index) => {
        const button = add(group, "button", { type: "button", "aria-pressed": "true" });
        swatch(button, index, true);
        button.append(strategy.title);
        button.addEventListener("click", () => {
          shown[index] = !shown[index];
          if (!shown.some(Boolean)) shown.fill(true);
          redraw();
        });
        return button;
      });
      if (this.kind.hazards && data.hazards.length > 1) {
        const label = add(bar, "label", {}, "Hazard ");
        const select = add(label, "select");
        add(select, "option", { value: "" }, "all hazards");
        data.hazards.forEach((hazard, index) => add(select, "option", { value: index }, hazard.title));
        select.addEventListener("change", () => {
          this.hazard = select.value === "" ? null : Number(select.value);
          this.paint();
        });
      }
      const button = add(bar, "button", { type: "button", class: "scale" });
      const say = () => { button.textContent = this.log ? "Axes: logarithmic" : "Axes: linear"; };
      say();
      button.addEventListener("click", () => { this.log = !this.log; say(); this.paint(); });
    }

    paint() {
      this.buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(shown[index])));
      const width = Math.max(Math.min(this.holder.clientWidth, 1060), 280), height = Math.max(260, Math.min(width * 0.5, 420));
      const left = 62, right = width - 14, top = 30, bottom = height - 44;
      const view = this.kind.view(this);
      this.view = view;
      this.heading.textContent = view.heading;
      this.holder.replaceChildren();
      const svg = draw(this.holder, "svg", {
        class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: "0",
        "aria-label": `${view.heading} Arrow keys move the reading.`,
      });
      const x = scale(this.log, view.x[0], view.x[1], left, right, view.zero), y = scale(this.log && view.logY, view.y[0], view.y[1], bottom, top, false);
      this.x = x;
      const steps = Math.max(2, Math.floor((right - left) / 90));
      const xTicks = x.log ? (view.time ? TIMES.filter((t) => t >= x.low && t <= x.high * 1.0001) : decades(x.low, x.high))
        : view.time ? evenTimes(x.high, steps) : even(x.high, steps);
      const sayX = view.time ? duration : money;
      let taken = -Infinity;
      for (const tick of x.log && x.zero ? [0, ...xTicks] : xTicks) {
        const at = x.at(tick), label = tick === 0 ? "0" : sayX(tick);
        draw(svg, "line", { class: "grid", x1: at, x2: at, y1: top, y2: bottom });
        const half = label.length * 3.4;
        if (at - half > taken && at + half < width + 6) {
          draw(svg, "text", { class: "x-tick", x: at, y: bottom + 17, "text-anchor": "middle" }, label);
          taken = at + half + 6;
        }
      }
      const yTicks = view.share ? (y.log ? [1, 0.1, 0.01, 1e-3, 1e-4].filter((s) => s >= y.low) : [0, 0.25, 0.5, 0.75, 1])
        : y.log ? decades(y.low, y.high) : even(y.high, 5);
      let above = Infinity;
      for (const tick of [...yTicks].sort((a, b) => a - b)) {
        const at = y.at(tick);
        draw(svg, "line", { class: "grid", x1: left, x2: right, y1: at, y2: at });
        if (above - at >= 14) {
          draw(svg, "text", { x: left - 6, y: at + 4, "text-anchor": "end" }, view.share ? percent(tick) : money(tick));
          above = at;
        }
      }
      draw(svg, "line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom });
      draw(svg, "text", { class: "faint", x: (left + right) / 2, y: height - 8, "text-anchor": "middle" }, view.xCaption);
      draw(svg, "text", { class: "faint", x: 2, y: 12 }, view.yCaption);
      data.strategies.forEach((strategy, index) => {
        if (!shown[index]) return;
        const line = view.line(index);
        if (line.length === 0) return;
        if (view.band) {
          const band = view.band(index);
          if (band.length > 0) {
            const path = [...band.map((p) => [x.at(p[0]), y.at(p[2])]), ...[...band].reverse().map((p) => [x.at(p[0]), y.at(p[1])])];
            draw(svg, "polygon", { points: path.map((p) => p.map((v) => v.toFixed(1)).join()).join(" "), style: `fill:${strategy.colour}`, opacity: 0.15 });
          }
        }
        const points = [];
        for (const [vx, vy] of line) {
          const px = x.at(vx).toFixed(1), py = y.at(vy).toFixed(1);
          if (view.steps && points.length > 0) points.push(`${px},${points[points.length - 1].split(",")[1]}`);
          points.push(`${px},${py}`);
        }
        draw(svg, "polyline", {
          class: "series", "data-strategy": index, points: points.join(" "), fill: "none", "stroke-width": 2.4,
          "stroke-dasharray": strategy.dash.join(" "), style: `stroke:${strategy.colour}`,
        });
      });
      data.strategies.forEach((_, index) => {
        if (!shown[index]) return;
        for (const [vx, vy] of view.symbols(index)) {
          const inside = vx <= x.high && vx >= (x.log && !x.zero ? x.low : 0) && vy >= y.low && vy <= y.high;
          if (inside) symbol(svg, index, x.at(vx), y.at(vy), 4);
        }
      });
      for (const mark of view.marks) {
        const at = x.at(mark.at);
        draw(svg, "line", { class: "mark", x1: at, x2: at, y1: top - 4, y2: bottom });
        const anchor = at > (left + right) / 2 ? "end" : "start";
        draw(svg, "text", { class: "halo", x: at + (anchor === "end" ? -5 : 5), y: top + 9, "text-anchor": anchor }, mark.label);
      }
      const cursor = draw(svg, "line", { class: "cursor", y1: top, y2: bottom, visibility: "hidden" });
      const read = (pixel) => {
        const at = Math.min(Math.max(pixel, left), right);
        this.reading = at;
        cursor.setAttribute("x1", at);
        cursor.setAttribute("x2", at);
        cursor.setAttribute("visibility", "visible");
        this.say(x.back(at), sayX);
      };
      const place = (event) => (event.clientX - svg.getBoundingClientRect().left) * width / svg.getBoundingClientRect().width;
      svg.addEventListener("pointermove", (event) => read(place(event)));
      svg.addEventListener("pointerdown", (event) => { read(place(event)); if (this.kind.pick) this.kind.pick(x.back(this.reading)); });
      svg.addEventListener("keydown", (event) => {
        const move = { ArrowLeft: -8, ArrowRight: 8, Home: -Infinity, End: Infinity }[event.key];
        if (move === undefined) return;
        event.preventDefault();
        read((this.reading ?? (left + right) / 2) + move);
      });
      if (!this.said.textContent) this.said.textContent = "Point at the chart, or use the arrow keys, to read values.";
    }

    say(value, sayX) {
      this.said.replaceChildren();
      add(this.said, "strong", {}, `${this.view.at} ${value === 0 ? "0" : sayX(value)}:`);
      data.strategies.forEach((strategy, index) => {
        if (!shown[index]) return;
        const read = this.view.read(index, value);
        if (read === null) return;
        const item = add(this.said, "span");
        swatch(item, index, false);
        item.append(`${strategy.title} ${read}`);
      });
    }
  }

  // ---- What the charts show.
  const range = (values, log) => {
    const positive = values.filter((v) => v > 0 && Number.isFinite(v));
    if (positive.length === 0) return log ? [1, 10] : [0, 1];
    const low = positive.reduce((a, b) => Math.min(a, b)), high = positive.reduce((a, b) => Math.max(a, b));
    return log ? [low, Math.max(high, low * 1.5)] : [0, high];
  };
  const upTo = (points, value) => {
    let low = 0, high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= value) low = middle + 1; else high = middle;
    }
    return low;
  };
  // Where a curve of shares reaches one: first at or above it, or at or below it.
  const reaches = (points, share, falling) => (points.find((p) => (falling ? p[1] <= share : p[1] >= share)) ?? [NaN])[0];
  // A share read off a curve is good to half a percent.
  const about = (share) => share > 0.985 || share < 0.015 ? percent(share) : `${Math.round(share * 100)}%`;

  const distribution = (quantity) => ({
    hazards: true,
    view(chart) {
      const curves = data.strategies.map((_, index) => data[quantity].find((c) => c.strategy === index && c.hazard === chart.hazard));
      const of = curves.map((curve) => curve?.points ?? []);
      const objective = (chart.hazard === null ? data.objectives : data.hazards[chart.hazard])[quantity];
      const required = (chart.hazard === null ? data.objectives : data.hazards[chart.hazard]).attainment;
      const seen = of.filter((_, index) => shown[index]);
      const far = seen.map((points) => (points.find((p) => p[1] >= 0.99) ?? points[points.length - 1] ?? [0])[0]);
      const all = [...seen.flatMap((points) => [...points.map((p) => p[0] < 1e-3 ? 0 : p[0])]), objective ?? 0];
      let x = chart.log ? range(all, true) : [0, Math.max(...far, objective ?? 0) || 1];
      if (chart.log) x = [TIMES.findLast((t) => t <= x[0]) ?? x[0], TIMES.find((t) => t >= x[1]) ?? x[1]];
      const what = quantity === "rto" ? "recovered within" : "lost at most";
      const name = quantity.toUpperCase();
      const where = chart.hazard === null ? "All hazards" : data.hazards[chart.hazard].title;
      const share = (index, at) => { const k = upTo(of[index], at); return k === 0 ? 0 : of[index][k - 1][1]; };
      const best = data.strategies.map((s, index) => ({ met: curves[index]?.met, title: s.title }))
        .filter((one, index) => shown[index] && typeof one.met === "number").sort((a, b) => b.met - a.met)[0];
      return {
        heading: best && objective !== null
          ? `${where}: ${best.title} meets the ${name} in ${percent(best.met)} of incidents, the most; ${percent(required)} required.`
          : `${where}: share of incidents ${what} a time.`,
        x, y: [0, 1], time: true, share: true, steps: true, zero: all.some((v) => v <= 0), logY: false,
        xCaption: quantity === "rto" ? "Recovery time, from the disruption" : "Data loss, back to the recovery point",
        yCaption: `Share of incidents ${what} the time`,
        at: quantity === "rto" ? "Recovered within" : "Lost at most",
        marks: objective === null ? [] : [{ at: objective, label: `${name} ${duration(objective)}` }],
        line: (index) => of[index].length === 0 ? [] : [[of[index][0][0], 0], ...of[index], [x[1], of[index][of[index].length - 1][1]]],
        symbols: (index) => [0.1, 0.5, 0.75, 0.95].map((level) => [reaches(of[index], level, false), level]),
        read: (index, value) => of[index].length === 0 ? null : about(share(index, value)),
      };
    },
  });

  const exceedance = {
    view(chart) {
      const of = data.strategies.map((s) => s.exceedance);
      const seen = of.filter((points, index) => shown[index] && points.length > 0);
      const enough = (points) => points.filter((p) => p[1] >= 1e-4).concat(points.slice(-1)).map((p) => p[0]);
      const values = chart.log ? seen.flatMap(enough) : seen.map((points) => (points.find((p) => p[1] <= 0.005) ?? points[points.length - 1])[0]);
      const beyond = (index, at) => { const k = upTo(of[index], at); return k === 0 ? 1 : of[index][k - 1][1]; };
      const bad = data.strategies.filter((_, index) => shown[index]).sort((a, b) => a.worst - b.worst)[0];
      return {
        heading: `The worst year in 100 costs least with ${bad.title}: ${money(bad.worst)} ${data.currency}.`,
        x: range(values, chart.log), y: chart.log ? [1e-4, 1] : [0, 1], logY: true, share: true, steps: true, time: false, zero: false,
        xCaption: `Cost of a year, ${data.currency}`, yCaption: "Chance that a year costs more",
        at: `More than`, marks: [],
        line: (index) => of[index].length === 0 ? [] : [[0, 1], ...of[index]],
        symbols: (index) => [0.5, 0.2, 0.1, 0.05, 0.01, 1e-3].map((level) => [reaches(of[index], level, true), level]),
        read: (index, value) => about(beyond(index, value)),
      };
    },
  };

  let price = data.price ?? 1e4;
  const cost = (index, at) => data.strategies[index].fixed + data.strategies[index].slope * at;
  const ranked = (at) => data.strategies.map((s, index) => ({ index, cost: cost(index, at), title: s.title, verdict: s.verdict }))
    .sort((a, b) => a.cost - b.cost || a.index - b.index);
  const prices = data.strategies[0].band.map((p) => p[0]);
  // Between two prices costs are taken to be straight lines, as means are, which bend where the axes are logarithmic.
  const between = (from, to) => [1, 2, 3, 4, 5, 6, 7, 8].map((step) => {
    const at = from[0] * (to[0] / from[0]) ** (step / 8), share = (at - from[0]) / (to[0] - from[0]);
    return from.map((value, k) => k ? value + share * (to[k] - value) : at);
  });
  const finely = (points) => points.flatMap((p, k) => k ? between(points[k - 1], p) : [p]);
  const costCurve = {
    note: `Band: 5% to 95% of the years of the cheapest strategy, counted at ${prices.length} prices.`,
    slider(chart, live) {
      const box = add(live, "div", { class: "price" });
      const label = add(box, "label", { for: "price" }, `Cost of an hour of downtime, ${data.currency}`);
      const input = add(box, "input", { id: "price", type: "range", min: "0", max: "1000", step: "1" });
      const out = add(box, "output", { for: "price", id: "cheapest" });
      const [low, high] = [prices[0], prices[prices.length - 1]];
      const say = () => {
        const order = ranked(price), best = order[0], next = order[1], met = order.find((s) => s.verdict === "met");
        const more = next ? `, then ${next.title} (${money(next.cost)})` : "";
        const good = !met ? " No strategy meets all objectives." : met === best ? " It meets all objectives."
          : ` The cheapest that meets all objectives is ${met.title} (${money(met.cost)}).`;
        out.textContent = `At ${money(price)} ${data.currency} an hour ${best.title} is cheapest: ${money(best.cost)} a year${more}.${good}`;
        input.setAttribute("aria-valuetext", `${money(price)} ${data.currency} an hour`);
        label.textContent = `Cost of an hour of downtime: ${money(price)} ${data.currency}`;
      };
      const put = () => { input.value = String(Math.round(1000 * Math.log(price / low) / Math.log(high / low))); };
      put();
      say();
      input.addEventListener("input", () => {
        price = low * (high / low) ** (Number(input.value) / 1000);
        say();
        chart.paint();
      });
      this.pick = (value) => { price = Math.min(Math.max(value, low), high); put(); say(); chart.paint(); };
    },
    view(chart) {
      const seen = data.strategies.map((_, index) => index).filter((index) => shown[index]);
      const best = ranked(price).find((s) => shown[s.index]);
      const ends = [prices[0], prices[prices.length - 1]];
      const band = data.strategies[best.index].band;
      const costs = [...seen.flatMap((index) => ends.map((end) => cost(index, end))), ...band.flatMap((p) => p.slice(1))];
      const most = chart.log ? ends[1] : Math.min(ends[1], (data.price ?? price) * 6);
      const linear = seen.map((index) => cost(index, most));
      return {
        heading: `At ${money(price)} ${data.currency} an hour of downtime ${best.title} costs least: ${money(best.cost)} ${data.currency} a year.`,
        x: chart.log ? ends : [0, Math.max(most, price)], y: chart.log ? range(costs, true) : [0, Math.max(...linear) || 1],
        logY: true, share: false, steps: false, time: false, zero: false,
        xCaption: `Cost of an hour of downtime, ${data.currency}`, yCaption: `Mean cost of a year, ${data.currency}`,
        at: "At",
        marks: [...(data.price === null || data.price === price ? [] : [{ at: data.price, label: "scenario" }]), { at: price, label: money(price) }],
        band: (index) => index === best.index ? finely(band).filter((p) => p[0] <= Math.max(most, price)) : [],
        line: (index) => chart.log ? finely(prices.map((p) => [p, cost(index, p)])) : [[0, cost(index, 0)], [Math.max(most, price), cost(index, Math.max(most, price))]],
        // Not all at the same prices, where they would cover each other.
        symbols: (index) => [0.1, 0.4, 0.7].map((share) => share + 0.1 * (index % 3))
          .map((share) => chart.log ? ends[0] * (ends[1] / ends[0]) ** share : Math.max(most, price) * share).map((p) => [p, cost(index, p)]),
        read: (index, value) => money(cost(index, value)),
      };
    },
  };

  const kinds = { rto: distribution("rto"), rpo: distribution("rpo"), exceedance, cost_curve: costCurve };
  for (const figure of document.querySelectorAll("figure[data-live]")) new Chart(figure, kinds[figure.dataset.live]);

  // Paper cannot be opened.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open]):not(.aside)")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
})();
