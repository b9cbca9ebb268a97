find_package(OpenSSL REQUIRED COMPONENTS Crypto)

strobe_test(unit_trace
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/accelsim_reader.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/facts.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/generate.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/generated_loops.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/instruction_line.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/kernel_list.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/opcodes.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/request_pattern.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/request_trace.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/text_input.test.cpp
  USES strobe_trace OpenSSL::Crypto)
