strobe_test(property_sm
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/addresses.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/timeline.test.cpp
  USES strobe_sm)
