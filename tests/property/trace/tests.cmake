strobe_test(property_trace
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/damaged_traces.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/random_traces.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/round_trip.test.cpp
  USES strobe_trace)
