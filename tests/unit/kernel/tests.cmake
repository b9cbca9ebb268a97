strobe_test(unit_kernel
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/clock.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/engine.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/event_queue.test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/large_pages.test.cpp
  USES strobe_kernel)
