#!/usr/bin/env python3
"""The budgets and banned words of the tree. What a compiler or clang-format says is not said again.

Complaints are `file:line: rule: what is wrong`. Today's exceptions are lines
`rule file subject value` of tools/style_ratchet.txt; an exception that is no longer needed, or
allows more than there is, is a complaint itself, so the file may only shrink (`--shrink` rewrites
it and never adds).
"""

import argparse
import dataclasses
import pathlib
import re
import sys

from cpp_outline import outline, without_comments_and_strings

MAX_LINE, MAX_FILE, MAX_FUNCTION, MAX_PARAMETERS = 100, 400, 60, 5
MAX_PUBLIC_METHODS, MAX_OWN_INCLUDES, MAX_README, MAX_FIRST_README = 10, 10, 60, 90

CODE_FOLDERS = ("sim", "tests")
HOT_FOLDERS = ("sim/base", "sim/stats", "sim/kernel", "sim/wire", "sim/tags", "sim/model")

# Where, what, and what to write instead.
BANNED = [
    (HOT_FOLDERS, r"\bstd::(multi)?map\b", "a sorted std::vector, or an array indexed by id"),
    (HOT_FOLDERS, r"\bstd::unordered_\w+", "an array indexed by id (sim/base/slots.h)"),
    (HOT_FOLDERS, r"\bstd::shared_ptr\b", "a value, or an id into the owner's array"),
    (HOT_FOLDERS, r"\bstd::function\b", "a template parameter, or a switch"),
    (HOT_FOLDERS, r"\bvirtual\b", "a closed std::variant, visited once a wake"),
    (("sim",), r"\bstd::thread\b", "Executor (sim/kernel/executor.h)"),
    (("sim",), r"\b(std::)?(rand|srand|random_device|mt19937\w*)\b", "sim/base/random.h"),
    (("sim",), r"(?<!static_)\bassert\s*\(", "STROBE_CHECK or STROBE_ASSERT (sim/base/check.h)"),
]
ALLOWED = {("sim/kernel/executor.cpp", r"\bstd::thread\b")}  # the door itself


@dataclasses.dataclass(frozen=True)
class Finding:
    rule: str
    file: str
    subject: str  # what is too big or not allowed; one word, does not change with the line
    value: int
    line: int
    text: str

    def key(self):
        return (self.rule, self.file, self.subject)

    def __str__(self):
        return f"{self.file}:{self.line}: {self.rule}: {self.text}"


def over(rule, file, line, subject, value, limit, unit):
    if value > limit:
        yield Finding(rule, file, subject, value, line,
                      f"{subject} has {value} {unit}, the budget is {limit}")


def check_lines(file, lines):
    longest, at = max(((len(line), number) for number, line in enumerate(lines, 1)), default=(0, 1))
    yield from over("line", file, at, "longest-line", longest, MAX_LINE, "columns")
    if not file.endswith(".md"):
        yield from over("file", file, 1, "file", len(lines), MAX_FILE, "lines")
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield Finding("todo", file, f"line-{number}", 1, number,
                          "give the number of the issue behind it, (#12), or do it")


# In pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\(#\d+\))")


def check_code(file, text):
    """Rules of C++ files."""
    own = re.findall(r'^\s*#\s*include\s*"', text, re.M)
    yield from over("includes", file, 1, "file", len(own), MAX_OWN_INCLUDES, "includes of the tree")
    code = without_comments_and_strings(text)
    for number, line in enumerate(code.splitlines(), 1):
        for folders, pattern, instead in BANNED:
            inside = any(file.startswith(folder + "/") for folder in folders)
            match = re.search(pattern, line) if inside else None
            if match and (file, pattern) not in ALLOWED:
                word = match[0].strip("( ")
                yield Finding("banned", file, word, 1, number, f"{word}: use {instead}")
        if file.endswith(".h") and re.search(r"\busing\s+namespace\b", line):
            yield Finding("using", file, "using-namespace", 1, number,
                          "a header does not open namespaces for its readers")
        match = re.match(r"\s*(?:std::)?(int|long|unsigned|float|double|size_t)\s+(\w+)", line)
        if file.endswith("/spec.h") and match:
            yield Finding("quantity", file, match[2], 1, number,
                          f"{match[2]} is a bare {match[1]}: use a Quantity of sim/base/units.h, "
                          "or std::uint32_t for a count")
    found = outline(code)
    for function in found.functions:
        yield from over("function", file, function.line, function.name, function.lines,
                        MAX_FUNCTION, "lines")
        yield from over("parameters", file, function.line, function.name, function.parameters,
                        MAX_PARAMETERS, "parameters")
    for one in found.classes if file.startswith("sim/") else []:
        yield from over("methods", file, one.line, one.name, len(one.public_methods),
                        MAX_PUBLIC_METHODS, "public methods")


