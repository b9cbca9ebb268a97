strobe_test(golden_trace
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/real_traces.test.cpp
  USES strobe_trace)
