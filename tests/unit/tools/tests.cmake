# The checks of the tree are tested like the rest: each must refuse a planted mistake. Whether this
# tree passes them is asked by tools/test.sh.
foreach(check check_layers check_style)
  add_test(NAME unit_${check}
      COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/${check}_test.py)
endforeach()
