strobe_test(unit_report
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/assumptions.test.cpp ${CMAKE_CURRENT_LIST_DIR}/comparison.test.cpp ${CMAKE_CURRENT_LIST_DIR}/figures.test.cpp ${CMAKE_CURRENT_LIST_DIR}/hdf5_file.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/output_file.test.cpp ${CMAKE_CURRENT_LIST_DIR}/nsight.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/page.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/operation_table.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/predictions.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/what_if.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/provenance.test.cpp ${CMAKE_CURRENT_LIST_DIR}/show.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/summary.test.cpp ${CMAKE_CURRENT_LIST_DIR}/text.test.cpp
    USES strobe_report)
