// Pictures other than curves: colours, log-log diagrams, heat maps, tables of coloured cells.

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function isDark() {
  return document.documentElement.dataset.theme === "dark";
}

// Colours that stay apart for the colour-blind (Okabe and Ito), a little lighter on dark ground.
const kSeries = [
  ["#0072b2", "#56a8e0"], ["#d55e00", "#f28c4b"], ["#009e73", "#3cc79b"], ["#cc79a7", "#e39cc3"],
  ["#b58900", "#e5c04b"], ["#6a51a3", "#a794db"], ["#56606c", "#a4aebb"], ["#8c564b", "#c48f83"]
];

function seriesColour(i) {
  return kSeries[i % kSeries.length][isDark() ? 1 : 0];
}

// From little to much; light to dark on light ground, the other way round on dark.
const kHeat = [[247, 251, 255], [198, 219, 239], [107, 174, 214], [33, 113, 181], [8, 48, 107]];
const kHeatDark = [[24, 29, 36], [22, 62, 105], [30, 110, 170], [95, 175, 220], [220, 240, 250]];

function heatColour(share) {
  const stops = isDark() ? kHeatDark : kHeat;
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  return stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * (place - low)));
}

function rgb(parts) {
  return `rgb(${parts.join(",")})`;
}

function svg(kind, properties, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// What a picture inside may be wide.
function widthOf(container) {
  const style = getComputedStyle(container);
  const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return Math.max(Math.floor(container.clientWidth - padding), 240);
}

// Powers of ten, and with little space between the ends 2 and 5 times those.
function logTicks(low, high) {
  const ticks = [];
  const steps = Math.log10(high / low) < 2.2 ? [1, 2, 5] : [1];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

// A diagram with two logarithmic axes. `axes` are {x, y: {low, high, title, text(value)}};
// `lines` are {points, colour, dash, label}, `dots` {x, y, colour, radius, title}.
function logDiagram(container, axes, lines, dots) {
  const width = widthOf(container), height = Math.min(420, Math.max(280, width * 0.5));
  const edge = {left: 62, right: 14, top: 16, bottom: 42};
  const across = (axis, value, from, to) =>
      from + (to - from) * Math.log(value / axis.low) / Math.log(axis.high / axis.low);
  const x = (value) => across(axes.x, value, edge.left, width - edge.right);
  const y = (value) => across(axes.y, value, height - edge.bottom, edge.top);
  const picture = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, class: "plot"});
  const clip = `clip-${Math.random().toString(36).slice(2)}`;
  picture.append(svg("clipPath", {id: clip}, svg("rect", {
                       x: edge.left,
                       y: edge.top,
                       width: width - edge.left - edge.right,
                       height: height - edge.top - edge.bottom
                     })));
  for (const tick of logTicks(axes.x.low, axes.x.high)) {
    picture.append(
        svg("line", {
          x1: x(tick),
          x2: x(tick),
          y1: edge.top,
          y2: height - edge.bottom,
          stroke: colour("grid")
        }),
        svg("text",
            {x: x(tick), y: height - edge.bottom + 16, class: "faint", "text-anchor": "middle"},
            axes.x.text(tick)));
  }
  for (const tick of logTicks(axes.y.low, axes.y.high)) {
    picture.append(
        svg("line", {
          x1: edge.left,
          x2: width - edge.right,
          y1: y(tick),
          y2: y(tick),
          stroke: colour("grid")
        }),
        svg("text", {x: edge.left - 6, y: y(tick) + 4, class: "faint", "text-anchor": "end"},
            axes.y.text(tick)));
  }
  picture.append(
      svg("text", {x: (edge.left + width - edge.right) / 2, y: height - 6, "text-anchor": "middle"},
          axes.x.title),
      svg("text", {x: 8, y: 11}, axes.y.title));
  const inside = svg("g", {"clip-path": `url(#${clip})`});
  for (const line of lines) {
    const path = line.points.map(([px, py]) => `${x(px)},${y(py)}`).join(" ");
    inside.append(svg("polyline", {
      points: path,
      fill: "none",
      stroke: line.colour,
      "stroke-width": 1.8,
      "stroke-dasharray": line.dash || ""
    }));
  }
  for (const dot of dots) {
    inside.append(svg("circle", {
      cx: x(dot.x),
      cy: y(dot.y),
      r: dot.radius,
      fill: dot.colour,
      "fill-opacity": 0.75,
      stroke: colour("card")
    },
                      svg("title", {}, dot.title)));
  }
  picture.append(inside);
  container.append(picture);
  container.append(colourKeys(lines.filter((line) => line.label)));
}

