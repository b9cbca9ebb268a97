// Figures measured on hardware beside those of the model.

function figureRows() {
  const of = (name) => values("figures", name);
  return range(of("gpu").length).map((i) => ({
                                       gpu: of("gpu")[i],
                                       suite: of("suite")[i],
                                       benchmark: of("benchmark")[i],
                                       parameters: of("parameters")[i],
                                       unit: of("unit")[i],
                                       source: of("source")[i],
                                       measured: of("measured")[i],
                                       simulated: of("simulated")[i],
                                       tolerance: of("tolerance")[i],
                                       deviates: of("deviates")[i] === 1,
                                       error: of("simulated")[i] / of("measured")[i] - 1,
                                     }));
}

function isOff(row) {
  return !(Math.abs(row.error) <= row.tolerance);
}

function groupsBy(rows, key) {
  const groups = new Map();
  for (const each of rows) {
    const name = key(each);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(each);
  }
  return groups;
}

function validationTiles(container) {
  const rows = figureRows(), errors = rows.map((each) => Math.abs(each.error));
  const off = rows.filter(isOff), known = off.filter((each) => each.deviates);
  container.append(
      tiles(tile("figures", String(rows.length),
                 `${plural(unique(rows.map((r) => r.gpu)).length, "GPU")}, ` +
                     plural(unique(rows.map((r) => r.suite)).length, "suite")),
            tile("mean error", percent(mean(errors)), "without its sign"),
            tile("within tolerance", String(rows.length - off.length),
                 percent(1 - off.length / rows.length)),
            tile("known to deviate", String(known.length), "beyond, and so recorded"),
            tile("missed", String(off.length - known.length), "beyond, and not known")));
  const groups = [...groupsBy(rows, (each) => `${each.gpu}\n${each.suite}`).values()];
  container.append(
      make("h3", {}, "By GPU and suite"),
      table(
          [
            {title: "GPU", text: true, cell: (g) => g[0].gpu},
            {title: "suite", text: true, cell: (g) => g[0].suite},
            {title: "figures", cell: (g) => String(g.length)},
            {title: "mean error", cell: (g) => percent(mean(g.map((r) => Math.abs(r.error))))},
            {title: "worst", cell: (g) => percent(Math.max(...g.map((r) => Math.abs(r.error))))},
            {title: "tolerance", cell: (g) => percent(g[0].tolerance, 0)},
            {
              title: "beyond",
              cell: (g) => make("span", {class: g.some(isOff) ? "warn" : "good"},
                                String(g.filter(isOff).length))
            },
          ],
          groups));
}

// "footprint=32129K threads=64" -> {footprint: 32900096, threads: 64}
function parametersOf(row) {
  const numbers = {};
  for (const word of row.parameters.split(/\s+/)) {
    const found = /^(\w+)=([0-9.]+)([KMG]?)$/.exec(word);
    if (found)
      numbers[found[1]] = +found[2] * {"": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30}[found[3]];
  }
  return numbers;
}

// Figures that differ in one parameter alone, at least three of them, make a curve over it.
function curvesOf(rows) {
  const found = [], taken = new Set();
  const names = unique(rows.flatMap((each) => Object.keys(parametersOf(each))));
  for (const name of names) {
    const rest = (each) => Object.entries(parametersOf(each))
                               .filter(([key]) => key !== name)
                               .map(([key, value]) => `${key}=${value}`)
                               .join(" ");
    const having =
        rows.filter((each) => parametersOf(each)[name] !== undefined && !taken.has(each));
    for (const group of groupsBy(having, (each) => `${each.benchmark} ${rest(each)}`).values()) {
      if (unique(group.map((each) => parametersOf(each)[name])).length < 3) continue;
      group.forEach((each) => taken.add(each));
      group.sort((a, b) => parametersOf(a)[name] - parametersOf(b)[name]);
      found.push({name, rows: group, title: `${group[0].benchmark} ${rest(group[0])}`.trim()});
    }
  }
  return found;
}

const kUnitFactors = {
  ns: [1e-9, "s"],
  us: [1e-6, "s"],
  "GB/s": [1e9, "B/s"]
};

function inUnit(value, unit) {
  const known = kUnitFactors[unit];
  if (known) return withPrefix(value * known[0], known[1]);
  return `${+ value.toPrecision(4)} ${unit}`;
}

