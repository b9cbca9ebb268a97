#include "sim/networks/order.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dag_shortest_paths.hpp>
#include <boost/graph/topological_sort.hpp>
#include <limits>

namespace strobe::networks {
namespace {

using Needs = std::vector<std::vector<std::size_t>>;
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, double>>;

}  // namespace

std::optional<std::vector<std::size_t>> topological_order(const Needs& needs) {
  // Edges point at what is needed, so that the sort, which yields a vertex after those that it
  // points at, yields the order of doing.
  Graph graph(needs.size());
  for (std::size_t i = 0; i < needs.size(); ++i) {
    for (const std::size_t needed : needs[i]) boost::add_edge(i, needed, graph);
  }
  std::vector<std::size_t> order;
  try {
    boost::topological_sort(graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    return std::nullopt;
  }
  return order;
}

double critical_path(const Needs& needs, std::span<const double> times) {
  // Longest paths are shortest ones of negative lengths: from a source before everything, each edge
  // as long as what it leads to takes.
  const std::size_t source = needs.size();
  Graph graph(needs.size() + 1);
  for (std::size_t i = 0; i < needs.size(); ++i) {
    boost::add_edge(source, i, -times[i], graph);
    for (const std::size_t needed : needs[i]) boost::add_edge(needed, i, -times[i], graph);
  }
  std::vector<double> distances(needs.size() + 1);
  boost::dag_shortest_paths(graph, source, boost::distance_map(distances.data()));
  return -*std::ranges::min_element(distances);
}

}  // namespace strobe::networks
