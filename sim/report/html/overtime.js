// A run over simulated time: what the warps did in each interval, how often the caches and the open
// rows had what was asked, and what went over the DRAM's pins.

// Starts and ends of the kernels, in seconds.
function kernelSpans() {
  const starts = values("kernels", "start_ps"), ends = values("kernels", "end_ps");
  const shown = picked.kernel < 0 ? range(starts.length) : [picked.kernel];
  return shown.map((i) => [starts[i] * kPs, ends[i] * kPs]);
}

// Of a table (time, channel): its sum over the channels.
function overChannels(name) {
  const found = variable("intervals", name);
  if (!found) return [];
  const width = found.shape[1];
  return range(found.shape[0]).map((i) => total(found.values.slice(i * width, (i + 1) * width)));
}

// The intervals that a table over time has rows for: long ones have means of neighbours.
function timesOf(name) {
  const every = variable("intervals", name).every || 1;
  return values("intervals", "time").filter((_, i) => i % every === 0);
}

// Of a table (time, state or cause): which names are worth a colour of their own, and warps times
// time of each in each interval over the interval's length, which is a number of warps.
function warpsOverTime(table, dimension) {
  const names = values("intervals", dimension), found = variable("intervals", table);
  const times = timesOf(table), width = names.length;
  const length = times[1] - times[0];
  const warps = (name, i) => found.values[i * width + name] * kPs / (length / (found.every || 1));
  const sums = names.map((_, name) => total(times.map((_, i) => warps(name, i))));
  const shown = range(width).filter((name) => sums[name] > 0.005 * total(sums));
  return {
    names: shown.map((name) => names[name]),
    amounts: shown.map((name) => times.map((_, i) => warps(name, i)))
  };
}

function stallsOverTime(container, title, table, dimension) {
  const {names, amounts} = warpsOverTime(table, dimension);
  if (!names.length) return;
  const x = timesOf(table);
  container.append(make("h3", {}, title));
  stackedCurves(container, {
    x,
    xText: timeText(x[x.length - 1]),
    yText: (v) => quantity(v, "1"),
    spans: kernelSpans(),
    sync: "time",
    names,
    amounts
  });
}

function bandwidthOverTime(container) {
  const x = timesOf("dram_read_bandwidth");
  const reads = overChannels("dram_read_bandwidth"), writes = overChannels("dram_write_bandwidth");
  const peak = attribute("dram_peak_bandwidth");
  container.append(make("h3", {}, "DRAM bandwidth"));
  curves(container, {
    x,
    xText: timeText(x[x.length - 1]),
    yText: (v) => markText(v, "B/s"),
    yLow: 0,
    yHigh: peak,
    spans: kernelSpans(),
    sync: "time",
    series: [
      {name: "both", values: reads.map((r, i) => r + writes[i]), colour: seriesColour(6)},
      {name: "read", values: reads, colour: seriesColour(0), fill: `${seriesColour(0)}30`},
      {name: "written", values: writes, colour: seriesColour(1), fill: `${seriesColour(1)}30`},
      {name: "pins", values: x.map(() => peak), colour: colour("faint"), dash: [6, 4]},
    ]
  });
}

function hitsOverTime(container) {
  const x = values("intervals", "time");
  const rates = [
    ["L1, of global loads", "l1_hit_rate", 3], ["L2, of what SMs read", "l2_read_hit_rate", 2],
    ["DRAM rows", "dram_row_hit_rate", 4]
  ].filter(([, name]) => values("intervals", name).length);
  container.append(make("h3", {}, "Hit rates"));
  curves(container, {
    x,
    xText: timeText(x[x.length - 1]),
    yText: (v) => percent(v, 0),
    yLow: 0,
    yHigh: 1,
    spans: kernelSpans(),
    sync: "time",
    height: 190,
    series: rates.map(
        ([title, name, i]) =>
            ({name: title, values: values("intervals", name), colour: seriesColour(i)}))
  });
}

function queuesOverTime(container) {
  const depths = overChannels("dram_queue_depth");
  if (!depths.length) return;
  const x = timesOf("dram_queue_depth"), channels = values("intervals", "channel").length;
  container.append(make("h3", {}, "Requests at a DRAM channel, mean"));
  curves(container, {
    x,
    xText: timeText(x[x.length - 1]),
    yText: (v) => quantity(v, "1"),
    yLow: 0,
    spans: kernelSpans(),
    sync: "time",
    height: 190,
    series: [{
      name: "requests",
      values: depths.map((depth) => depth / channels),
      colour: seriesColour(5),
      fill: `${seriesColour(5)}30`
    }]
  });
}

function overTime(container) {
  if (values("intervals", "time").length < 2) return;
  if (variable("intervals", "warp_time_ps")) {
    stallsOverTime(container, "Resident warps, by what they did", "warp_time_ps", "warp_state");
    stallsOverTime(container, "Warps that waited for memory, by where", "memory_wait_ps",
                   "stall_cause");
  }
  hitsOverTime(container);
  bandwidthOverTime(container);
  queuesOverTime(container);
  container.append(note("Shaded: kernels running" +
                        (picked.kernel < 0 ? "" : `, here only ${ofWhich()}`) +
                        ". Drag to zoom in, double-click to zoom out."));
}

function channels(container) {
  const found = variable("intervals", "dram_read_bandwidth");
  if (!found || found.shape[0] < 2) return;
  const width = found.shape[1], written = values("intervals", "dram_write_bandwidth");
  const peak = attribute("dram_peak_bandwidth") / width;
  const cell = (time, channel) =>
      found.values[time * width + channel] + written[time * width + channel];
  heatMap(container,
          {columns: found.shape[0], rows: width, height: Math.min(Math.max(width * 6, 120), 380)},
          cell, peak);
  const x = timesOf("dram_read_bandwidth"), text = timeText(x[x.length - 1]);
  container.append(make("div", {class: "axis"}, make("span", {}, "0"),
                        make("span", {}, text(x[x.length - 1] / 2)),
                        make("span", {}, text(x[x.length - 1]))));
  container.append(heatScale("0", `${withPrefix(peak, "B/s")}, all that a channel's pins can`),
                   note(`Channels 0 (top) to ${width - 1}, reads and writes together.`));
}
