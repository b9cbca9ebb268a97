strobe_test(property_layers
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sampling.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/shares.test.cpp
  USES strobe_layers)
