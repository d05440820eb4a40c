// The histogram. What `app/src/plots.rs` gives is drawn here as a small SVG at once; plotly, which takes a tenth
// of a second for it and more than that to load, gets it when someone points at it. Both are told where
// everything goes, so that nothing moves when one follows the other.

const SCRIPT = "/vendor/plotly/plotly-cartesian.min.js";
/** After a new histogram under the pointer: an edit often follows another. */
const PAUSE_MS = 300;

/** Margins but for long names, and the distance of an axis' title from its labels, in pixels. */
const LEFT = 53;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 43;
const STANDOFF = 7;
/** Above, where there is a legend. */
const LEGEND = 41;

/** Height of the axis over the largest value, and about how many lines it has. */
const ROOM = 1.06;
const LINES = 6;

/** When plotly is brought into the browser's cache, so that it is at hand when someone points. */
const AT_HAND_MS = 4000;

/** Per element: what is drawn, whether someone points at it, what is to be undone. */
const plots = new WeakMap();
let loading = null;
let brought = false;

/** A number of 1, 2 or 5 times a power of ten, not below `x`. */
function nice(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * [1, 2, 5, 10].find((n) => n * power >= x * 0.999999);
}

function tickText(value, step) {
  if (value >= 1e6 && step % 1e5 === 0) return `${value / 1e6}M`;
  if (value >= 1e4 && step % 100 === 0) return `${value / 1e3}k`;
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** Where everything goes in `width` × `height` pixels. */
function place({ names, values, errors, exact, noisy }, width, height) {
  const count = Math.max(names.length, 1);
  let most = 0;
  values.forEach((value, i) => {
    most = Math.max(most, value + (errors?.[i] ?? 0), exact?.[i] ?? 0, noisy?.[i] ?? 0);
  });
  const top = most > 0 ? most * ROOM : 1;
  // There is no half of a shot.
  const step = Math.max(nice(top / LINES), errors ? 1 : 0);
  const ticks = [];
  for (let i = 0; i * step <= top; i += 1) ticks.push(i * step);
  const texts = ticks.map((value) => tickText(value, step));
  // Widths of digits, as the two fonts have them.
  const widest = 7.45 * Math.max(...texts.map((text) => text.length));
  const size = count > 40 ? 10 : 12;
  const letters = Math.max(0, ...names.map((name) => [...name].length));
  const long = letters * size * 0.6;
  const turned = count * (letters + 2) > 72;

  const above = noisy ? LEGEND : TOP;
  const left = Math.max(LEFT, Math.ceil(33 + widest));
  // Never more than half of the height for names.
  const bottom = turned ? Math.min(Math.ceil(long) + 31, Math.max(BOTTOM, height / 2)) : BOTTOM;
  const area = { x: left, y: above, width: Math.max(width - left - RIGHT, 10), height: Math.max(height - above - bottom, 10) };
  const slot = area.width / count;
  // Every so many names, so that they stand apart.
  const every = Math.ceil((turned ? size * 1.15 : long + size * 0.9) / slot);
  return {
    above, area, bottom, count, every, left, size, slot, texts, ticks, top, turned, widest,
    under: turned ? 5 + long : 5 + size * 1.2,
    gap: count < 6 ? 0.62 : 0.25,
    cap: count > 24 ? 0 : 3,
    mark: Math.min(Math.max(Math.floor(190 / count), 4), 28),
  };
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const px = (x) => Math.round(x * 100) / 100;

/** The histogram as the content of an SVG. */
function markup(histogram, width, height) {
  const { names, values, errors, exact, noisy, words } = histogram;
  const to = place(histogram, width, height);
  const { area, slot } = to;
  const base = area.y + area.height;
  const y = (value) => px(base - (value / to.top) * area.height);
  const middle = (i) => area.x + (i + 0.5) * slot;
  let lines = "";
  let strokes = "";
  let axis = "";
  to.ticks.forEach((value, i) => {
    const at = Math.round(y(value)) + 0.5;
    lines += `M${area.x},${at}h${px(area.width)}`;
    strokes += `M${area.x - 1},${at}h-3`;
    axis += `<text x="${area.x - 6.4}" y="${px(y(value) + 4.2)}" text-anchor="end">${to.texts[i]}</text>`;
  });
  let out = `<path class="grid" d="${lines}"/>`;

  const series = noisy ? [values, noisy] : [values];
  const wide = (slot * (1 - to.gap)) / series.length;
  series.forEach((heights, s) => {
    const left = (i) => middle(i) + wide * (s - series.length / 2);
    const bar = (value, i) => `<path class="point" d="M${px(left(i))},${px(base)}V${y(value)}h${px(wide)}V${px(base)}Z"/>`;
    out += `<g class="bars${s > 0 ? " second" : ""}">${heights.map(bar).join("")}</g>`;
    if (s > 0 || !errors) return;
    const error = (value, i) => {
      if (!(errors[i] > 0)) return "";
      const x = px(left(i) + wide / 2);
      const [high, low] = [y(value + errors[i]), Math.min(y(value - errors[i]), px(base))];
      const ends = to.cap > 0 ? `M${x - to.cap},${high}h${2 * to.cap}M${x - to.cap},${low}h${2 * to.cap}` : "";
      return `M${x},${high}V${low}${ends}`;
    };
    out += `<path class="errors" d="${heights.map(error).join("")}"/>`;
  });
  if (exact) {
    const half = 0.7 * to.mark;
    out += `<path class="marks" d="${exact.map((value, i) => `M${px(middle(i) - half)},${y(value)}h${px(2 * half)}`).join("")}"/>`;
  }

  out += `<path class="grid" d="M${area.x},${Math.round(base) + 0.5}h${px(area.width)}${strokes}"/><g class="values">${axis}</g>`;
  out += `<g class="names${to.size < 12 ? " small" : ""}">`;
  names.forEach((name, i) => {
    if (i % to.every !== 0) return;
    const place = to.turned
      ? `text-anchor="end" transform="translate(${px(middle(i) + to.size * 0.3)},${px(base + 5)})rotate(-90)"`
      : `text-anchor="middle" x="${px(middle(i))}" y="${px(base + 3.4 + to.size)}"`;
    out += `<text ${place}>${escaped(name)}</text>`;
  });
  const below = Math.min(base + to.under + STANDOFF + 8, height - 4);
  out += `</g><g class="values"><text text-anchor="middle" x="${px(area.x + area.width / 2)}" y="${px(below)}">${escaped(words.outcome)}</text>`;
  const beside = Math.max(area.x - 18 - to.widest, 11);
  out += `<text text-anchor="middle" transform="translate(${px(beside)},${px(area.y + area.height / 2)})rotate(-90)">${escaped(words.height)}</text>`;
  if (noisy) {
    let x = area.x;
    for (const [kind, word] of [["", words.measured], [" second", words.noisy], [" exact", exact && words.exact]]) {
      if (!word) continue;
      const key = kind === " exact" ? "m-2,6h16v1.5h-16Z" : "h12v12h-12Z";
      out += `<path class="key${kind}" d="M${px(x + 14)},${area.y - 20}${key}"/><text x="${px(x + 40)}" y="${area.y - 10}">${escaped(word)}</text>`;
      x += 45 + 7 * String(word).length;
    }
  }
  return `${out}</g>`;
}

/** Colors and fonts of the page as they are at this moment, the colors as plotly knows them. */
function theme(element) {
  const style = getComputedStyle(element);
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const probe = document.createElement("i");
  element.append(probe);
  const color = (token) => {
    probe.style.color = `var(${token})`;
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    return `rgb(${brush.getImageData(0, 0, 1, 1).data.slice(0, 3).join()})`;
  };
  const look = {
    text: color("--text"),
    soft: color("--text-soft"),
    line: color("--line"),
    surface: color("--surface-1"),
    accent: color("--accent"),
    second: color("--gate-noise"),
    sans: style.getPropertyValue("--sans"),
    mono: style.getPropertyValue("--mono"),
  };
  probe.remove();
  return look;
}

/** The histogram as plotly's `data`, `layout` and `config`. */
function figure(histogram, width, height, look) {
  const { names, values, errors, exact, noisy, hover, noisy_hover: noisyHover, words } = histogram;
  const to = place(histogram, width, height);
  const soft = { family: look.sans, size: 12, color: look.soft };
  const mono = { family: look.mono, size: 12, color: look.text };
  const bars = (name, y, hovertext, color) => ({ type: "bar", x: names, y, name, hovertext, hoverinfo: "text", marker: { color } });
  const data = [bars(words.measured, values, hover, look.accent)];
  if (errors) data[0].error_y = { type: "data", array: errors, color: look.soft, thickness: 1, width: to.cap };
  if (noisy) data.push(bars(words.noisy, noisy, noisyHover, look.second));
  if (exact) {
    const marker = { symbol: "line-ew-open", size: to.mark, color: look.text, line: { width: 2, color: look.text } };
    data.push({ type: "scatter", mode: "markers", x: names, y: exact, name: words.exact, hoverinfo: "skip", marker });
  }
  const axis = (text) => ({ title: { text, font: soft, standoff: STANDOFF }, zeroline: false, fixedrange: true, tickmode: "array" });
  const layout = {
    width,
    height,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: look.sans, size: 12, color: look.text },
    margin: { l: to.left, r: RIGHT, t: to.above, b: to.bottom, pad: 0 },
    bargap: to.gap,
    showlegend: Boolean(noisy),
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", font: soft },
    hovermode: "closest",
    hoverlabel: { bgcolor: look.surface, bordercolor: look.line, font: mono },
    xaxis: {
      ...axis(words.outcome),
      // Bit strings are no numbers.
      type: "category",
      range: [-0.5, to.count - 0.5],
      showgrid: false,
      linecolor: look.line,
      tickangle: to.turned ? -90 : 0,
      tickfont: { ...mono, size: to.size },
      tickvals: names.filter((_, i) => i % to.every === 0),
    },
    yaxis: {
      ...axis(words.height),
      range: [0, to.top],
      gridcolor: look.line,
      tickfont: soft,
      ticks: "outside",
      tickcolor: look.line,
      ticklen: 3,
      tickvals: to.ticks,
      ticktext: to.texts,
    },
  };
  return [data, layout, { displayModeBar: false, displaylogo: false, responsive: false }];
}

/** Draws as SVG, in place of whatever is there. */
function quick(element, plot) {
  const width = element.clientWidth;
  const height = element.clientHeight;
  if (!(width > 0 && height > 0)) return;
  plot.size = `${width} ${height}`;
  element.classList.remove("live");
  let svg = element.querySelector("svg.quick");
  if (svg === null) {
    svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.classList.add("figure", "quick");
    element.prepend(svg);
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = markup(plot.histogram, width, height);
}

/** Loads plotly once; null where it cannot be had, and the SVG stays. */
function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.onload = () => resolve(window.Plotly ?? null);
    script.onerror = () => {
      // Another time: the network may be back.
      loading = null;
      script.remove();
      resolve(null);
    };
    document.head.append(script);
  });
  return loading;
}

