#include "sim/device/wiring.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cstddef>
#include <limits>
#include <map>
#include <vector>

#include "sim/base/check.h"
#include "sim/wire/message.h"

namespace strobe::device {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
struct Wire {
  std::int64_t capacity = 0;  // bytes per second
  std::int64_t residual = 0;
  Traits::edge_descriptor back;
  const char* name = "";
};
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Wire>;
using Vertex = Traits::vertex_descriptor;

// Large enough never to be the cut, small enough that a sum of thousands stays below 2^63.
constexpr std::int64_t kUnbounded = std::int64_t{1} << 48;

std::int64_t rate(Kilohertz clock, std::int64_t bytes_per_cycle) {
  return clock.count() * 1'000 * bytes_per_cycle;
}

// Payload that a port passes at best: over all numbers of sectors in a packet, because a bound must
// hold for the traffic that suits the port most.
std::int64_t port_rate(const CrossbarSpec& crossbar, std::int64_t bytes_per_cycle) {
  std::int64_t best = 0;
  for (std::int64_t sectors = 1; sectors <= wire::kSectorsPerLine; ++sectors) {
    const std::int64_t payload = sectors * static_cast<std::int64_t>(wire::kSectorBytes);
    const std::int64_t packet = payload + crossbar.header_bytes;
    const std::int64_t cycles = (packet + bytes_per_cycle - 1) / bytes_per_cycle;
    best = std::max(best, rate(crossbar.clock, payload) / cycles);
  }
  return best;
}

// A pseudo-channel's share of the payload that a link between L2 and DRAM passes in one direction.
std::int64_t link_rate(const MemorySpec& memory) {
  if (!memory.link) return kUnbounded;
  const MemoryLinkSpec& link = *memory.link;
  const std::int64_t shares = std::int64_t{memory.channels} * memory.part.geometry.pseudo_channels;
  return link.bandwidth.count() / (link.packet_bytes + link.header_bytes) * link.packet_bytes /
         shares;
}

// Of a bank.
std::int64_t system_cache_rate(const MemorySpec& memory) {
  if (!memory.system_cache) return kUnbounded;
  return rate(memory.system_cache->clock, memory.system_cache->bytes_per_cycle);
}

struct Rates {
  explicit Rates(const GpuSpec& gpu)
      : pseudo_channel(gpu.memory.part.peak_of_pseudo_channel().count()),
        slice_array(rate(gpu.l2.clock, gpu.l2.bytes_per_cycle)),
        slice_port(port_rate(gpu.crossbar, gpu.crossbar.slice_reply_bytes_per_cycle)),
        sm_port(port_rate(gpu.crossbar, gpu.crossbar.sm_reply_bytes_per_cycle)),
        l1_array(rate(gpu.sm.clock, gpu.sm.l1.bytes_per_cycle)),
        memory_link(link_rate(gpu.memory)),
        system_cache(system_cache_rate(gpu.memory)) {}

