strobe_test(property_wire
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/address_map.test.cpp
  USES strobe_wire)
