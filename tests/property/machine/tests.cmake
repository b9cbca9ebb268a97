strobe_test(property_machine
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/conservation.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/faults.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/what_if.test.cpp
  USES strobe_machine strobe_config)
