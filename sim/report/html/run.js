// A run of kernels on a GPU: where the time went, what the memory moved, and when.

const kPs = 1e-12;

// The kernels that the pictures below the table are about; all of them at first.
const picked = {
  kernel: -1
};

function pickedKernels() {
  return picked.kernel < 0 ? range(values("kernels", "time").length) : [picked.kernel];
}

function kernelNames() {
  return values("kernels", "name").map((name, i) => `${i} ${name}`);
}

// A mean over kernels, each by the time it took.
function timeMean(name, indices) {
  const times = values("kernels", "time"), rates = values("kernels", name);
  let sum = 0, time = 0;
  for (const i of indices) {
    if (!isNumber(rates[i])) continue;
    sum += rates[i] * times[i];
    time += times[i];
  }
  return time > 0 ? sum / time : NaN;
}

function ratioOfSums(part, whole) {
  return total(values("kernels", part)) / total(values("kernels", whole));
}

function runTiles(container) {
  const times = values("kernels", "time"), all = range(times.length);
  const dram = timeMean("dram_read_bandwidth", all) + timeMean("dram_write_bandwidth", all);
  const states = values("kernels", "warp_state"), causes = values("kernels", "stall_cause");
  const byState = sumOfRows("kernels", "warp_time_ps", all);
  const byCause = sumOfRows("kernels", "memory_wait_ps", all);
  const top = (names, amounts) => {
    const most = amounts.indexOf(Math.max(...amounts));
    return total(amounts) > 0 ? [names[most], percent(amounts[most] / total(amounts))] : ["–", ""];
  };
  const [state, stateShare] = top(states, byState);
  const [cause, causeShare] = top(causes, byCause);
  const longest = times.indexOf(Math.max(...times));
  const leftOut = total(values("kernels", "left_out_ps")) * kPs;
  const energy = total(values("kernels", "dram_energy")), copies = values("copies", "time").length;
  const board = total(values("kernels", "board_energy").filter(isNumber));
  container.append(tiles(
      tile("time in kernels", withPrefix(total(times), "s"),
           `${plural(times.length, "kernel")} and ` +
               `${plural(copies, "host copy", "host copies")} in ` +
               quantity(attribute("end_ps"), "ps")),
      tile("DRAM bandwidth", withPrefix(dram, "B/s"),
           `${percent(dram / attribute("dram_peak_bandwidth"))} of the pins`),
      tile("L2 hits", percent(ratioOfSums("l2_read_sector_hits", "l2_read_sectors")),
           "of the sectors that SMs read"),
      tile("most warp time", state, stateShare), tile("most memory wait", cause, causeShare),
      longest < 0 ?
          null :
          tile("longest kernel", values("kernels", "bound")[longest],
               `by ${values("kernels", "bound_by")[longest]}, ` + withPrefix(times[longest], "s")),
      isNumber(energy) && energy > 0 ?
          tile("DRAM energy", withPrefix(energy, "J"),
               `${withPrefix(timeMean("dram_power", all), "W")} on average`) :
          null,
      board > 0 ? tile("board energy", withPrefix(board, "J"),
                       `${withPrefix(timeMean("board_power", all), "W")} on average`) :
                  null,
      leftOut > 0 ? tile("by sampling", percent(leftOut / total(times)),
                         "of the time stands for waves that were not simulated") :
                    null));
  const broken = attribute("dram_rule_violations");
  if (broken > 0) {
    container.append(make("p", {class: "bad"}, `${broken} DRAM timing rules were broken.`));
  }
}

const kMostListed = 100;

