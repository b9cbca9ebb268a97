strobe_test(property_config
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/mutated_configs.test.cpp
    USES strobe_config)
