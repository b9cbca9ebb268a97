# The program as a user calls it.
add_test(NAME cli_run_memory
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/run_memory_test.py $<TARGET_FILE:strobe>)
set_tests_properties(cli_run_memory PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME cli_sweep
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/sweep_test.py $<TARGET_FILE:strobe>)
set_tests_properties(cli_sweep PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
# Fifty kills are tried by hand: kill_sweep.py STROBE 50.
add_test(NAME cli_sweep_killed
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/kill_sweep.py $<TARGET_FILE:strobe> 5)
add_test(NAME cli_batch
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/batch_test.py $<TARGET_FILE:strobe>
            ${PROJECT_BINARY_DIR}/strobe.1)
set_tests_properties(cli_batch PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME cli_timeline
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/timeline_test.py $<TARGET_FILE:strobe>)
set_tests_properties(cli_timeline PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME cli_compare
    COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/compare_test.py $<TARGET_FILE:strobe>)
set_tests_properties(cli_compare PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
