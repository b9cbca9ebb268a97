strobe_test(unit_config
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/board_energy.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/power_cap.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/catalogue.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/cpu_load.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/fields.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/latency_budget.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/managed_memory.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/mig.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/nearest_name.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/quantity_text.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/read_dram.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/read_gpu.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/section.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/toml_reader.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/what_if.test.cpp
            ${CMAKE_CURRENT_LIST_DIR}/wiring.test.cpp
    USES strobe_config)
