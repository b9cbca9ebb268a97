strobe_test(determinism_machine
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/results.test.cpp
  USES strobe_machine strobe_config)