  std::int64_t pseudo_channel, slice_array, slice_port, sm_port, l1_array, memory_link,
      system_cache;
};

std::uint32_t pseudo_channels(const GpuSpec& gpu) {
  return gpu.memory.channels * gpu.memory.part.geometry.pseudo_channels;
}

class Wiring {
 public:
  Wiring(const GpuSpec& gpu, Route route)
      : source_(add_vertex(graph_)), sink_(add_vertex(graph_)), crossbar_(add_vertex(graph_)) {
    const Rates rates(gpu);
    if (route == Route::host_to_dram) {
      const std::int64_t link = gpu.host.unified ? kUnbounded : gpu.host.bandwidth.count();
      connect(source_, crossbar_, link, "host link");
    }
    std::vector<Vertex> channels(pseudo_channels(gpu));
    for (Vertex& channel : channels) {
      channel = add_vertex(graph_);
      const Vertex pins = add_vertex(graph_);
      if (route == Route::dram_to_sms) {
        const Vertex bank = add_vertex(graph_);
        connect(source_, pins, rates.pseudo_channel, "DRAM pins");
        connect(pins, bank, rates.system_cache, "banks of the system-level cache");
        connect(bank, channel, rates.memory_link, "shares of the link between the dies");
      } else if (route == Route::host_to_dram) {
        connect(channel, pins, rates.memory_link, "shares of the link between the dies");
        connect(pins, sink_, rates.pseudo_channel, "DRAM pins");
      }
    }
    for (std::uint32_t slice = 0; slice < gpu.slices; ++slice) {
      const Vertex in = add_vertex(graph_), out = add_vertex(graph_);
      const Vertex channel = channels[slice % channels.size()];
      connect(in, out, rates.slice_array, "L2 data arrays");
      if (route == Route::host_to_dram) {
        connect(crossbar_, in, kUnbounded, "");
        connect(out, channel, kUnbounded, "");
      } else {
        connect(route == Route::l2_to_sms ? source_ : channel, in, kUnbounded, "");
        connect(out, crossbar_, rates.slice_port, "slice reply ports");
      }
    }
    for (std::uint32_t sm = 0; sm < gpu.sms && route != Route::host_to_dram; ++sm) {
      connect(crossbar_, sink_, rates.sm_port, "SM reply ports");
    }
  }

  FlowBound bound() {
    const std::int64_t flow = boost::push_relabel_max_flow(
        graph_, source_, sink_, get(&Wire::capacity, graph_), get(&Wire::residual, graph_),
        get(&Wire::back, graph_), get(boost::vertex_index, graph_));
    return {BytesPerSecond(flow), cut()};
  }

 private:
  void connect(Vertex from, Vertex to, std::int64_t capacity, const char* name) {
    const auto [there, added] = add_edge(from, to, Wire{capacity, 0, {}, name}, graph_);
    const auto [back, added_back] = add_edge(to, from, Wire{}, graph_);
    STROBE_CHECK(added && added_back);
    graph_[there].back = back;
    graph_[back].back = there;
  }

  // The full edges between what the source can still reach and the rest.
  std::string cut() const {
    std::vector<char> reached(num_vertices(graph_), 0);
    std::vector<Vertex> frontier{source_};
    reached[source_] = 1;
    while (!frontier.empty()) {
      const Vertex from = frontier.back();
      frontier.pop_back();
      for (const auto edge : boost::make_iterator_range(out_edges(from, graph_))) {
        const Vertex to = target(edge, graph_);
        if (graph_[edge].residual == 0 || reached[to]) continue;
        reached[to] = 1;
        frontier.push_back(to);
      }
    }
    std::map<std::string, int> full;
    for (const auto edge : boost::make_iterator_range(edges(graph_))) {
      const bool crosses = reached[source(edge, graph_)] && !reached[target(edge, graph_)];
      if (crosses && graph_[edge].capacity > 0) ++full[graph_[edge].name];
    }
    std::string text;
    for (const auto& [name, count] : full) {
      text += (text.empty() ? "" : " + ") + std::to_string(count) + " x " + name;
    }
    return text;
  }

  Graph graph_;
  Vertex source_, sink_, crossbar_;
};

}  // namespace

FlowBound max_flow_bound(const GpuSpec& gpu, Route route) {
  return Wiring(gpu, route).bound();
}

Peaks peaks_of(const GpuSpec& gpu) {
  const Rates rates(gpu);
  const std::int64_t slices = gpu.slices, sms = gpu.sms;
  return {.dram = BytesPerSecond(rates.pseudo_channel * pseudo_channels(gpu)),
          .l2 = BytesPerSecond(rates.slice_array * slices),
          .slice_ports = BytesPerSecond(rates.slice_port * slices),
          .sm_ports = BytesPerSecond(rates.sm_port * sms),
          .l1 = BytesPerSecond(rates.l1_array * sms)};
}

}  // namespace strobe::device
