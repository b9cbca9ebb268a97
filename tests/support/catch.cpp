// Nothing but what makes CMake compile catch.h by itself.

#include "tests/support/catch.h"
