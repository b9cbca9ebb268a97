strobe_test(unit_onnx
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/read_model.test.cpp
  USES strobe_onnx)
