#pragma once

// Our own mistakes stop the program at once; the user's mistakes are UserError (error.h).
// STROBE_CHECK is always on and therefore cheap where it stands; STROBE_ASSERT is for the hot path
// and compiled in checking builds (Debug, sanitizers) only.

#include <cstdio>
#include <cstdlib>

namespace strobe {

[[noreturn]] inline void stop_on_broken_check(const char* what, const char* file, int line) {
  std::fprintf(stderr,
               "%s:%d: internal check failed: %s\nThis is a mistake in strobe, not yours.\n", file,
               line, what);
  std::abort();
}

}  // namespace strobe

#define STROBE_CHECK(condition) \
  ((condition) ? void(0) : ::strobe::stop_on_broken_check(#condition, __FILE__, __LINE__))

#ifdef STROBE_CHECKING
#define STROBE_ASSERT(condition) STROBE_CHECK(condition)
#else
#define STROBE_ASSERT(condition) void(0)
#endif
