strobe_test(unit_run
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/host_interval.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/network_suite.test.cpp
  USES strobe_run)
