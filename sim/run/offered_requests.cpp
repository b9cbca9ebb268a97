#include "sim/run/offered_requests.h"

#include "sim/base/error.h"

namespace strobe::run {

namespace {

constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;

bool has_time(const trace::MemoryRequest& request) {
  return request.arrival >= Picoseconds(0) || request.arrival_cycle >= Cycles(0);
}

std::variant<trace::RequestTrace, trace::PatternedRequests> open(const RequestInput& input) {
  if (const auto* recipe = std::get_if<trace::RequestRecipe>(&input)) {
    return trace::PatternedRequests(*recipe);
  }
  return trace::RequestTrace(std::get<RequestFile>(input).name);
}

std::uint32_t bytes_of_request(const RequestInput& input) {
  return static_cast<std::uint32_t>(
      std::visit([](const auto& each) { return each.request_bytes; }, input));
}

}  // namespace

std::string name_of(const RequestInput& input) {
  if (const auto* recipe = std::get_if<trace::RequestRecipe>(&input)) return describe(*recipe);
  const std::string& trace = std::get<RequestFile>(input).name;
  return trace == trace::kStandardInput ? "standard input" : trace;
}

OfferedRequests::OfferedRequests(const RequestInput& input, Kilohertz command_clock,
                                 std::optional<BytesPerSecond> load)
    : name_(name_of(input)),
      source_(open(input)),
      request_bytes_(bytes_of_request(input)),
      clock_(command_clock),
      load_(load) {
  draw();
  timed_ = has_pending_ && has_time(pending_);
  if (timed_ && load_) {
    throw UserError({name_}, "its requests have times of their own, and a load is given too");
  }
}

bool OfferedRequests::next(dram::ReplayRequest& into) {
  if (!has_pending_) return false;
  if (has_time(pending_) != timed_) {
    throw UserError({name_}, timed_ ? "some requests have a time and some have none"
                                    : "the first request has no time and a later one has");
  }
  into.address = pending_.address;
  into.bytes = request_bytes_;
  into.is_write = pending_.is_write;
  if (load_) {
    into.arrival = next_at_load();
  } else if (timed_) {
    into.arrival = arrival_of(pending_);
  }
  draw();
  return true;
}

void OfferedRequests::draw() {
  has_pending_ = std::visit([this](auto& source) { return source.next(pending_); }, source_);
}

Instant OfferedRequests::arrival_of(const trace::MemoryRequest& request) const {
  if (request.arrival >= Picoseconds(0)) return Instant(request.arrival);
  return clock_.edge(request.arrival_cycle);
}

// Evenly spaced, with no rounding that adds up.
Instant OfferedRequests::next_at_load() {
  const Instant at = due_;
  const std::int64_t load = load_->count(), apart = request_bytes_ * kPicosecondsPerSecond;
  due_ = due_ + Picoseconds(apart / load);
  cut_off_ += apart % load;
  if (cut_off_ >= load) {
    cut_off_ -= load;
    due_ = due_ + Picoseconds(1);
  }
  return at;
}

}  // namespace strobe::run
