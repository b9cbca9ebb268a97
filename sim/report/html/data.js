"use strict";
// What is in the file: groups of variables with their dimensions, units and meanings, as
// docs/FORMATS.md has them. What a file does not have is empty here, and its chart is left out.

const file = JSON.parse(document.getElementById("data").textContent);

function attribute(name) {
  return file.attributes[name];
}

function variables(group) {
  return file.groups[group] || {};
}

function variable(group, name) {
  return variables(group)[name];
}

function values(group, name) {
  const found = variable(group, name);
  return found ? found.values : [];
}

// Of a table [rows][inner]: one row.
function row(group, name, index) {
  const found = variable(group, name);
  if (!found) return [];
  const width = found.shape[1];
  return found.values.slice(index * width, (index + 1) * width);
}

// Of a table [rows][inner]: the sum of the given rows, entry by entry.
function sumOfRows(group, name, indices) {
  const found = variable(group, name);
  if (!found) return [];
  const width = found.shape[1];
  const sums = new Array(width).fill(0);
  for (const index of indices) {
    for (let i = 0; i < width; ++i) sums[i] += found.values[index * width + i] || 0;
  }
  return sums;
}

function total(numbers) {
  let sum = 0;
  for (const number of numbers) sum += number || 0;
  return sum;
}

function mean(numbers) {
  return numbers.length ? total(numbers) / numbers.length : NaN;
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function range(count) {
  return Array.from({length: count}, (_, i) => i);
}

// The places of `values` where it is one of the largest `count`, in their order.
function largest(values, count) {
  const places = range(values.length).sort((a, b) => values[b] - values[a] || a - b);
  return places.slice(0, count).sort((a, b) => a - b);
}

function unique(list) {
  return [...new Set(list)];
}

// A number of the configuration as it was resolved, "1380 MHz" as text.
function configured(key) {
  const place = values("config", "key").indexOf(key);
  return place < 0 ? undefined : values("config", "value")[place];
}
