strobe_test(unit_sm
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/copy_groups.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/occupancy.test.cpp
  USES strobe_sm)
