strobe_test(unit_validate
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/benchmark.test.cpp ${CMAKE_CURRENT_LIST_DIR}/figure.test.cpp
    USES strobe_validate)
