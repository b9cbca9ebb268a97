// Stacks: shares of a whole, side by side. Warp states and stall causes have a hue for each part of
// the machine, so that the two levels can be read together.

const kHues = {
  "dram.path": [205, 60, 12],
  "dram.cpu": [50, 70, 4],
  "dram.queue": [222, 70, 0],
  "dram.turnaround": [268, 50, 8],
  "dram.refresh": [300, 40, 8],
  "dram.row_conflict": [345, 55, 6],
  "dram.activate_window": [15, 50, 2],
  "dram.row_miss": [245, 45, 20],
  "dram.bank_group": [185, 40, 22],
  "dram.burst": [195, 65, 2],
  activate: [245, 45, 10],
  read: [205, 60, 2],
  write: [25, 65, 4],
  pins: [185, 45, 10],
  refresh: [300, 40, 8],
  standby: [215, 10, 10],
  idle: [215, 10, 6],
  sms: [140, 45, 10],
  instructions: [75, 50, 6],
  arithmetic: [38, 80, 6],
  tensor: [28, 70, 0],
  shared: [320, 45, 8],
  dram: [205, 60, 4],
  regulators: [345, 30, 14],
  selected: [140, 60],
  not_selected: [140, 40],
  wait: [95, 40],
  math_pipe_throttle: [75, 50],
  long_scoreboard: [212, 75],
  lg_throttle: [232, 60],
  membar: [252, 45],
  drain: [195, 50],
  short_scoreboard: [38, 80],
  mio_throttle: [28, 80],
  barrier: [320, 45],
  imc_miss: [0, 45],
  other: [215, 8],
  l1: [140, 45],
  tlb: [320, 45],
  xbar: [38, 80],
  l2: [175, 55],
  slc: [158, 50],
  link: [0, 60],
  page: [0, 35],
};

// Names of one part of the machine differ in lightness: by what stands above or by their order.
function stackColours(names) {
  const seen = {};
  return names.map((name) => {
    const part = kHues[name] ? name : name.split(".")[0];
    const [hue, saturation, lighter] = kHues[part] || kHues.other;
    const place = seen[part] = (seen[part] ?? -1) + 1;
    const light = lighter ?? (place % 5) * 10;
    return `hsl(${hue} ${saturation}% ${isDark() ? 62 - light * 0.8 : 40 + light}%)`;
  });
}

function stackBar(names, amounts, isSmall) {
  const colours = stackColours(names), all = total(amounts);
  const bar = make("div", {class: isSmall ? "stack small plot" : "stack plot"});
  names.forEach((name, i) => {
    if (!(amounts[i] > 0)) return;
    bar.append(make("div", {
      style: `flex:${amounts[i] / all} 0 0;background:${colours[i]}`,
      title: `${name}: ${percent(amounts[i] / all)}`
    }));
  });
  return bar;
}

// What the colours mean, the largest share first.
function stackKeys(names, amounts, text) {
  const colours = stackColours(names), all = total(amounts);
  const places = range(names.length)
                     .filter((i) => amounts[i] > 0.0005 * all)
                     .sort((a, b) => amounts[b] - amounts[a]);
  return make(
      "div", {class: "keys"},
      ...places.map(
          (i) => make(
              "div", {}, make("span", {class: "swatch", style: `background:${colours[i]}`}),
              make("span", {class: "share"}, text ? text(amounts[i]) : percent(amounts[i] / all)),
              make("span", {class: "name"}, names[i]),
              make("span", {class: "meaning", title: file.meanings[names[i]] || ""},
                   file.meanings[names[i]] || ""))));
}

function stack(container, title, names, amounts, text) {
  if (!(total(amounts) > 0)) return;
  container.append(make("h3", {}, title), stackBar(names, amounts, false),
                   stackKeys(names, amounts, text));
}

// One small stack a row: `rows` are {name, amounts}.
function stackRows(container, names, rows) {
  const list = make("div", {class: "stackrows"});
  for (const each of rows) {
    if (!(total(each.amounts) > 0)) continue;
    list.append(make("div", {class: "name", title: each.name}, each.name),
                stackBar(names, each.amounts, true));
  }
  container.append(list);
}
