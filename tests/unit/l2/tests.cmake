strobe_test(unit_l2
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/crossing.test.cpp ${CMAKE_CURRENT_LIST_DIR}/slice.test.cpp
  USES strobe_l2 strobe_machine strobe_config)
