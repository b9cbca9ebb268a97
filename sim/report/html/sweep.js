// A sweep: any of its variables over any one or two of its dimensions, at one place of the others.

const place = {
  variable: "time",
  across: 0,
  along: 1,
  at: []
};

function sweptNames() {
  const names = (attribute("grid") || "").split(/\s+/).filter((name) => name);
  return names.filter((name) => variable("/", name));
}

function statusShape() {
  return variable("/", "status").shape;
}

function placeOf(index) {
  const at = [];
  for (const size of [...statusShape()].reverse()) {
    at.unshift(index % size);
    index = Math.floor(index / size);
  }
  return at;
}

function flat(at) {
  return at.reduce((index, one, i) => index * statusShape()[i] + one, 0);
}

function nameOf(dimension, i) {
  const value = values("/", dimension)[i];
  return typeof value === "string" ? value : String(value);
}

function sweepTiles(container) {
  const statuses = values("/", "status");
  const count = (status) => statuses.filter((each) => each === status).length;
  const names = sweptNames();
  container.append(tiles(
      tile("runs", String(statuses.length - count("excluded")), `${names.join(" × ") || "one"}`),
      tile("done", String(count("done")), ""),
      tile("failed", String(count("failed")), count("failed") ? "listed below" : ""),
      count("missing") ? tile("missing", String(count("missing")), "of other shards") : null,
      count("excluded") ? tile("excluded", String(count("excluded")), "by the sweep's filters") :
                          null));
  container.append(table(
      [
        {title: "dimension", text: true, cell: (name) => name},
        {title: "values", cell: (name) => String(values("/", name).length)},
        {title: "", text: true, long: true, cell: (name) => values("/", name).join(", ")},
      ],
      names));
}

// Variables that have one number for each run.
function drawable() {
  const swept = sweptNames();
  return Object.entries(variables("/"))
      .filter(([, each]) => each.dimensions.length === swept.length &&
                  each.dimensions.every((d, i) => d === swept[i]) && each.values.some(isNumber) &&
                  swept.length > 0 &&
                  !(swept.length === 1 && each.dimensions[0] === swept[0] &&
                    (attribute("coordinates") || "")
                        .split(" ")
                        .concat(swept)
                        .some((name) => variable("/", name) === each)))
      .map(([name]) => name);
}

function sweepControls(container, names, offered) {
  const pick = (key) => (chosen) => {
    place[key] = chosen;
    drawAll();
  };
  const controls = make("div", {class: "controls"});
  controls.append(choice("show", offered.map((name) => `${name}: ${variable("/", name).long_name}`),
                         offered.indexOf(place.variable), (i) => {
                           place.variable = offered[i];
                           drawAll();
                         }));
  if (names.length > 1) {
    controls.append(choice("over", names, place.across, pick("across")),
                    choice("a curve for each", names, place.along, pick("along")));
  }
  names.forEach((name, i) => {
    if (i === place.across || i === place.along || values("/", name).length < 2) return;
    controls.append(choice(name, range(values("/", name).length).map((v) => nameOf(name, v)),
                           place.at[i], (v) => {
                             place.at[i] = v;
                             drawAll();
                           }));
  });
  container.append(controls);
}

function explore(container) {
  const names = sweptNames(), offered = drawable();
  if (!offered.length) return;
  if (!offered.includes(place.variable)) place.variable = offered[0];
  if (place.at.length !== names.length) {
    place.at = placeOf(Math.max(0, values("/", "status").indexOf("done")));
    // The longest dimension runs along the axis, the next one makes the curves.
    const order = range(names.length).sort((a, b) => statusShape()[b] - statusShape()[a]);
    place.across = order[0];
    place.along = order.length > 1 ? order[1] : order[0];
  }
  sweepControls(container, names, offered);
  const found = variable("/", place.variable), across = names[place.across];
  const value = (x, y) => {
    const at = [...place.at];
    at[place.along] = y;
    at[place.across] = x;
    return found.values[flat(at)];
  };
  const columns = range(values("/", across).length).map((i) => nameOf(across, i));
  const isFlat = place.along === place.across;
  const along = names[place.along];
  const rows =
      isFlat ? [place.variable] : range(values("/", along).length).map((i) => nameOf(along, i));
  sweepCurves(container, columns, rows, value, found, across);
  if (columns.length * rows.length <= 600) {
    container.append(make("h3", {}, isFlat ? across : `${across} → by ${along} ↓`));
    container.append(cells(columns, rows, value, (v) => quantity(v, found.units)));
  }
  sweepStalls(container, names, columns, across);
}

// Values of an axis stand evenly apart: they are as often names as numbers.
function sweepCurves(container, columns, rows, value, found, across) {
  if (columns.length < 2) return;
  const most = 8, shown = rows.slice(0, most);
  const space = Math.max(1, Math.ceil(columns.length / Math.max(2, widthOf(container) / 95)));
  curves(container, {
    x: range(columns.length),
    xText: (v) => columns[Math.round(v)] || "",
    xTitle: across,
    xName: across,
    xPad: 0.2,
    yText: (v) => quantity(v, found.units),
    yLow: 0,
    height: 320,
    ticks: range(columns.length).filter((i) => i % space === 0),
    series: shown.map(
        (name, i) => ({
          name,
          colour: seriesColour(i),
          dots: true,
          values: range(columns.length).map((x) => isNumber(value(x, i)) ? value(x, i) : null)
        }))
  });
  if (rows.length > most) container.append(note(`The first ${most} of ${rows.length} curves.`));
}

function sweepStalls(container, names, columns, across) {
  for (const [name, inner, title] of [
           ["warp_time_ps", "warp_state", "What the warps did"],
           ["memory_wait_ps", "stall_cause", "Where they waited for memory"],
           ["read_time_ps", "stall_cause", "Where reads spent their time"]]) {
    const found = variable("/", name);
    if (!found) continue;
    const keys = values("/", inner), width = keys.length;
    const rows = columns.map((label, x) => {
      const at = [...place.at];
      at[place.across] = x;
      const first = flat(at) * width;
      return {name: label, amounts: found.values.slice(first, first + width)};
    });
    const others = names
                       .map((other, i) => i === place.across || statusShape()[i] < 2 ?
                                null :
                                `${other} ${nameOf(other, place.at[i])}`)
                       .filter((each) => each);
    container.append(make(
        "h3", {}, `${title}, over ${across}` + (others.length ? `, at ${others.join(", ")}` : "")));
    stackRows(container, keys, rows);
    const sums =
        keys.map((_, i) => total(rows.map((each) => each.amounts[i] / total(each.amounts))));
    container.append(stackKeys(keys, sums));
  }
}

function failures(container) {
  const statuses = values("/", "status"), names = sweptNames();
  const failed = range(statuses.length).filter((i) => statuses[i] === "failed");
  if (!failed.length) return;
  const at = (index) =>
      placeOf(index).map((one, i) => `${names[i]} ${nameOf(names[i], one)}`).join(", ");
  container.append(table(
      [
        {title: "run", text: true, long: true, cell: at},
        {title: "error", text: true, long: true, cell: (i) => values("/", "error")[i]},
      ],
      failed));
}

const sweepSections = [
  ["summary", "Summary", sweepTiles],
  ["explore", "Results", explore],
  ["failures", "Failed runs", failures],
];
