#include "sim/networks/order.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dag_shortest_paths.hpp>

namespace strobe::networks {
namespace {

using Needs = std::vector<std::vector<std::size_t>>;
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, double>>;

}  // namespace

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
