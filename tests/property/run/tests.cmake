strobe_test(property_run
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/catalogue.test.cpp ${CMAKE_CURRENT_LIST_DIR}/memory_load.test.cpp
    USES strobe_run strobe_config strobe_dram)
