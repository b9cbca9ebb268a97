strobe_test(determinism_dram
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/threads.test.cpp
    USES strobe_dram strobe_config)
