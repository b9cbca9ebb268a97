strobe_test(unit_wire
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire.test.cpp
  USES strobe_wire)
