strobe_test(property_dram
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/mapping.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/replay.test.cpp
    USES strobe_dram strobe_config)
strobe_test(property_dram_mutants
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/mutants.test.cpp
    USES strobe_dram strobe_config)
strobe_test(property_dram_volume
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/volume.test.cpp
    USES strobe_dram strobe_config)
