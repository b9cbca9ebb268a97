strobe_test(property_tags
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/miss_table.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/sectored_tags.test.cpp
  USES strobe_tags)
