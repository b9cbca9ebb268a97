"""The pages of `strobe report` in a browser: every kind of result file, light and dark, wide and as
narrow as a phone. Nothing may go wrong on the console or be asked of a network, every picture must
be there and not be blank, no page may be wider than its window, and text must be readable.

    report_test.py STROBE [FOLDER]     keeps the files and a photograph of every page in FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile

from chromium import Chromium

STROBE = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHAPES = [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]

SWEEP = """
title = "two sizes, two warps, one of them too many"
target = "v100-pcie-32gb"
[[work]]
pattern = "copy"
bytes = "64 KiB"
architecture = 70
[[axis]]
name = "bytes"
key = "work.bytes"
values = ["64 KiB", "128 KiB"]
[[axis]]
name = "warps"
key = "work.warps"
values = [4, 8]
[[axis]]
name = "registers"
key = "sm.registers"
values = [1024, 65536]
"""

LAYERS = """op,shape,dtype,latency_us
softmax,rows=64;cols=256,fp32,5.0
softmax,rows=128;cols=256,fp32,6.0
linear,batch=1;M=64;N=64;K=64,fp32,9.0
"""

# Of each kind: the words that make it, the sections that its page must have, and how many pictures.
KINDS = {
    "run": (["run", "v100-pcie-32gb", "traces/small/vectoradd"],
            ["summary", "kernels", "stalls", "roofline", "time", "channels", "latency", "energy",
             "balance", "provenance"], 10),
    "layer": (["run", "gb10", "--layer", "softmax rows=2048 cols=512 dtype=fp16"],
              ["summary", "stalls", "roofline", "time", "channels", "provenance"], 10),
    "memory": (["run", "hbm2-2000", "--pattern", "mixed", "--requests", "5000"],
               ["summary", "stalls", "latency", "banks", "energy", "provenance"], 5),
    "loads": (["run", "hbm2-2000", "--pattern", "random", "--requests", "2000", "--sweep-load"],
              ["summary", "curve", "stalls", "energy", "provenance"], 10),
    "validation": (["validate", "v100-pcie-16gb", "--quick", "--suite", "latency"],
                   ["summary", "ladder", "figures", "provenance"], 1),
    "predictions": (["predict", "v100-pcie-32gb", "--layers", "FOLDER/layers.csv"],
                    ["summary", "scatter", "layers", "provenance"], 1),
    "network": (["predict", "v100-pcie-32gb", "cifar-cnn-1", "--train", "--host-interval", "20us"],
                ["summary", "stalls", "operations", "provenance"], 4),
    "sweep": (["sweep", "FOLDER/sweep.toml"],
              ["summary", "explore", "failures", "provenance"], 4),
}

# Luminance contrast of two colours of the page, as WCAG 2 defines it.
CONTRAST = """(() => {
  const light = name => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(--${name})`;
    const parts = getComputedStyle(probe).color.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    probe.remove();
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const card = light("card");
  const of = ink => (Math.max(light(ink), card) + 0.05) / (Math.min(light(ink), card) + 0.05);
  return Math.min(...["ink", "faint", "accent", "good", "bad", "warn"].map(of));
})()"""

BLANK = """[...document.querySelectorAll("canvas")].filter(canvas => {
  if (!canvas.width || !canvas.height) return true;
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return !pixels.some(value => value > 0);
}).length"""


def make(folder, name):
    words = [word.replace("FOLDER", str(folder)) for word in KINDS[name][0]]
    result, page = folder / f"{name}.h5", folder / f"{name}.html"
    made = subprocess.run([STROBE, *words, "-o", str(result), "-q"], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    assert made.returncode in (0, 1), f"{name}: {made.stderr}"  # 1: a run of the sweep fails
    subprocess.run([STROBE, "report", str(result), "-o", str(page), "-q"], check=True)
    return page


def check_page(browser, name, page, keep):
    _, sections, pictures = KINDS[name]
    for width, theme in SHAPES if name == "run" else SHAPES[0::3]:
        browser.open(page, width, theme)
        where = f"{name}, {width} px, {theme}"
        if keep:
            browser.photograph(page.with_name(f"{name}-{width}-{theme}.png"))
        have = browser.value("[...document.querySelectorAll('section')].map(each => each.id)")
        missing = [each for each in sections if each not in have]
        assert not missing, f"{where}: without {missing}"
        count = browser.value("document.querySelectorAll('.plot').length")
        assert count >= pictures, f"{where}: {count} pictures, not {pictures}"
        blank = browser.value(BLANK)
        assert blank == 0, f"{where}: {blank} blank pictures"
        reach = browser.value("document.documentElement.scrollWidth")
        assert reach <= width, f"{where}: {reach} px wide"
        words = browser.value("document.body.innerText")
        odd = [word for word in ("NaN", "undefined", "[object", "Infinity") if word in words]
        assert not odd, f"{where}: says {odd}"
        contrast = browser.value(CONTRAST)
        assert contrast >= 4.5, f"{where}: contrast {contrast:.1f}"
        assert not browser.problems(), f"{where}: {browser.problems()}"


def check_hands(browser, pages):
    """What the controls do."""
    browser.open(pages["run"], 1200, "light")
    browser.value("document.querySelector('tr.pickable').click()")
    assert browser.value("document.querySelectorAll('tr.picked').length") == 1
    browser.value("document.getElementById('theme').click()")
    assert browser.value("document.documentElement.dataset.theme") == "dark"
    assert browser.value("document.querySelectorAll('tr.picked').length") == 1
    assert not browser.problems(), browser.problems()

    browser.open(pages["network"], 1200, "light")
    said = browser.value("document.body.innerText").lower()
    assert "waiting for the host" in said and "37 calls, one every 20" in said

    browser.open(pages["sweep"], 1200, "light")
    before = browser.value("document.querySelector('table.cells').innerText")
    browser.value("""(() => {
      const show = document.querySelector('#explore select');
      show.selectedIndex = 3;
      show.onchange();
    })()""")
    assert browser.value("document.querySelector('table.cells').innerText") != before
    assert browser.value("document.querySelectorAll('#failures tbody tr').length") == 4
    assert not browser.problems(), browser.problems()


def check_names_stay_text(browser, folder):
    """Names come from traces: they must not become part of the page."""
    trace = folder / "<b onclick=x>" / "<script>hurt()<" / "script>"
    trace.parent.mkdir(parents=True)
    trace.symlink_to(ROOT / "traces/small/copy")
    page = folder / "names.html"
    subprocess.run([STROBE, "run", "v100-pcie-32gb", str(trace), "-o", str(folder / "names.h5"),
                    "-q"], check=True)
    subprocess.run([STROBE, "report", str(folder / "names.h5"), "-o", str(page), "-q"], check=True)
    browser.open(page, 1200, "light")
    assert "<script>hurt()" in browser.value("document.getElementById('subtitle').textContent")
    assert browser.value("document.querySelectorAll('#subtitle *').length") == 0
    assert not browser.problems(), browser.problems()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        keep = len(sys.argv) > 2
        folder = pathlib.Path(sys.argv[2] if keep else scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sweep.toml").write_text(SWEEP)
        (folder / "layers.csv").write_text(LAYERS)
        pages = {name: make(folder, name) for name in KINDS}
        with Chromium() as browser:
            for name, page in pages.items():
                check_page(browser, name, page, keep)
            check_hands(browser, pages)
            if not keep:
                check_names_stay_text(browser, folder)
    print(f"{len(pages)} kinds of pages: as they should be")


main()
