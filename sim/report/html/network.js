// A step of a network: its operations in the order of their launch, and where their time went.

const opened = {
  operation: -1
};

function operationRows() {
  const of = (name) => values("operations", name);
  return range(of("name").length).map((i) => ({
                                        i,
                                        name: of("name")[i],
                                        pass: of("pass")[i],
                                        layer: of("layer")[i],
                                        kernel: of("kernel")[i],
                                        launches: of("launches")[i],
                                        time: of("time")[i],
                                        launchTime: of("launch_time")[i],
                                        bound: of("bound")[i],
                                        operations: of("operations")[i],
                                        dram: of("dram_read_bytes")[i] + of("dram_write_bytes")[i],
                                      }));
}

function networkTiles(container) {
  const step = (name) => values("step", name)[0], rows = operationRows();
  const kernels = total(rows.map((each) => each.time));
  const dram = total(rows.map((each) => each.dram));
  container.append(tiles(
      tile(
          "time of a step", withPrefix(step("time"), "s"),
          `batch ${step("batch")}, ${withPrefix(step("batch") / step("time"), "/s")}`),
      tile("in kernels", withPrefix(kernels, "s"), percent(kernels / step("time"))),
      tile(
          "in launches", withPrefix(total(rows.map((each) => each.launchTime)), "s"),
          plural(total(rows.map((each) => each.launches)), "kernel")),
      step("host_wait_time") > 0 ?
          tile(
              "waiting for the host", withPrefix(step("host_wait_time"), "s"),
              `${plural(step("calls"), "call")}, ` +
                  `one every ${withPrefix(step("host_interval"), "s")}`) :
          null,
      tile(
          "longest chain", withPrefix(step("critical_path"), "s"),
          "of operations that need each other"),
      tile("DRAM", withPrefix(dram, "B"), `${withPrefix(dram / kernels, "B/s")} in kernels`),
      step("board_energy") > 0 ? tile("board energy", withPrefix(step("board_energy"), "J"),
                                      `${withPrefix(step("board_power"), "W")} on average`) :
                                 null,
      tile(
          "parameters", quantity(step("parameters"), "1"),
          `${withPrefix(step("memory_bytes"), "B")} needed at once`)));
  for (const [key, title] of [["pass", "By pass"], ["bound", "By what bounds it"]]) {
    const groups = [...groupsBy(rows, (each) => each[key])];
    const times = groups.map(([, those]) => total(those.map((each) => each.time)));
    if (groups.length < 2) continue;
    const part = make("div", {class: "stack plot"});
    groups.forEach(
        ([name], i) => part.append(make(
            "div",
            {title: name, style: `flex:${times[i] / kernels} 0 0;background:${seriesColour(i)}`})));
    container.append(
        make("h3", {}, title), part,
        colourKeys(groups.map(
            ([name], i) =>
                ({label: `${name} ${percent(times[i] / kernels)}`, colour: seriesColour(i)}))));
  }
}

// The stalls of operations are shares of each: weighted with their times they are the step's.
function networkStalls(container) {
  const rows = operationRows();
  const chosen = opened.operation < 0 ? rows : [rows[opened.operation]];
  const weighted = (name, names) => names.map(
      (_, i) => total(chosen.map((each) => each.time * (row("operations", name, each.i)[i] || 0))));
  const states = values("operations", "warp_state"), causes = values("operations", "cause");
  const which = opened.operation < 0 ? "all operations" : chosen[0].name;
  container.append(note(`Of ${which}. A click on an operation in the table shows it alone.`));
  stack(container, "What the resident warps did", states, weighted("warp_time", states));
  stack(container, "Where they waited for memory", causes, weighted("memory_time", causes));
}

function operationTable(container) {
  const rows = operationRows(), most = Math.max(...rows.map((each) => each.time));
  container.append(table(
      [
        {title: "operation", text: true, cell: (r) => make("span", {title: r.layer}, r.name)},
        {title: "pass", text: true, cell: (r) => r.pass},
        {title: "time", cell: (r) => withPrefix(r.time, "s")},
        {
          title: "",
          text: true,
          cell: (r) =>
              make("span", {class: "bar", style: `width:${Math.max(1, r.time / most * 70)}px`})
        },
        {title: "launches", cell: (r) => withPrefix(r.launchTime, "s")},
        {title: "FLOP/s", cell: (r) => withPrefix(r.operations / r.time, "")},
        {title: "DRAM", cell: (r) => withPrefix(r.dram / r.time, "B/s")},
        {title: "bound by", text: true, cell: (r) => r.bound},
        {
          title: "kernel",
          text: true,
          cell: (r) => make("span", {title: r.kernel}, shortName(r.kernel, 30))
        },
      ],
      rows, (line, each) => {
        line.classList.add("pickable");
        if (each.i === opened.operation) line.classList.add("picked");
        line.onclick = () => {
          opened.operation = opened.operation === each.i ? -1 : each.i;
          drawAll();
        };
      }));
}

function networkEnergy(container) {
  boardEnergy(container, "Of a step, of the whole board", "step", [0]);
}

const networkSections = [
  ["summary", "Summary", networkTiles],
  ["stalls", "Stalls", networkStalls],
  ["energy", "Energy", networkEnergy],
  ["operations", "Operations", operationTable],
];
