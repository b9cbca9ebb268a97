#!/usr/bin/env python3
"""Dependencies point down: a file may include its own folder and the floors below, nothing else.

Five rules, each complaint as `file:line: what is wrong`:
  1. an include of the tree is written from the root ("sim/base/units.h") and exists;
  2. it names the file's own folder or a lower floor, never a stranger on the same floor;
  3. a library comes in through its one door;
  4. no files include each other in a circle;
  5. a folder's CMakeLists.txt links what the folder includes, and nothing that is not below it, so
     that the linker objects to a wrong dependency too.
"""

import argparse
import pathlib
import re
import sys

# From the ground up. Folders on one floor are strangers: they may not include each other.
FLOORS = [
    ["sim/base"],
    ["sim/stats"],
    ["sim/kernel"],
    ["sim/wire", "sim/trace", "sim/tags", "sim/onnx"],
    ["sim/model/sm", "sim/model/l2", "sim/model/dram", "sim/model/link", "sim/model/cpu"],
    ["sim/device"],
    ["sim/layers/common"],
    ["sim/layers/rows", "sim/layers/products"],
    ["sim/layers/flash"],
    ["sim/layers"],
    ["sim/networks"],
    ["sim/report"],
    ["sim/run", "sim/validate"],
    ["sim/sweep"],
    ["sim/app"],
]

# Each library comes in through one door: replacing it is a change to these files.
DOORS = {
    "tbb/": ["sim/kernel/executor.cpp"],
    "toml++/": ["sim/device/toml_reader.cpp"],
    "boost/graph/": ["sim/device/wiring.cpp", "sim/networks/order.cpp"],
    "boost/program_options": ["sim/app/"],
    "hdf5": ["sim/report/hdf5_file.cpp", "sim/report/hdf5_input.cpp"],
    "H5": ["sim/report/hdf5_file.cpp", "sim/report/hdf5_input.cpp"],
    "lzma": ["sim/trace/byte_input.h"],
    "google/protobuf/": ["sim/onnx/wire_format.cpp"],
    "openssl/": ["sim/report/provenance.cpp"],
    "catch2/": [],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LIBRARY = re.compile(r"strobe_library\(\s*(\w+)([^)]*)\)")
PROGRAM = re.compile(r"add_executable\(\s*(\w+)")
LINKS = re.compile(r"target_link_libraries\(\s*(\w+)([^)]*)\)")

floor_of = {folder: height for height, folders in enumerate(FLOORS) for folder in folders}


def sources(root):
    return sorted(path for path in (root / "sim").rglob("*") if path.suffix in (".h", ".cpp"))


def includes_of(path):
    """(line number, '<' or '"', what is included) of every include of a file."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def folder_of(name):
    return name.rsplit("/", 1)[0]


def check_include(root, name, line, quote, included):
    home = folder_of(name)
    if quote == '"':
        target = folder_of(included)
        if not included.startswith("sim/"):
            yield f'{name}:{line}: includes "{included}": write it from the root, under sim/'
        elif not (root / included).is_file():
            yield f'{name}:{line}: includes "{included}", which does not exist'
        elif target != home and floor_of.get(target, len(FLOORS)) >= floor_of[home]:
            yield f'{name}:{line}: includes "{included}", which is not below {home}'
    for library, doors in DOORS.items():
        through = any(name == door or name.startswith(door) and door[-1] == "/" for door in doors)
        if included.startswith(library) and not through:
            door = " or ".join(doors) or "no file of sim"
            yield f"{name}:{line}: includes <{included}>; that library's door is {door}"


def find_circles(graph):
    """Every include circle once, as the list of its files."""
    done, path = set(), []

    def visit(node):
        if node in path:
            yield path[path.index(node):] + [node]
            return
        if node in done:
            return
        path.append(node)
        for target in graph.get(node, []):
            yield from visit(target)
        path.pop()
        done.add(node)

    for node in sorted(graph):
        yield from visit(node)


def read_libraries(root):
    """Of every library and program: its folder, its CMake file and line, the libraries it uses."""
    libraries = {}
    for path in sorted((root / "sim").rglob("CMakeLists.txt")):
        name = path.relative_to(root).as_posix()
        text = path.read_text()
        for match in [*LIBRARY.finditer(text), *PROGRAM.finditer(text)]:
            line = text.count("\n", 0, match.start()) + 1
            libraries[match[1]] = (folder_of(name), f"{name}:{line}", [])
        for match in [*LIBRARY.finditer(text), *LINKS.finditer(text)]:
            target = match[1].removeprefix("strobe_")
            used = re.findall(r"\bstrobe_(\w+)", match[2])
            if target in libraries:
                libraries[target][2].extend(used)
    return libraries


def reachable_folders(libraries, library):
    reached, waiting = set(), [library]
    while waiting:
        name = waiting.pop()
        if name in libraries and name not in reached:
            reached.add(name)
            waiting += libraries[name][2]
    return {libraries[name][0] for name in reached}


def check_links(libraries, included_folders):
    reached = {}
    for library, (home, place, used) in libraries.items():
        for other in used:
            if other not in libraries:
                yield f"{place}: uses strobe_{other}, which no CMakeLists.txt makes"
            elif libraries[other][0] != home and (
                    floor_of.get(libraries[other][0], len(FLOORS)) >= floor_of.get(home, -1)):
                yield f"{place}: strobe_{library} uses strobe_{other}, which is not below it"
        reached.setdefault(home, set()).update(reachable_folders(libraries, library))
    for home, targets in sorted(included_folders.items()):
        for target in sorted(targets - reached.get(home, set()) - {home}):
            yield f"{home}/CMakeLists.txt:1: {home} includes {target} but does not link its library"


def complaints(root):
    graph, included_folders = {}, {}
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        if folder_of(name) not in floor_of:
            yield f"{name}:1: no floor is named for {folder_of(name)} (tools/check_layers.py)"
            continue
        for line, quote, included in includes_of(path):
            yield from check_include(root, name, line, quote, included)
            if quote == '"':
                graph.setdefault(name, []).append(included)
                if included.startswith("sim/"):
                    included_folders.setdefault(folder_of(name), set()).add(folder_of(included))
    for circle in find_circles(graph):
        yield f"{circle[0]}:1: includes itself: {' -> '.join(circle)}"
    yield from check_links(read_libraries(root), included_folders)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=home, help="the tree to check")
    root = parser.parse_args().root
    found = list(complaints(root))
    print("\n".join(found) or f"every include of {len(sources(root))} files points down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
