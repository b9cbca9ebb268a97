strobe_test(closed_form_machine
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/bandwidth.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/inline_ecc.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/layers.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/latency.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/managed.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/states.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/tensor.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/toy_counters.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/translation.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/unified.test.cpp
  USES strobe_machine strobe_config)
