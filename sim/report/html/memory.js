// A memory part by itself: one run of requests, or the same requests at a ladder of loads.

function memoryTiles(container) {
  const of = (name) => values("memory", name)[0];
  const both = of("read_bandwidth") + of("write_bandwidth");
  const rows = of("row_hits") + of("row_misses") + of("row_conflicts");
  container.append(tiles(
      tile("time", withPrefix(of("time"), "s"), `${quantity(of("requests"), "1")} requests`),
      tile("bandwidth", withPrefix(both, "B/s"), `${percent(of("share_of_pins"))} of the pins`),
      tile("read latency", withPrefix(of("read_latency_mean"), "s"),
           `99 % within ${quantity(of("read_latency_p99_ps"), "ps")}`),
      tile("row hits", percent(of("row_hits") / rows),
           `${percent(of("row_conflicts") / rows)} conflicts`),
      tile("refreshes", quantity(of("refresh_banks") + of("refresh_alls"), "1"),
           `${quantity(of("turnarounds"), "1")} turnarounds of the bus`),
      tile("power", withPrefix(of("power"), "W"),
           `${withPrefix(of("energy_per_bit"), "J")} a bit`)));
}

function memoryStalls(container) {
  const names = values("memory", "stall_cause");
  for (const [name, what] of [["read_time_ps", "reads"], ["write_time_ps", "writes"]]) {
    const count = values("memory", what === "reads" ? "lines_read" : "lines_written")[0];
    const amounts = row("memory", name, 0);
    stack(container,
          `Where ${what} spent their time, ` +
              `${withPrefix(total(amounts) * 1e-12 / count, "s")} on average`,
          names, amounts, (ps) => withPrefix(ps * 1e-12 / count, "s"));
  }
}

function memoryLatencies(container) {
  latencies(container, values("memory", "latency_bin"), row("memory", "read_latency_count", 0));
}

const kBankCounters = [
  "bank_reads", "bank_writes", "bank_activates", "bank_row_hits", "bank_row_misses",
  "bank_row_conflicts", "bank_refreshes"
];
const bankChoice = {
  counter: 0
};

function banks(container) {
  const offered = kBankCounters.filter((name) => variable("channels", name));
  if (!offered.length) return;
  const found = variable("channels", offered[bankChoice.counter]);
  container.append(make("div", {class: "controls"},
                        choice("show", offered.map((name) => variable("channels", name).long_name),
                               bankChoice.counter, (place) => {
                                 bankChoice.counter = place;
                                 drawAll();
                               })));
  const [rows, columns] = found.shape;
  const most = Math.max(...found.values, 1);
  heatMap(container, {columns, rows, height: Math.min(Math.max(rows * 18, 40), 380)},
          (bank, channel) => found.values[channel * columns + bank], most);
  container.append(
      make("div", {class: "axis"}, make("span", {}, "bank 0"),
           make("span", {}, `bank ${columns - 1}`)),
      heatScale("0", quantity(most, "1")),
      note(`Channels 0 (top) to ${rows - 1}; banks of the first pseudo-channel first.`));
}

function memoryEnergy(container, group, index) {
  stack(container, "Where it went", kEnergies,
        kEnergies.map((name) => values(group, `energy_${name}`)[index]),
        (joules) => withPrefix(joules, "J"));
}

const memorySections = [
  ["summary", "Summary", memoryTiles],
  ["stalls", "Stalls", memoryStalls],
  ["latency", "Read latencies", memoryLatencies],
  ["banks", "Banks", banks],
  ["energy", "Energy", (container) => memoryEnergy(container, "memory", 0)],
];

function loadTiles(container) {
  const reached =
      values("loads", "read_bandwidth").map((r, i) => r + values("loads", "write_bandwidth")[i]);
  const most = Math.max(...reached), first = values("loads", "read_latency_mean")[0];
  container.append(tiles(tile("most bandwidth", withPrefix(most, "B/s"),
                              `${percent(most / attribute("dram_peak_bandwidth"))} of the pins`),
                         tile("latency at the lowest load", withPrefix(first, "s"),
                              `at ${withPrefix(reached[0], "B/s")}`),
                         tile("loads", String(reached.length), "the last as fast as taken")));
}

function loadCurve(container) {
  const order = range(values("loads", "load").length);
  const reached = order.map((i) => values("loads", "read_bandwidth")[i] +
                                values("loads", "write_bandwidth")[i]);
  order.sort((a, b) => reached[a] - reached[b]);
  const of = (name, factor) => order.map((i) => values("loads", name)[i] * factor);
  curves(container, {
    x: order.map((i) => reached[i]),
    xText: (v) => markText(v, "B/s"),
    xTitle: "achieved",
    yText: (v) => markText(v, "s"),
    yLow: 0,
    height: 320,
    series: [
      {name: "mean", values: of("read_latency_mean", 1), colour: seriesColour(0), dots: true}, {
        name: "median",
        values: of("read_latency_median_ps", 1e-12),
        colour: seriesColour(2),
        dots: true
      },
      {name: "99 %", values: of("read_latency_p99_ps", 1e-12), colour: seriesColour(1), dots: true}
    ]
  });
}

function loadStalls(container) {
  const names = values("loads", "stall_cause"), bandwidths = values("loads", "offered_bandwidth");
  container.append(make("h3", {}, "Where reads spent their time, by offered load"));
  stackRows(container, names,
            range(bandwidths.length).map((i) => ({
                                           name: isNumber(bandwidths[i]) ?
                                               withPrefix(bandwidths[i], "B/s") :
                                               "all it takes",
                                           amounts: row("loads", "read_time_ps", i)
                                         })));
  container.append(stackKeys(names, sumOfRows("loads", "read_time_ps", range(bandwidths.length))));
}

function loadEnergy(container) {
  const x = values("loads", "load");
  if (!values("loads", "energy_per_bit").length) return;
  curves(container, {
    x,
    xText: (v) => percent(v, 0),
    xTitle: "load, of what it can take",
    yText: (v) => markText(v, "J"),
    yLow: 0,
    series: [{
      name: "energy a bit",
      values: values("loads", "energy_per_bit"),
      colour: seriesColour(3),
      dots: true
    }]
  });
}

const loadSections = [
  ["summary", "Summary", loadTiles],
  ["curve", "Latency of reads over bandwidth", loadCurve],
  ["stalls", "Stalls", loadStalls],
  ["energy", "Energy", loadEnergy],
];
