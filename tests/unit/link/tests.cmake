strobe_test(unit_link
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/prefetch.test.cpp
  USES strobe_link)
