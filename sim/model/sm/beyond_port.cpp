// What a request meets between the SM's port and the crossbar: its page may have to be moved to the
// device first, and its address translated.

#include "sim/model/sm/sm.h"

namespace strobe::sm {

using wire::Kind;
using wire::Message;

// What waits for its page or its translation is beyond the port, so that it holds up nothing behind
// it and requests for one page stay in order. A request that has waited `paged` for its page goes
// on at `at`; what comes back is how much longer it takes. How a warp's own memory is translated is
// not known; it is never managed.
Picoseconds Sm::translate(Message& message, std::uint64_t line, Instant at, Picoseconds paged) {
  Translation translation;
  if (tlb_ && line < kFirstLocalLine) {
    translation = tlb_->translate(line, at, record_.counters);
  }
  const Picoseconds translating = translation.total();
  translation.page = paged;
  message.sent = message.sent + translation.total();
  auto& translations = message.kind == Kind::load ? load_translations_ : store_translations_;
  translations.set(message.tag, translation);
  return translating;
}

void Sm::wait_for_page(const ParkedRequest& request, wire::Mail& mail) {
  if (!pages_->park(request)) return;
  Message fault;
  fault.kind = Kind::page_fault;
  fault.from = wiring_.self.value;
  fault.line = request.line;
  fault.sent = request.since;
  mail.send(wiring_.self, *wiring_.pager, request.since + wiring_.request_latency, fault);
}

void Sm::note_pages(const Message& message, Instant now, wire::Mail& mail) {
  if (message.kind == Kind::pages_gone) return pages_->go(message.line, message.tag);
  pages_->come(message.line, message.tag);
  pages_->release([&](const ParkedRequest& request) {
    Message freed = request.message;
    const Picoseconds translating = translate(freed, request.line, now, now - request.since);
    mail.send(wiring_.self, request.slice, now + wiring_.request_latency + translating, freed);
  });
}

void Sm::forget_pages(std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t region = first / wire::kRegionBytes; region * wire::kRegionBytes < end;
       ++region) {
    pages_->go(region, wire::blocks_touched(region, first, end));
  }
}

}  // namespace strobe::sm
