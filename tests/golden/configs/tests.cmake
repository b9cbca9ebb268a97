strobe_test(golden_configs
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/configs.test.cpp
    USES strobe_config)