def check_dead(root, files):
    """Headers that nobody includes, sources that nobody builds."""
    included, built = set(), {}
    for file in files:
        included.update(re.findall(r'#\s*include\s*"([^"]+)"', (root / file).read_text()))
    for file in files:
        if file.endswith(".h") and file not in included:
            yield Finding("dead", file, "file", 1, 1, "no file includes this header")
        if file.endswith(".cpp"):
            folder = pathlib.PurePosixPath(file).parent
            if folder not in built:
                lists = [root / folder / name for name in ("CMakeLists.txt", "tests.cmake")]
                lists.append(root / folder.parent / "CMakeLists.txt")
                built[folder] = "".join(path.read_text() for path in lists if path.is_file())
            name = pathlib.PurePosixPath(file).name
            stem = pathlib.PurePosixPath(file).stem
            if not re.search(rf"\b{re.escape(name)}\b|\({re.escape(stem)}\)", built[folder]):
                yield Finding("dead", file, "file", 1, 1, "no CMake file builds this source")


def check_links(root):
    """Links of the documents to files that are not there."""
    documents = [path for path in root.glob("*.md")]
    for folder in ("sim", "tests", "tools", "configs", "traces", "validation", "docs"):
        documents += (root / folder).rglob("*.md")
    for path in sorted(documents):
        file = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (path.parent / target).exists():
                    yield Finding("link", file, target, 1, number, f"{target} does not exist")


def files_under(root, folder, suffixes):
    found = (path for path in (root / folder).rglob("*") if path.suffix in suffixes)
    return sorted(path.relative_to(root).as_posix() for path in found)


def findings(root):
    code = [file for folder in CODE_FOLDERS for file in files_under(root, folder, {".h", ".cpp"})]
    scripts = [file for folder in ("tools", "tests", "validation")
               for file in files_under(root, folder, {".py", ".sh"})]
    pages = [file for file in files_under(root, "sim", {".js", ".css", ".html", ".cmake"})
             if "uplot" not in file]  # not ours
    for file in code + scripts + pages:
        text = (root / file).read_text()
        yield from check_lines(file, text.splitlines())
        if file in code:
            yield from check_code(file, text)
    yield from check_dead(root, code)
    yield from check_links(root)
    for folder in ("sim", "tests", "tools", "configs", "traces", "validation", "."):
        pattern = "README.md" if folder == "." else "**/README.md"
        for path in sorted((root / folder).glob(pattern)):
            limit = MAX_FIRST_README if folder == "." else MAX_README
            yield from over("readme", path.relative_to(root).as_posix(), 1, "page",
                            len(path.read_text().splitlines()), limit, "lines")


def read_ratchet(path):
    allowed = {}
    lines = path.read_text().splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            rule, file, subject, value = line.split()
            allowed[(rule, file, subject)] = (int(value), number)
    return allowed


def against_ratchet(found, allowed):
    """What is not excused, and the excuses that are not needed (line number, text)."""
    worst = {}
    for finding in found:
        worst[finding.key()] = max(worst.get(finding.key(), 0), finding.value)
    new = [one for one in found if one.value > allowed.get(one.key(), (0, 0))[0]]
    stale = []
    for key, (value, number) in allowed.items():
        if worst.get(key, 0) < value:
            now = f"allows {value}, there is {worst[key]}" if key in worst else "is not needed"
            stale.append((number, f"{' '.join(key)} {now}: run tools/check_style.py --shrink"))
    return new, stale


def shrink(path, found, allowed):
    """Writes the ratchet again with lower values and without lines that are not needed."""
    worst = {}
    for finding in found:
        worst[finding.key()] = max(worst.get(finding.key(), 0), finding.value)
    head = [line for line in path.read_text().splitlines() if line.startswith("#")]
    kept = [f"{' '.join(key)} {min(value, worst[key])}"
            for key, (value, _) in allowed.items() if key in worst]
    path.write_text("\n".join(head + kept) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=home, help="the tree to check")
    parser.add_argument("--shrink", action="store_true", help="lower the ratchet to what there is")
    options = parser.parse_args()
    ratchet = options.root / "tools/style_ratchet.txt"
    found, allowed = list(findings(options.root)), read_ratchet(ratchet)
    if options.shrink:
        shrink(ratchet, found, allowed)
        allowed = read_ratchet(ratchet)
    new, stale = against_ratchet(found, allowed)
    lines = [str(one) for one in new]
    lines += [f"tools/style_ratchet.txt:{number}: ratchet: {text}" for number, text in stale]
    print("\n".join(lines) or f"within every budget ({len(allowed)} exceptions)")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