function kernelTable(container) {
  const times = values("kernels", "time"), most = Math.max(...times), all = total(times);
  const rows = largest(times, kMostListed);
  const of = (name) => (i) => values("kernels", name)[i];
  const share = (name) => (i) => percent(of(name)(i), 0);
  if (rows.length < times.length) {
    container.append(note(`The ${rows.length} longest of ${times.length} kernels: ` +
                          `${percent(total(rows.map((i) => times[i])) / all)} of the time.`));
  }
  container.append(note("A click on a kernel shows it alone in the pictures below."));
  container.append(
      table(
          [
            {
              title: "kernel",
              text: true,
              cell: (i) => make("span", {title: of("name")(i)}, `${i} ${shortName(of("name")(i))}`)
            },
            {title: "time", cell: (i) => withPrefix(times[i], "s")},
            {
              title: "",
              text: true,
              cell: (i) => make(
                  "span", {class: "bar", style: `width:${Math.max(1, times[i] / most * 70)}px`})
            },
            {
              title: "CTAs",
              cell: (i) => quantity(of("grid_x")(i) * of("grid_y")(i) * of("grid_z")(i), "1")
            },
            {
              title: "DRAM",
              cell: (i) =>
                  withPrefix(of("dram_read_bandwidth")(i) + of("dram_write_bandwidth")(i), "B/s")
            },
            {title: "of pins", cell: share("dram_share_of_pins")},
            {title: "L2 hits", cell: share("l2_read_hit_rate")},
            {title: "L1 hits", cell: share("l1_hit_rate")},
            {title: "warp slots", cell: share("occupancy")},
            {title: "bound by", text: true, cell: of("bound_by")},
          ],
          rows, (line, i) => {
            line.classList.add("pickable");
            if (i === picked.kernel) line.classList.add("picked");
            line.onclick = () => {
              picked.kernel = picked.kernel === i ? -1 : i;
              drawAll();
            };
          }));
}

function ofWhich() {
  return picked.kernel < 0 ? "all kernels" : shortName(kernelNames()[picked.kernel], 60);
}

function stalls(container) {
  const states = values("kernels", "warp_state"), causes = values("kernels", "stall_cause");
  if (!states.length) return;
  const chosen = pickedKernels();
  container.append(
      note(`Of ${ofWhich()}. Every resident warp is in one state at every instant; ` +
           "what it spent waiting for memory is charged to where the last sector to return was."));
  stack(container, "What the resident warps did", states,
        sumOfRows("kernels", "warp_time_ps", chosen));
  stack(container, "Where they waited for memory", causes,
        sumOfRows("kernels", "memory_wait_ps", chosen));
  const times = values("kernels", "time");
  if (picked.kernel >= 0 || times.length < 2) return;
  const rows = largest(times, 12), names = kernelNames();
  const ofKernels = (name) => rows.map((i) => ({name: names[i], amounts: row("kernels", name, i)}));
  const left = make("div"), right = make("div");
  left.append(make("h3", {}, "Warp states, by kernel"));
  stackRows(left, states, ofKernels("warp_time_ps"));
  right.append(make("h3", {}, "Memory waits, by kernel"));
  stackRows(right, causes, ofKernels("memory_wait_ps"));
  container.append(make("div", {class: "columns"}, left, right));
}

