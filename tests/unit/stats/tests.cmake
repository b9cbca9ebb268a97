strobe_test(unit_stats
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/stats.test.cpp
  USES strobe_stats)
