#!/usr/bin/python3
"""Checks that result files open as they are in every reader that is installed.

    check_output.py FILE...                           open every group in every reader
    check_output.py --documented-in FORMATS.md FILE   ... and find every variable in the document
    check_output.py --markdown FILE...                print the tables of that document

A group is one xarray Dataset: every variable has units and a long_name, every axis a dimension
scale, every value a type that Python knows. Readers that are not installed are named and skipped.
Exit status 1 and one line for each complaint when something is wrong.
"""

import argparse
import importlib.util
import sys

import h5py

# Words that xarray would take for the unit of a timedelta.
TIME_WORDS = {"days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}
DTYPES = {"int64", "float64", "object"}  # object: a string of variable length
TYPE_NAMES = {"int64": "int64", "float64": "float64", "object": "string"}
ROOT_ATTRIBUTES = ("title", "schema", "schema_version", "strobe_version", "command_line", "created",
                   "complete")
ENGINES = {"h5netcdf": "h5netcdf", "netcdf4": "netCDF4"}  # xarray's name and the module it needs


def groups_of(file):
    """Paths of the groups that hold variables, in the order of writing."""
    found = ["/"] if any(isinstance(item, h5py.Dataset) for item in file.values()) else []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Group) and any(
        isinstance(member, h5py.Dataset) for member in item.values()) else None)
    return found


def variables_of(group):
    return [(name, item) for name, item in group.items() if isinstance(item, h5py.Dataset)]


def dimensions_of(variable):
    if h5py.h5ds.is_scale(variable.id):
        return [variable.name.rsplit("/", 1)[1]]
    return [axis[0].name.rsplit("/", 1)[1] if len(axis) else None for axis in variable.dims]


def check_with_h5py(path):
    complaints = []
    with h5py.File(path, "r") as file:
        # A sweep is made in pieces, at many times.
        timeless = {"created"} if file.attrs.get("schema") == "strobe-sweep" else set()
        for name in ROOT_ATTRIBUTES:
            if name not in file.attrs and name not in timeless:
                complaints.append(f"{path}: the root has no attribute {name}")
        for name, value in file.attrs.items():
            if isinstance(value, bytes):
                complaints.append(f"{path}: attribute {name} is bytes, not text")
        for group in groups_of(file):
            items = [(group, file[group]), *variables_of(file[group])]
            complaints += [f"{path}: {name} keeps the time of writing" for name, item in items
                           if item.id.get_create_plist().get_obj_track_times()]
            for name, variable in variables_of(file[group]):
                place = f"{path}: /{group}/{name}"
                complaints += [f"{place} has no {needed}" for needed in ("units", "long_name")
                               if not isinstance(variable.attrs.get(needed), str)]
                if variable.attrs.get("units") in TIME_WORDS:
                    complaints.append(f"{place}: xarray makes a timedelta of its units")
                if str(variable.dtype) not in DTYPES:
                    complaints.append(f"{place} is of type {variable.dtype}")
                if None in dimensions_of(variable):
                    complaints.append(f"{place} has an axis without a dimension scale")
                if variable.nbytes > 1024 and variable.compression != "gzip":
                    complaints.append(f"{place} is not compressed")
    return complaints


def check_with_xarray(path, engine):
    import xarray

    complaints = []
    with h5py.File(path, "r") as file:
        wanted = {group: {name: (dimensions_of(v), v[()]) for name, v in variables_of(file[group])}
                  for group in groups_of(file)}
    xarray.open_dataset(path, engine=engine).close()
    for group, variables in wanted.items():
        with xarray.open_dataset(path, engine=engine, group=group) as dataset:
            dataset.load()
            if set(dataset.variables) != set(variables):
                complaints.append(f"{path}: /{group} has other variables in xarray ({engine})")
            for name, (dimensions, values) in variables.items():
                variable = dataset[name]
                place = f"{path}: /{group}/{name} ({engine})"
                if list(variable.dims) != dimensions:
                    complaints.append(f"{place} has dimensions {variable.dims}, not {dimensions}")
                if variable.dtype.kind in "if" and values.tobytes() != variable.values.tobytes():
                    complaints.append(f"{place} has other values than in h5py")
                if variable.dtype.kind not in "ifOU":
                    complaints.append(f"{place} was turned into {variable.dtype}")
            if len(dataset.sizes) == 1 and len(dataset.to_dataframe()) != list(
                    dataset.sizes.values())[0]:
                complaints.append(f"{path}: /{group} does not become a pandas table ({engine})")
    return complaints


def markdown_rows(path):
    """One table row for each variable, by group."""
    rows = {}
    with h5py.File(path, "r") as file:
        for group in groups_of(file):
            rows[group] = [
                "| `{}` | {} | {} | {} | {} | {} |".format(
                    name, ", ".join(dimensions_of(variable)), TYPE_NAMES[str(variable.dtype)],
                    variable.attrs["units"], variable.attrs["long_name"],
                    f"`{variable.attrs['nsight_metric']}`" if "nsight_metric" in variable.attrs
                    else "") for name, variable in variables_of(file[group])]
    return rows


def print_markdown(paths):
    groups = {group: rows for path in paths for group, rows in markdown_rows(path).items()}
    for group, rows in groups.items():
        print(f"### `/{group.strip('/')}`\n")
        print("| variable | dimensions | type | units | meaning | Nsight Compute metric |")
        print("|---|---|---|---|---|---|")
        print("\n".join(rows) + "\n")


def check_documented(path, document):
    with open(document, encoding="utf-8") as file:
        sections = file.read().split("\n### ")
    complaints = []
    for group, rows in markdown_rows(path).items():
        lines = {line for section in sections if section.startswith(f"`/{group.strip('/')}`")
                 for line in section.splitlines()}
        complaints += [f"{document}: /{group} of {path} has no row {row}" for row in rows
                       if row not in lines]
    with h5py.File(path, "r") as file:
        text = "".join(sections)
        complaints += [f"{document}: no word of the root attribute {name}" for name in file.attrs
                       if f"| `{name}` |" not in text]
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--documented-in", metavar="DOCUMENT")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    if arguments.markdown:
        print_markdown(arguments.files)
        return 0

    have_xarray = importlib.util.find_spec("xarray") and importlib.util.find_spec("pandas")
    engines = [engine for engine, module in ENGINES.items()
               if have_xarray and importlib.util.find_spec(module)]
    for engine in ENGINES:
        if engine not in engines:
            print(f"skipped: xarray with engine {engine} is not installed")
    complaints = []
    for path in arguments.files:
        complaints += check_with_h5py(path)
        for engine in engines:
            complaints += check_with_xarray(path, engine)
        if arguments.documented_in:
            complaints += check_documented(path, arguments.documented_in)
    print("\n".join(complaints) or
          f"{len(arguments.files)} files open in h5py and {len(engines)} xarray engines")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
