// Times of many layers, beside measured ones where there are some.

function layerRows() {
  const of = (name) => values("layers", name);
  return range(of("gpu").length).map((i) => ({
                                       gpu: of("gpu")[i],
                                       family: of("family")[i],
                                       text: of("text")[i],
                                       kernel: of("kernel")[i],
                                       bound: of("bound")[i],
                                       simulated: of("simulated_time")[i],
                                       spread: of("spread")[i],
                                       measured: of("measured_time")[i],
                                       overhead: of("overhead")[i],
                                       error: of("error")[i],
                                       predicted: of("simulated_time")[i] + of("overhead")[i],
                                     }));
}

function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function layerTiles(container) {
  const rows = layerRows(), measured = rows.filter((each) => isNumber(each.error));
  const errors = measured.map((each) => Math.abs(each.error));
  const bounds =
      [...groupsBy(rows, (each) => each.bound).entries()].sort((a, b) => b[1].length - a[1].length);
  container.append(tiles(
      tile("layers", String(rows.length), unique(rows.map((r) => r.gpu)).join(", ")),
      tile("time of all", withPrefix(total(rows.map((r) => r.simulated)), "s"), "simulated"),
      bounds.length ?
          tile("most are bound by", bounds[0][0], `${bounds[0][1].length} of ${rows.length}`) :
          null,
      measured.length ?
          tile("mean error", percent(mean(errors)), `of ${measured.length} that were measured`) :
          null,
      measured.length ? tile("median error", percent(percentile(errors, 0.5)),
                             `90 % within ${percent(percentile(errors, 0.9))}`) :
                        null));
  if (!measured.length) return;
  const groups = [...groupsBy(measured, (each) => `${each.gpu}\n${each.family}`).values()];
  const absolute = (group) => group.map((each) => Math.abs(each.error));
  container.append(
      make("h3", {}, "By GPU and family"),
      table(
          [
            {title: "GPU", text: true, cell: (g) => g[0].gpu},
            {title: "family", text: true, cell: (g) => g[0].family},
            {title: "layers", cell: (g) => String(g.length)},
            {title: "overhead", cell: (g) => withPrefix(g[0].overhead, "s")},
            {title: "mean error", cell: (g) => percent(mean(absolute(g)))},
            {title: "median", cell: (g) => percent(percentile(absolute(g), 0.5))},
            {title: "90 %", cell: (g) => percent(percentile(absolute(g), 0.9))},
            {title: "worst", cell: (g) => percent(Math.max(...absolute(g)))},
            {title: "bias", cell: (g) => signedPercent(mean(g.map((each) => each.error)))},
          ],
          groups));
}

function scatter(container) {
  const rows = layerRows().filter((each) => each.measured > 0 && each.predicted > 0);
  if (rows.length < 2) return;
  const all = rows.flatMap((each) => [each.measured, each.predicted]);
  const low = Math.min(...all) / 1.5, high = Math.max(...all) * 1.5;
  const families = unique(rows.map((each) => each.family));
  const axis = (title) => ({low, high, title, text: (v) => markText(v, "s")});
  const line = (factor, dash, label) => ({
    colour: colour("faint"),
    dash,
    label,
    points: factor > 1 ? [[low, low * factor], [high / factor, high]] :
                         [[low / factor, low], [high, high * factor]]
  });
  logDiagram(container, {x: axis("measured"), y: axis("predicted")},
             [line(1, "", ""), line(1.25, "5 4", ""), line(0.8, "5 4", "")],
             rows.map((each) => ({
                        x: each.measured,
                        y: each.predicted,
                        radius: 3.5,
                        colour: seriesColour(families.indexOf(each.family)),
                        title: `${each.text}\n${each.gpu}: ` +
                            `${withPrefix(each.predicted, "s")} for ` +
                            `${withPrefix(each.measured, "s")}, ` + signedPercent(each.error)
                      })));
  container.append(
      colourKeys(families.map((label, i) => ({label, colour: seriesColour(i)}))),
      note("Dashed: 25 % too long, 20 % too short. Predicted is simulated with the overhead."));
}

function layerTable(container) {
  const rows = layerRows(), isMeasured = rows.some((each) => isNumber(each.error));
  const size = (each) => isMeasured ? Math.abs(each.error) || 0 : each.simulated;
  const shown = [...rows].sort((a, b) => size(b) - size(a)).slice(0, 200);
  container.append(
      note((shown.length < rows.length ? `${shown.length} of ${rows.length}, t` : "T") +
           `he ${isMeasured ? "farthest off" : "longest"} first.`));
  const measured = isMeasured ?
      [
        {title: "predicted", cell: (r) => withPrefix(r.predicted, "s")},
        {title: "measured", cell: (r) => withPrefix(r.measured, "s")},
        {title: "error", cell: (r) => signedPercent(r.error)}
      ] :
      [];
  container.append(table(
      [
        {title: "layer", text: true, long: true, cell: (r) => r.text},
        {title: "GPU", text: true, cell: (r) => r.gpu},
        {title: "simulated", cell: (r) => withPrefix(r.simulated, "s")},
        ...measured,
        {title: "bound by", text: true, cell: (r) => r.bound},
        {
          title: "kernel",
          text: true,
          cell: (r) => make("span", {title: r.kernel}, shortName(r.kernel, 30))
        },
      ],
      shown));
}

const layerSections = [
  ["summary", "Summary", layerTiles],
  ["scatter", "Predicted over measured", scatter],
  ["layers", "Layers", layerTable],
];
