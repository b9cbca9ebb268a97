# The program as a user calls it.
add_test(NAME cli_run_memory
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/run_memory_test.py $<TARGET_FILE:strobe>)
set_tests_properties(cli_run_memory PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