// Warp instructions over the bytes that they moved, against what the pins, the L2 and the issue
// slots allow: the roofline in its form for instructions, which needs no floating point.
function roofline(container) {
  const instructions = values("kernels", "sm_warp_instructions");
  const issue = attribute("issue_peak");
  if (!instructions.length || !issue) return;
  const times = values("kernels", "time");
  const left = values("kernels", "left_out_ps");
  const dramBytes = (i) =>
      (values("kernels", "dram_read_bandwidth")[i] + values("kernels", "dram_write_bandwidth")[i]) *
      (times[i] - left[i] * kPs);
  const l2Bytes = (i) => values("kernels", "l2_bandwidth")[i] * (times[i] - left[i] * kPs);
  const dots = [], longest = Math.max(...times);
  for (const [name, bytes, paint] of [["DRAM", dramBytes, seriesColour(0)],
                                      ["L2", l2Bytes, seriesColour(1)]]) {
    for (const i of largest(times, 200)) {
      const simulated = times[i] - left[i] * kPs, moved = bytes(i);
      if (!(moved > 0) || !(instructions[i] > 0)) continue;
      const isFaint = picked.kernel >= 0 && picked.kernel !== i;
      dots.push({
        x: instructions[i] / moved,
        y: instructions[i] / simulated,
        colour: isFaint ? colour("line") : paint,
        radius: 4 + 7 * Math.sqrt(times[i] / longest),
        title: `${values("kernels", "name")[i]}\n${name}: ` +
            `${withPrefix(instructions[i] / simulated, "")} warp instructions a second, ` +
            `${(instructions[i] / moved).toPrecision(3)} a byte`
      });
    }
  }
  if (!dots.length) return;
  const bandwidths = [
    ["DRAM pins", attribute("dram_peak_bandwidth"), 0], ["L2", attribute("l2_bound_bandwidth"), 1]
  ];
  const lowX = Math.min(...dots.map((d) => d.x), issue / bandwidths[1][1]) / 4;
  const highX = Math.max(...dots.map((d) => d.x), issue / bandwidths[0][1]) * 4;
  const lowY = Math.min(...dots.map((d) => d.y), lowX * bandwidths[0][1] * 2) / 2;
  const axes = {
    x: {
      low: lowX,
      high: highX,
      title: "warp instructions a byte",
      text: (v) => String(+v.toPrecision(2))
    },
    y: {
      low: lowY,
      high: issue * 2.2,
      title: "warp instructions a second",
      text: (v) => markText(v, "/s")
    }
  };
  const lines = bandwidths.map(([name, most, i]) => {
    const from = Math.max(lowX, lowY / most);
    return {
      colour: seriesColour(i),
      label: `${name}: ${withPrefix(most, "B/s")}`,
      points: [[from, from * most], [issue / most, issue]]
    };
  });
  lines.push({
    colour: colour("faint"),
    label: `issue slots: ${withPrefix(issue, "/s")}`,
    points: [[issue / bandwidths[1][1], issue], [highX, issue]]
  });
  logDiagram(container, axes, lines, dots);
  container.append(note(
      "Each kernel stands here twice: by its bytes to the DRAM (blue) and by " +
      "those between SMs and L2 (orange), the larger the longer it took. Under a slanted line it " +
      "is that bandwidth that bounds it, under the level one the issue slots."));
}

function kernelLatencies(container) {
  const edges = values("kernels", "latency_bin");
  if (!edges.length) return;
  container.append(note(`Of ${ofWhich()}: loads, atomics and async copies, issue to last sector.`));
  if (!latencies(container, edges, sumOfRows("kernels", "load_latency_count", pickedKernels()))) {
    container.append(note("Nothing was loaded."));
  }
}

const kEnergies = ["activate", "read", "write", "pins", "refresh", "standby"];

// The shares of a board's energy in `group`, added up over `rows`; nothing where it is not known.
function boardEnergy(container, title, group, rows) {
  const prefix = "board_energy_";
  const names = Object.keys(variables(group)).filter((name) => name.startsWith(prefix));
  const amounts = names.map((name) => total(rows.map((i) => values(group, name)[i])));
  stack(container, title, names.map((name) => name.slice(prefix.length)), amounts,
        (joules) => withPrefix(joules, "J"));
}

function energy(container) {
  const chosen = pickedKernels();
  const amounts = kEnergies.map(
      (name) => total(chosen.map((i) => values("kernels", `dram_energy_${name}`)[i])));
  stack(container, `Where it went, of ${ofWhich()}`, kEnergies, amounts,
        (joules) => withPrefix(joules, "J"));
  boardEnergy(container, `Of the whole board, of ${ofWhich()}`, "kernels", chosen);
}

function balance(container) {
  const shown = [
    ["components/sm", "active_cycles", "Active cycles of each SM"],
    ["components/l2_slice", "read_sectors", "Sectors read from each L2 slice"],
    ["components/dram_channel", "data_bus_cycles", "Cycles of data on each DRAM channel"]
  ];
  for (const [group, name, title] of shown) {
    const numbers = values(group, name);
    if (numbers.length > 1 && total(numbers) > 0) strip(container, numbers, title, "1");
  }
}

const runSections = [
  ["summary", "Summary", runTiles],
  ["kernels", "Kernels", kernelTable],
  ["stalls", "Stalls", stalls],
  ["roofline", "Roofline", roofline],
  ["time", "Over time", overTime],
  ["channels", "DRAM channels over time", channels],
  ["latency", "Latencies", kernelLatencies],
  ["energy", "DRAM energy", energy],
  ["balance", "Balance", balance],
];
