strobe_test(unit_layers
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/attention.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/gemm.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/images.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/winograd.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/layer_table.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/kernels.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/layer_text.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/rows.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/tensor.test.cpp
  USES strobe_layers)