function measuredCurve(container, curve) {
  const rows = curve.rows, unit = rows[0].unit;
  const x = rows.map((each) => parametersOf(each)[curve.name]);
  const isBytes = curve.name === "footprint" || curve.name === "bytes";
  const isWide = x[0] > 0 && x[x.length - 1] / x[0] > 20;
  container.append(make("h3", {}, `${rows[0].gpu}: ${curve.title} over ${curve.name}`));
  curves(container, {
    x,
    xLog: isWide,
    xText: (v) => isBytes ? bytesText(v) : quantity(v, "1"),
    xTitle: curve.name,
    yText: (v) => inUnit(v, unit),
    yLow: 0,
    height: 240,
    ticks: isBytes && isWide ? byteTicks(x[0], x[x.length - 1]) : undefined,
    series: [
      {
        name: "measured",
        values: rows.map((each) => each.measured),
        colour: seriesColour(1),
        dots: true,
        dash: [4, 4]
      },
      {
        name: "simulated",
        values: rows.map((each) => each.simulated),
        colour: seriesColour(0),
        dots: true
      }
    ]
  });
}

// Every second or fourth power of two.
function byteTicks(low, high) {
  const step = Math.log2(high / low) > 12 ? 4 : 2;
  return range(12).map((i) => 2 ** (10 + i * step)).filter((tick) => tick >= low && tick <= high);
}

// Footprints are powers of two more often than not.
function bytesText(bytes) {
  const found =
      [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]].find(([each]) => bytes >= each);
  return found ? `${+ (bytes / found[0]).toPrecision(3)} ${found[1]}` : `${bytes} B`;
}

function measuredCurves(suiteWanted) {
  return (container) => {
    const rows = figureRows().filter((each) => (each.suite === "latency") === suiteWanted);
    const all = [];
    for (const group of groupsBy(rows, (each) => `${each.gpu}\n${each.suite}`).values()) {
      all.push(...curvesOf(group));
    }
    const grid = make("div", {class: "columns"});
    container.append(grid);
    for (const curve of all) {
      const place = make("div");
      grid.append(place);
      measuredCurve(place, curve);
    }
    if (!all.length) grid.remove();
  };
}

const kMostError = 0.25;  // that a bar shows

// An error as a bar from the middle, in front of its tolerance.
function errorBar(row) {
  const width = 132, scale = width / 2 / kMostError, middle = width / 2;
  const place = (share) => middle + Math.max(-kMostError, Math.min(kMostError, share)) * scale;
  const picture = svg("svg", {width, height: 14, viewBox: `0 0 ${width} 14`});
  const band = Math.min(row.tolerance, kMostError) * scale;
  const paint = !isOff(row) ? "good" : row.deviates ? "warn" : "bad";
  picture.append(
      svg("rect", {x: middle - band, width: 2 * band, y: 0, height: 14, fill: colour("grid")}),
      svg("rect", {
        x: Math.min(middle, place(row.error)),
        y: 4,
        height: 6,
        width: Math.max(Math.abs(place(row.error) - middle), 1),
        fill: colour(paint)
      }),
      svg("line", {x1: middle, x2: middle, y1: 0, y2: 14, stroke: colour("faint")}));
  return picture;
}

function verdictOf(row) {
  if (isOff(row)) return row.deviates ? ["deviates", "warn"] : ["missed", "bad"];
  return row.deviates ? ["no longer deviates", "bad"] : ["", "good"];
}

function figureTable(container) {
  container.append(note("Grey: the tolerance. A bar to the right is too much, to the left too " +
                        "little; it ends at 25 %."));
  container.append(table(
      [
        {title: "GPU", text: true, cell: (r) => r.gpu},
        {title: "suite", text: true, cell: (r) => r.suite},
        {title: "what", text: true, long: true, cell: (r) => `${r.benchmark} ${r.parameters}`},
        {title: "measured", cell: (r) => inUnit(r.measured, r.unit)},
        {title: "simulated", cell: (r) => inUnit(r.simulated, r.unit)},
        {title: "error", cell: (r) => signedPercent(r.error)},
        {title: "", text: true, cell: errorBar},
        {
          title: "",
          text: true,
          cell: (r) => make("span", {class: verdictOf(r)[1]}, verdictOf(r)[0])
        },
        {
          title: "source",
          text: true,
          cell: (r) => make("span", {title: r.source}, shortName(r.source, 28))
        },
      ],
      figureRows()));
}

const validationSections = [
  ["summary", "Summary", validationTiles],
  ["ladder", "Latency ladder", measuredCurves(true)],
  ["curves", "Other curves", measuredCurves(false)],
  ["figures", "Figures", figureTable],
];
