strobe_test(unit_sweep
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/expression.test.cpp ${CMAKE_CURRENT_LIST_DIR}/plan.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/merge.test.cpp
    USES strobe_sweep)
