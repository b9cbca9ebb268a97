strobe_test(unit_base
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/containers.test.cpp
  USES strobe_base)
