# Puts the report's page together: page.html with its styles and scripts inside, as a C++ string.
#   cmake -D FOLDER=sim/report/html -D OUTPUT=page_template.cpp -P embed.cmake
set(styles "uplot/uPlot.min.css" "page.css")
set(scripts "uplot/uPlot.iife.min.js" "data.js" "text.js" "draw.js" "lines.js" "stacks.js"
            "overtime.js" "run.js" "memory.js" "validation.js" "layers.js" "network.js"
            "comparison.js" "sweep.js" "page.js")

function(joined result)
  set(text "")
  foreach(file IN LISTS ARGN)
    file(READ "${FOLDER}/${file}" part)
    string(APPEND text "${part}\n")
  endforeach()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

joined(page page.html)
joined(css ${styles})
joined(js ${scripts})
file(READ "${FOLDER}/uplot/LICENSE" licence)
string(REPLACE "/*LICENCE*/" "/*\nuPlot, which draws the curves of this page:\n${licence}*/" page
       "${page}")
string(REPLACE "/*STYLES*/" "${css}" page "${page}")
string(REPLACE "/*SCRIPTS*/" "${js}" page "${page}")
file(WRITE "${OUTPUT}" "#include \"sim/report/page_template.h\"\n
namespace strobe::report {
const std::string_view kPageTemplate = R\"strobe-page(${page})strobe-page\";
}\n")
