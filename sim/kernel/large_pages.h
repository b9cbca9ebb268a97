#pragma once

namespace strobe {

// Has what the program allocates from now on lie in large pages, where the host has them. A machine
// is tens of megabytes of tables that a run touches all over: in pages of 4 KiB they are more than
// a host's address translation reaches. REQUIRES: no other thread has been started.
void use_large_pages();

}  // namespace strobe
