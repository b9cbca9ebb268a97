strobe_test(unit_networks
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/host_queue.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/l2_ledger.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/network_file.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/onnx_network.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/optimiser.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/order.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/step.test.cpp
  USES strobe_networks)
