strobe_test(unit_base
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/containers.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/csv.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/divider.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/lanes.test.cpp
  USES strobe_base)
