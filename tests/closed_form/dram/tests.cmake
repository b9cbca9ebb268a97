strobe_test(closed_form_dram
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/check_bits.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/energy.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/limits.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/refresh.test.cpp
    USES strobe_dram strobe_config)
