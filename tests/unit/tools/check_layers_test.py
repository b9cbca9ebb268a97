"""The layer check refuses what it says it refuses: each test plants one mistake in a small tree."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
import check_layers  # noqa: E402

TREE = {
    "sim/base/units.h": "#pragma once\n#include <cstdint>\n",
    "sim/base/CMakeLists.txt": "strobe_library(base)\n",
    "sim/stats/counters.h": '#include "sim/base/units.h"\n',
    "sim/stats/CMakeLists.txt": "strobe_library(stats USES strobe_base)\n",
    "sim/kernel/executor.cpp": '#include <tbb/task_arena.h>\n#include "sim/base/units.h"\n',
    "sim/kernel/CMakeLists.txt": "strobe_library(kernel USES strobe_base TBB::tbb)\n",
    "sim/wire/message.h": '#include "sim/stats/counters.h"\n',
    "sim/wire/CMakeLists.txt": "strobe_library(wire USES strobe_stats)\n",
    "sim/model/l2/slice.h": '#include "sim/wire/message.h"\n#include "sim/base/units.h"\n',
    "sim/model/l2/CMakeLists.txt": "strobe_library(l2 SOURCES slice.cpp\n    USES strobe_wire)\n",
    "sim/model/dram/channel.h": '#include "sim/wire/message.h"\n',
    "sim/model/dram/CMakeLists.txt": "strobe_library(dram USES strobe_wire)\n",
    "sim/device/machine.h": '#include "sim/model/l2/slice.h"\n',
    "sim/device/CMakeLists.txt": "strobe_library(machine USES strobe_l2 strobe_dram)\n",
    "sim/report/text.h": '#include "sim/device/machine.h"\n',
    "sim/report/CMakeLists.txt": "strobe_library(report USES strobe_machine)\n",
}


class CheckLayers(unittest.TestCase):
    def complaints(self, changes=()):
        """What the check says of TREE with the files of `changes` (path -> text) put in."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**TREE, **dict(changes)}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return list(check_layers.complaints(root))

    def refuses(self, name, text, reason):
        found = self.complaints({name: text})
        self.assertTrue(any(reason in line for line in found), found)
        self.assertTrue(any(line.startswith(name + ":") for line in found), found)

    def test_a_tree_that_points_down_passes(self):
        self.assertEqual(self.complaints(), [])

    def test_an_include_of_a_higher_floor_is_refused_with_its_line(self):
        text = '#pragma once\n#include "sim/report/text.h"\n'
        found = self.complaints({"sim/device/machine.h": text})
        self.assertIn('sim/device/machine.h:2: includes "sim/report/text.h", which is not below '
                      "sim/device", found)

    def test_strangers_on_one_floor_may_not_include_each_other(self):
        self.refuses("sim/model/l2/slice.h", '#include "sim/model/dram/channel.h"\n', "not below")

    def test_a_library_comes_in_through_its_door_only(self):
        self.refuses("sim/stats/counters.h", "#include <tbb/parallel_for.h>\n", "door")
        self.refuses("sim/report/text.h", "#include <boost/graph/adjacency_list.hpp>\n", "door")

    def test_test_code_stays_out_of_the_product(self):
        self.refuses("sim/report/text.h", '#include "tests/support/catch.h"\n', "under sim/")
        self.refuses("sim/report/text.h", "#include <catch2/catch.hpp>\n", "door")

    def test_an_include_beside_the_file_is_written_from_the_root(self):
        self.refuses("sim/report/text.h", '#include "units.h"\n', "from the root")

    def test_an_include_of_nothing_is_refused(self):
        self.refuses("sim/report/text.h", '#include "sim/base/gone.h"\n', "does not exist")

    def test_a_folder_without_a_floor_is_refused(self):
        self.refuses("sim/helpers/misc.h", "#pragma once\n", "no floor")

    def test_a_circle_of_includes_is_refused(self):
        found = self.complaints({"sim/wire/message.h": '#include "sim/wire/port.h"\n',
                                       "sim/wire/port.h": '#include "sim/wire/message.h"\n'})
        self.assertEqual(len([line for line in found if "includes itself" in line]), 1, found)

    def test_a_library_that_links_upwards_is_refused(self):
        self.refuses("sim/wire/CMakeLists.txt",
                     "strobe_library(wire USES strobe_stats strobe_l2)\n", "not below it")

    def test_a_folder_links_what_it_includes(self):
        self.refuses("sim/device/CMakeLists.txt", "strobe_library(machine USES strobe_dram)\n",
                     "does not link")

    def test_a_program_links_what_it_includes(self):
        program = {"sim/app/main.cpp": '#include "sim/report/text.h"\n'}
        cmake = "add_executable(strobe main.cpp)\ntarget_link_libraries(strobe PRIVATE strobe_{})\n"
        right = {**program, "sim/app/CMakeLists.txt": cmake.format("report")}
        self.assertEqual(self.complaints(right), [])
        wrong = {**program, "sim/app/CMakeLists.txt": cmake.format("stats")}
        self.assertEqual(len(self.complaints(wrong)), 1)

    def test_a_link_to_a_library_nobody_makes_is_refused(self):
        self.refuses("sim/stats/CMakeLists.txt", "strobe_library(stats USES strobe_bass)\n",
                     "which no CMakeLists.txt makes")


if __name__ == "__main__":
    unittest.main()
