strobe_test(unit_dram
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/choice.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/command.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/data_clock.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/power_series.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/presets.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/priority.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/row_habit.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/rules.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/scheduler.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/stages.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/timing_table.test.cpp
    USES strobe_dram strobe_config)