// What lines and dots are: {label, colour}.
function colourKeys(list) {
  return make("div", {class: "keys"},
              ...list.map((each) => make(
                              "div", {},
                              make("span", {class: "swatch", style: `background:${each.colour}`}),
                              make("span", {class: "name"}, each.label))));
}

// A value for each column and row as a colour from 0 to `most`; `cell(column, row)` is its value.
function heatMap(container, size, cell, most) {
  const canvas = make(
      "canvas",
      {width: size.columns, height: size.rows, class: "plot", style: `height:${size.height}px`});
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(size.columns, size.rows);
  for (let line = 0; line < size.rows; ++line) {
    for (let column = 0; column < size.columns; ++column) {
      const value = cell(column, line);
      const paint = isNumber(value) ? [...heatColour(value / most), 255] : [0, 0, 0, 0];
      image.data.set(paint, (line * size.columns + column) * 4);
    }
  }
  pen.putImageData(image, 0, 0);
  container.append(make("div", {class: "heat"}, canvas));
}

function heatScale(low, high) {
  const stops = range(9).map((i) => rgb(heatColour(i / 8))).join(",");
  return make("div", {class: "scale"}, low,
              make("div", {style: `background:linear-gradient(to right,${stops})`}), high);
}

// A table of coloured cells with their values in them: `rows` and `columns` are names.
function cells(columns, rows, cell, text) {
  const all = rows.flatMap((_, r) => columns.map((__, c) => cell(c, r))).filter(isNumber);
  const low = Math.min(...all), high = Math.max(...all);
  const paint = (value) => {
    if (!isNumber(value)) return "";
    const parts = heatColour(high > low ? 0.08 + 0.84 * (value - low) / (high - low) : 0.3);
    const bright = (parts[0] * 299 + parts[1] * 587 + parts[2] * 114) / 1000 > 140;
    return `background:${rgb(parts)};color:${bright ? "#111" : "#fff"}`;
  };
  const head = make("tr", {}, make("th"), ...columns.map((name) => make("th", {}, name)));
  const body = rows.map(
      (name, r) =>
          make("tr", {}, make("th", {}, name),
               ...columns.map((_, c) => make("td", {style: paint(cell(c, r))}, text(cell(c, r))))));
  return make("div", {class: "scroll"}, make("table", {class: "cells plot"}, head, ...body));
}

// A bar for each component: how evenly something is spread.
function strip(container, numbers, title, units) {
  const width = widthOf(container), height = 64, most = Math.max(...numbers, 0);
  const picture = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, class: "plot"});
  const step = width / numbers.length;
  numbers.forEach((number, i) => {
    const tall = most > 0 ? number / most * (height - 2) : 0;
    picture.append(svg("rect", {
      x: i * step,
      y: height - tall,
      height: tall,
      width: Math.max(step - (step > 3 ? 1 : 0), 0.5),
      fill: seriesColour(0)
    },
                       svg("title", {}, `${i}: ${quantity(number, units)}`)));
  });
  const spread = `from ${quantity(Math.min(...numbers), units)} to ${quantity(most, units)}, ` +
      `mean ${quantity(mean(numbers), units)}`;
  container.append(make("h3", {}, title), picture, note(`${numbers.length}: ${spread}`));
}
