// Steps of networks on several GPUs: time and energy of an epoch over the batch, and every row.

function comparisonRows() {
  const of = (name) => values("steps", name);
  return range(of("gpu").length).map((i) => ({
                                       gpu: of("gpu")[i],
                                       network: of("network")[i],
                                       batch: of("batch")[i],
                                       step: of("step_time")[i],
                                       copy: of("host_copy_time")[i],
                                       rate: of("rate")[i],
                                       steps: of("steps_of_epoch")[i],
                                       energy: of("board_energy")[i],
                                       copyEnergy: of("host_copy_energy")[i],
                                       power: of("board_power")[i],
                                       efficiency: of("efficiency")[i],
                                       bound: of("bound")[i],
                                     }));
}

// Of an epoch where its length is known, else of a step.
function wholeOf(each, one, copy) {
  return (each.steps || 1) * (one + copy);
}

const kCompared = [
  ["time, host copies included", "s", (each) => wholeOf(each, each.step, each.copy)],
  ["energy of the board", "J", (each) => wholeOf(each, each.energy, each.copyEnergy)],
  ["samples or tokens of a joule", "", (each) => each.efficiency],
];

function comparisonCurves(container) {
  for (const [network, rows] of groupsBy(comparisonRows(), (each) => each.network)) {
    const batches = unique(rows.map((each) => each.batch)).sort((a, b) => a - b);
    const gpus = unique(rows.map((each) => each.gpu));
    if (batches.length < 2) continue;
    for (const [title, unit, value] of kCompared) {
      const series = gpus.map((gpu, i) => ({
                                name: gpu,
                                colour: seriesColour(i),
                                dots: true,
                                values: batches.map((batch) => {
                                  const found = rows.find(
                                      (each) => each.gpu === gpu && each.batch === batch);
                                  return found && isNumber(value(found)) ? value(found) : null;
                                })
                              }));
      if (!series.some((each) => each.values.some(isNumber))) continue;
      const what = rows[0].steps && unit ? `${title}, of an epoch` : title;
      container.append(make("h3", {}, `${network}: ${what}`));
      curves(container, {
        x: batches,
        xLog: true,
        xText: (v) => String(v),
        xTitle: "batch",
        yText: (v) => withPrefix(v, unit),
        yLow: 0,
        height: 240,
        ticks: batches,
        series
      });
    }
  }
}

function comparisonTable(container) {
  for (const group of groupsBy(comparisonRows(), (each) => `${each.network} ${each.batch}`)
           .values()) {
    const first = group[0];
    container.append(
        make("h3", {}, `${first.network}, batch ${first.batch}`),
        table(
            [
              {title: "GPU", text: true, cell: (r) => r.gpu},
              {title: "step", cell: (r) => withPrefix(r.step, "s")},
              {title: "rate", cell: (r) => withPrefix(r.rate, "/s")},
              {title: "against the first", cell: (r) => (r.rate / first.rate).toFixed(2)},
              {title: "host copy", cell: (r) => withPrefix(r.copy, "s")},
              {title: "energy of a step", cell: (r) => withPrefix(r.energy, "J")},
              {title: "of its copy", cell: (r) => withPrefix(r.copyEnergy, "J")},
              {title: "power", cell: (r) => withPrefix(r.power, "W")},
              {title: "of a joule", cell: (r) => withPrefix(r.efficiency, "")},
              {
                title: "against the first",
                cell: (r) => (r.efficiency / first.efficiency).toFixed(2)
              },
              {title: "bound by", text: true, cell: (r) => r.bound},
            ],
            group));
  }
}

const comparisonSections = [
  ["curves", "Over the batch", comparisonCurves],
  ["rows", "Side by side", comparisonTable],
];
