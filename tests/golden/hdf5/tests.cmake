# The program writes files from results made by hand; Python, the readers' language, judges them.
strobe_test(golden_hdf5
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/write_files.test.cpp
    USES strobe_report)
target_compile_definitions(test_golden_hdf5 PRIVATE
    STROBE_OUTPUT_FOLDER="${CMAKE_CURRENT_BINARY_DIR}")
set_tests_properties(golden_hdf5 PROPERTIES FIXTURES_SETUP result_files)

set(result_files ${CMAKE_CURRENT_BINARY_DIR}/golden_run.h5
                 ${CMAKE_CURRENT_BINARY_DIR}/golden_memory_run.h5
                 ${CMAKE_CURRENT_BINARY_DIR}/golden_load_sweep.h5
                 ${CMAKE_CURRENT_BINARY_DIR}/golden_validation.h5)
add_test(NAME golden_hdf5_readers
    COMMAND /usr/bin/python3 ${PROJECT_SOURCE_DIR}/tools/check_output.py
            --documented-in ${PROJECT_SOURCE_DIR}/docs/FORMATS.md ${result_files}
            ${CMAKE_CURRENT_BINARY_DIR}/golden_empty_run.h5
            ${CMAKE_CURRENT_BINARY_DIR}/golden_sweep.h5
            ${CMAKE_CURRENT_BINARY_DIR}/golden_memory_sweep.h5
            ${CMAKE_CURRENT_BINARY_DIR}/golden_predictions.h5)
add_test(NAME golden_hdf5_values
    COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/check_values.py ${result_files})
set_tests_properties(golden_hdf5_readers golden_hdf5_values PROPERTIES
    FIXTURES_REQUIRED result_files)
