// Which sections a file has, where its numbers come from, and the two themes.

const kSections = {
  "strobe-run": runSections,
  "strobe-memory-run": memorySections,
  "strobe-load-sweep": loadSections,
  "strobe-validation": validationSections,
  "strobe-predictions": layerSections,
  "strobe-network": networkSections,
  "strobe-comparison": comparisonSections,
  "strobe-sweep": sweepSections,
};

function provenance(container) {
  const list = make("dl");
  for (const [name, value] of Object.entries(file.attributes)) {
    if (name === "sweep" || value === "") continue;
    const shown = name.endsWith("_bandwidth") ? quantity(value, "B s-1") :
        name.endsWith("_ps")                  ? quantity(value, "ps") :
        name === "issue_peak"                 ? withPrefix(value, "/s") :
                                                String(value);
    list.append(make("dt", {}, name), make("dd", {}, shown));
  }
  container.append(list);
  if (attribute("sweep")) {
    container.append(make("details", {}, make("summary", {}, "The sweep file"),
                          make("pre", {}, attribute("sweep"))));
  }
  const of = (group, name) => (i) => values(group, name)[i];
  const inputs = range(values("inputs", "path").length);
  if (inputs.length) {
    container.append(
        make("details", {}, make("summary", {}, `Input files (${inputs.length})`),
             table(
                 [
                   {title: "file", text: true, long: true, cell: of("inputs", "path")},
                   {title: "size", cell: (i) => quantity(of("inputs", "bytes")(i), "B")},
                   {
                     title: "SHA-256",
                     text: true,
                     cell: (i) => of("inputs", "sha256")(i).slice(0, 16) + "…"
                   },
                 ],
                 inputs)));
  }
  const keys = range(values("config", "key").length);
  if (!keys.length) return;
  const origins = groupsBy(keys, of("config", "from"));
  const counts = [...origins].map(([name, those]) => `${those.length} ${name || "not said"}`);
  container.append(
      make("details", {},
           make("summary", {}, `Every number of the model, with its source (${counts.join(", ")})`),
           table(
               [
                 {title: "key", text: true, cell: of("config", "key")},
                 {title: "value", text: true, cell: of("config", "value")},
                 {
                   title: "origin",
                   text: true,
                   cell: (i) =>
                       make("span", {class: of("config", "from")(i) === "assumed" ? "warn" : ""},
                            of("config", "from")(i))
                 },
                 {title: "source", text: true, long: true, cell: of("config", "source")},
                 {
                   title: "at",
                   text: true,
                   cell: (i) => `${of("config", "file")(i)}:${of("config", "line")(i)}`
                 },
               ],
               keys)));
}

function subtitle() {
  const parts = [
    attribute("gpu_title") || attribute("part") || attribute("target"),
    attribute("memory_kind") || attribute("standard"), attribute("trace") || attribute("work"),
    file.name
  ];
  return parts.filter((each) => each).join(" · ");
}

function drawAll() {
  const place = window.scrollY;
  const main = document.getElementById("sections"), contents = document.getElementById("contents");
  const opened = [...main.querySelectorAll("details")].map((each) => each.open);
  main.replaceChildren();
  contents.replaceChildren();
  const sections = [
    ...(kSections[attribute("schema")] || []),
    ["provenance", "Where the numbers come from", provenance]
  ];
  for (const [id, title, draw] of sections) {
    const section = make("section", {id}, make("h2", {}, title));
    main.append(section);
    draw(section);
    if (section.childElementCount < 2) {
      section.remove();
      continue;
    }
    contents.append(make("a", {href: `#${id}`}, title));
  }
  main.querySelectorAll("details").forEach((each, i) => {
    each.open = opened[i] || false;
  });
  window.scrollTo(0, place);
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  document.documentElement.style.colorScheme = name;
}

function start() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  document.title = `${attribute("title")} – ${file.name}`;
  document.getElementById("title").textContent = attribute("title");
  document.getElementById("subtitle").textContent = subtitle();
  drawAll();
  const switchTo = (name) => {
    setTheme(name);
    drawAll();
  };
  document.getElementById("theme").onclick = () => switchTo(isDark() ? "light" : "dark");
  dark.onchange = () => switchTo(dark.matches ? "dark" : "light");
  let width = window.innerWidth, waiting = 0;
  window.onresize = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      drawAll();
    }, 150);
  };
}

start();