function bring() {
  if (brought || navigator.connection?.saveData) return;
  brought = true;
  setTimeout(() => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "prefetch", as: "script", href: SCRIPT });
    document.head.append(link);
  }, AT_HAND_MS);
}

/** Gives the histogram to plotly, if someone still points at it. */
async function engage(element, plot) {
  clearTimeout(plot.timer);
  const { histogram } = plot;
  // Drawn before the program was there, without all that plotly wants to know.
  if (histogram.hover === undefined || plot.live === histogram) return;
  const library = await plotly();
  const current = () => plots.get(element) === plot && plot.histogram === histogram;
  if (library === null || !current() || !plot.pointed || element.clientWidth === 0) return;
  let host = element.querySelector(".plotly-host");
  if (host === null) {
    host = document.createElement("div");
    host.className = "plotly-host";
    element.append(host);
  }
  await library.react(host, ...figure(histogram, element.clientWidth, element.clientHeight, theme(element)));
  if (!current()) return;
  plot.live = histogram;
  element.classList.add("live");
  // One histogram in the page, not two.
  element.querySelector("svg.quick")?.replaceChildren();
}

function watch(element, plot) {
  const options = { signal: plot.end.signal };
  const enter = () => {
    plot.pointed = true;
    engage(element, plot);
  };
  element.addEventListener("pointerenter", enter, options);
  element.addEventListener("pointerdown", enter, options);
  element.addEventListener("pointerleave", (event) => {
    // A finger that is lifted leaves what it pointed at open.
    if (event.pointerType !== "touch") plot.pointed = false;
  }, options);
  let frame = 0;
  const observer = new ResizeObserver(() => {
    // At most once a frame, however fast someone drags.
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const same = plot.size === `${element.clientWidth} ${element.clientHeight}`;
      if (plots.get(element) === plot && !same) show(element, plot);
    });
  });
  observer.observe(element);
  plot.end.signal.addEventListener("abort", () => observer.disconnect());
}

function show(element, plot) {
  plot.live = null;
  quick(element, plot);
  clearTimeout(plot.timer);
  if (plot.pointed) plot.timer = setTimeout(() => engage(element, plot), PAUSE_MS);
}

/** Draws `histogram` in `element`, now; whatever was drawn there before is gone. */
export function draw(element, histogram) {
  let plot = plots.get(element);
  if (plot === undefined) {
    plot = { end: new AbortController(), pointed: element.matches(":hover") };
    plots.set(element, plot);
    watch(element, plot);
  }
  plot.histogram = histogram;
  show(element, plot);
  if (histogram.hover !== undefined) bring();
}

/** Takes the drawing and its listeners away. */
export function purge(element) {
  const plot = plots.get(element);
  if (plot === undefined) return;
  plots.delete(element);
  plot.end.abort();
  clearTimeout(plot.timer);
  const host = element.querySelector(".plotly-host");
  if (host !== null && window.Plotly) window.Plotly.purge(host);
  element.replaceChildren();
}
