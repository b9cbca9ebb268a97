// Numbers with their units, as people write them, and the few elements that sections are made of.

const kPrefixes = [
  [1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"],
  [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"], [1e-15, "f"]
];
const kWholeUnits = new Set(["B", "B/s", "/s", ""]);

function digits(number) {
  const size = Math.abs(number);
  return number.toFixed(size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}

function withPrefix(number, unit) {
  if (!isNumber(number)) return "–";
  const size = Math.abs(number);
  const least = kWholeUnits.has(unit) ? 1 : 1e-15;
  const found = kPrefixes.find(([factor]) => size >= factor * 0.9995 && factor >= least);
  const [factor, prefix] = found || [least, ""];
  if (size === 0) return `0 ${unit}`.trim();
  return `${digits(number / factor)} ${prefix}${unit}`.trim();
}

function percent(share, decimals = 1) {
  return isNumber(share) ? `${(share * 100).toFixed(decimals)} %` : "–";
}

function signedPercent(share) {
  if (!isNumber(share)) return "–";
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}

// The same for the marks of an axis, which are round.
function markText(number, unit) {
  return withPrefix(number, unit).replace(/(\.\d*?)0+ /, "$1 ").replace(/\. /, " ");
}

function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

// A value of a variable, by the units that result files use.
function quantity(value, units) {
  if (typeof value === "string") return value;
  switch (units) {
    case "s":
      return withPrefix(value, "s");
    case "ps":
      return withPrefix(value === null ? NaN : value * 1e-12, "s");
    case "B":
      return withPrefix(value, "B");
    case "B s-1":
      return withPrefix(value, "B/s");
    case "J":
      return withPrefix(value, "J");
    case "W":
      return withPrefix(value, "W");
    default:
      if (!isNumber(value)) return "–";
      return Math.abs(value) >= 10000 ? withPrefix(value, "") : String(+value.toPrecision(4));
  }
}

// An element with classes, attributes and children; text is never read as HTML.
function make(kind, properties = {}, ...children) {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class")
      element.className = value;
    else if (name === "style")
      element.style.cssText = value;
    else if (name.startsWith("on"))
      element[name] = value;
    else
      element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function note(text) {
  return make("p", {class: "note"}, text);
}

function tile(what, value, more) {
  return make("div", {class: "tile"}, make("div", {class: "what"}, what),
              make("div", {class: "value"}, value.replaceAll("_", "_\u200b")),
              make("div", {class: "more"}, more || ""));
}

function tiles(...list) {
  return make("div", {class: "tiles"}, ...list.filter((each) => each));
}

// `columns` are {title, text: true for words, cell(row)}; a cell is text or an element.
function table(columns, rows, decorate) {
  const kind = (column) => column.text ? (column.long ? "text long" : "text") : "";
  const head =
      make("tr", {}, ...columns.map((each) => make("th", {class: kind(each)}, each.title)));
  const body = rows.map((each) => {
    const cells = columns.map((column) => make("td", {class: kind(column)}, column.cell(each)));
    const line = make("tr", {}, ...cells);
    if (decorate) decorate(line, each);
    return line;
  });
  return make("div", {class: "scroll"},
              make("table", {class: "full"}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function choice(label, options, chosen, changed) {
  const select = make("select", {onchange: () => changed(select.selectedIndex)},
                      ...options.map((text) => make("option", {}, text)));
  select.selectedIndex = chosen;
  return make("label", {}, label, select);
}

// The names of a kernel: templates and namespaces make them long, their middles tell little.
function shortName(name, most = 44) {
  if (name.length <= most) return name;
  const half = Math.floor((most - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(name.length - half)}`;
}
