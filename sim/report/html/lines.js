// Curves, drawn by uPlot: the door to it, and all that is common to our charts.

const kNoDots = {
  show: false
};

function axisOf(text, title) {
  return {
    stroke: colour("faint"),
    grid: {stroke: colour("grid"), width: 1},
    ticks: {stroke: colour("line"), width: 1},
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
    label: title,
    labelSize: title ? 18 : 0,
    values: (_, ticks) => ticks.map((tick) => tick === null ? "" : text(tick))
  };
}

// `chart` is {x, series: [{name, values, own, colour, fill, dash, dots, stepped}], xText, yText,
// xTitle,
// xLog, yLog, yLow, yHigh, height, spans: [[from, to]], sync}. `x` rises.
function curves(container, chart) {
  const width = widthOf(container);
  const series = [{label: chart.xName || "at", value: (_, v) => v === null ? "" : chart.xText(v)}];
  for (const each of chart.series) {
    series.push({
      label: each.name,
      stroke: each.colour,
      width: each.dots === "only" ? 0 : 1.6,
      fill: each.fill,
      dash: each.dash,
      spanGaps: true,
      points: each.dots ? {show: true, size: 7, fill: each.colour} : kNoDots,
      paths: each.stepped ? uPlot.paths.stepped({align: 1}) : undefined,
      value: (_, v, __, i) =>
          v === null || i === null ? "–" : chart.yText(each.own ? each.own[i] : v)
    });
  }
  const seen = chart.series.flatMap((each) => each.values.filter(isNumber));
  const low = chart.yLow !== undefined ? chart.yLow : Math.min(...seen);
  const high = chart.yHigh !== undefined ? chart.yHigh : seen.reduce((a, b) => Math.max(a, b), 0);
  const yRange = chart.yLog ? [low * 0.8, high * 1.25] : [low, high * 1.06 || 1];
  const x = chart.x, last = x[x.length - 1], xPad = chart.xPad || 0;
  const xRange = chart.xLog ? [x[0] / 1.15, last * 1.15] : [x[0] - xPad, last + xPad];
  const options = {
    width,
    padding: [null, 26, null, null],
    height: chart.height || Math.min(300, Math.max(220, width * 0.36)),
    series,
    axes: [
      {...axisOf(chart.xText, chart.xTitle), space: width < 500 ? 62 : 74},
      {...axisOf(chart.yText, ""), size: 78}
    ],
    scales: {
      x: {time: false, distr: chart.xLog ? 3 : 1, range: () => xRange},
      y: {distr: chart.yLog ? 3 : 1, range: () => yRange}
    },
    cursor: {sync: chart.sync ? {key: chart.sync} : undefined, drag: {x: !chart.xLog, y: false}},
    legend: {live: true},
    hooks: {drawAxes: [(plot) => shadeSpans(plot, chart.spans || [])]},
  };
  if (chart.ticks) {
    options.axes[0].splits = () => chart.ticks;
    options.axes[0].filter = (_, splits) => splits;
  }
  if (chart.sync) options.scales.x.range = zoomedRange(xRange);
  const holder = make("div", {class: "plot"});
  container.append(holder);
  return new uPlot(options, [x, ...chart.series.map((each) => each.values)], holder);
}

// Areas on top of one another: `chart` is {x, xText, yText, spans, sync, names, amounts}, where
// `amounts` has a list over x for each name. Each is drawn from the sum of it and those below down
// to the axis, the highest first, so that the next one covers what is not its own.
function stackedCurves(container, chart) {
  const colours = stackColours(chart.names);
  const sums = [];
  chart.amounts.forEach((amounts, i) => {
    sums.push(amounts.map((amount, k) => (i > 0 ? sums[i - 1][k] : 0) + amount));
  });
  const places = range(sums.length).reverse();
  curves(container, {
    x: chart.x,
    xText: chart.xText,
    yLow: 0,
    yText: chart.yText,
    spans: chart.spans,
    sync: chart.sync,
    series: places.map((i) => ({
                         name: chart.names[i],
                         values: sums[i],
                         own: chart.amounts[i],
                         colour: colours[i],
                         fill: colours[i],
                         stepped: true
                       }))
  });
}

// The whole range at first and after a double click, what was dragged over otherwise.
function zoomedRange(whole) {
  return (_, low, high) => low === null || high === null || high <= low ? whole : [low, high];
}

// What happened in between, a kernel say, as a faint ground of the chart.
function shadeSpans(plot, spans) {
  const pen = plot.ctx;
  pen.save();
  pen.fillStyle = colour("shade");
  for (const [from, to] of spans) {
    const left = plot.valToPos(Math.max(from, plot.scales.x.min), "x", true);
    const right = plot.valToPos(Math.min(to, plot.scales.x.max), "x", true);
    if (right > left) pen.fillRect(left, plot.bbox.top, right - left, plot.bbox.height);
  }
  pen.restore();
}

// "12.5 µs" for axes of time: all ticks in the unit of the largest.
function timeText(most) {
  const [factor, unit] =
      [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]].find(([each]) => most >= each) ||
      [1e-9, "ns"];
  return (value) => `${+ (value / factor).toPrecision(4)} ${unit}`;
}

// Requests by how long they took, over bins of a sixteenth of a power of two: bars whose height is
// the share of the requests, on a logarithmic axis, with the median and the slowest hundredth.
function latencies(container, edgesPs, counts) {
  const all = total(counts);
  if (all === 0) return false;
  let first = counts.findIndex((count) => count > 0), last = counts.length - 1;
  while (counts[last] === 0) --last;
  first = Math.max(first - 2, 1);
  last = Math.min(last + 2, counts.length - 1);
  const x = [], shares = [];
  for (let bin = first; bin <= last; ++bin) {
    x.push(edgesPs[bin] * 1e-12);
    shares.push(counts[bin] / all);
  }
  const percentile = (share) => {
    let seen = 0;
    for (let bin = 0; bin + 1 < counts.length; ++bin) {
      seen += counts[bin];
      if (seen > 0 && seen >= share * all) return edgesPs[bin + 1] * 1e-12;
    }
    return NaN;
  };
  const span = x[x.length - 1] / x[0];
  curves(container, {
    x,
    xLog: true,
    xText: (v) => withPrefix(v, "s"),
    xName: "from",
    yText: (v) => percent(v),
    yLow: 0,
    xTitle: "latency",
    ticks: span < 400 ? logTicksOf(x[0], x[x.length - 1]) : undefined,
    series: [{
      name: "share of requests",
      values: shares,
      stepped: true,
      colour: seriesColour(0),
      fill: `${seriesColour(0)}44`
    }]
  });
  container.append(note(`${quantity(all, "1")} requests; half took no longer than ` +
                        `${withPrefix(percentile(0.5), "s")}, 99 % no longer than ${
                            withPrefix(percentile(0.99), "s")}.`));
  return true;
}

function logTicksOf(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
    for (const step of high / low < 6 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}
