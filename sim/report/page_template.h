#pragma once

// The page that `strobe report` fills in: sim/report/html with its styles, its scripts and uPlot
// inside, put together when building.

#include <string_view>

namespace strobe::report {

extern const std::string_view kPageTemplate;
// Where in it the data go.
inline constexpr std::string_view kPageDataMark = "/*DATA*/";

}  // namespace strobe::report
