"""The style check finds what it says it finds: each test plants one mistake in a small tree."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
import check_style  # noqa: E402
from cpp_outline import outline, without_comments_and_strings  # noqa: E402


def tree(folder, changes):
    root = pathlib.Path(folder)
    for name, text in changes.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def rules(changes):
    """(rule, file, line) of everything the check finds in a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        found = check_style.findings(tree(folder, changes))
        return [(one.rule, one.file, one.line) for one in found]


def built(text, name="sim/kernel/loop"):
    """A source with this text that a CMake file builds."""
    folder = name.rsplit("/", 1)[0]
    return {f"{name}.cpp": text, f"{folder}/CMakeLists.txt": "SOURCES loop.cpp"}


class Budgets(unittest.TestCase):
    def test_a_file_within_its_budgets_passes(self):
        self.assertEqual(rules(built("int f(int a) {\n  return a;\n}\n")), [])

    def test_a_line_may_have_100_columns_and_not_101(self):
        self.assertEqual(rules(built("x" * 100 + "\n")), [])
        long = "\n" + "x" * 101 + "\n"
        self.assertEqual(rules(built(long)), [("line", "sim/kernel/loop.cpp", 2)])

    def test_a_file_may_have_400_lines_and_not_401(self):
        self.assertEqual(rules(built("//\n" * 400)), [])
        self.assertEqual(rules(built("//\n" * 401)), [("file", "sim/kernel/loop.cpp", 1)])

    def test_a_function_may_have_60_lines_and_not_61(self):
        body = "  step();\n"
        self.assertEqual(rules(built("int f() {\n" + body * 58 + "}\n")), [])
        self.assertEqual(rules(built("int f() {\n" + body * 59 + "}\n")),
                         [("function", "sim/kernel/loop.cpp", 1)])

    def test_a_function_may_have_5_parameters_and_not_6(self):
        five = "void f(std::span<const A, 3> a, int b, int (*c)(int, int), D d = {1, 2}, int e);\n"
        self.assertEqual(rules(built(five)), [])
        self.assertEqual(rules(built(five.replace("int e", "int e, int f"))),
                         [("parameters", "sim/kernel/loop.cpp", 1)])

    def test_a_class_may_have_10_public_methods_and_not_11(self):
        def text(count):
            methods = "".join(f"  int m{i}() const {{ return {i}; }}\n" for i in range(count))
            return f"class A {{\n public:\n  A();\n{methods} private:\n  void p();\n}};\n"

        self.assertEqual(rules(built(text(10))), [])
        self.assertEqual(rules(built(text(11))), [("methods", "sim/kernel/loop.cpp", 1)])

    def test_a_file_may_include_10_files_of_the_tree_and_not_11(self):
        self.assertEqual(rules(built('#include "sim/a.h"\n' * 10)), [])
        self.assertEqual(rules(built('#include "sim/a.h"\n' * 11)),
                         [("includes", "sim/kernel/loop.cpp", 1)])

    def test_a_readme_is_one_page(self):
        self.assertEqual(rules({"traces/README.md": "line\n" * 60}), [])
        self.assertEqual(rules({"traces/README.md": "line\n" * 61}),
                         [("readme", "traces/README.md", 1)])


    def test_a_document_links_to_what_is_there(self):
        right = {"docs/A.md": "[b](B.md#x) [c](https://c.org)\n", "docs/B.md": ""}
        self.assertEqual(rules(right), [])
        self.assertEqual(rules({"docs/A.md": "\n[b](B.md)\n"}), [("link", "docs/A.md", 2)])


class Words(unittest.TestCase):
    def test_hot_folders_do_without_maps_functions_shared_pointers_and_virtual(self):
        for word in ("std::map<int, int> m", "std::unordered_map<int, int> m", "virtual void f()",
                     "std::shared_ptr<int> p", "std::function<void()> f"):
            found = rules(built(f"{word};\n"))
            self.assertEqual(found, [("banned", "sim/kernel/loop.cpp", 1)], word)
            self.assertEqual(rules(built(f"{word};\n", "sim/report/loop")), [], word)
            self.assertEqual(rules(built(f"// {word}\nauto s = \"{word}\";\n")), [], word)

    def test_a_banned_word_names_its_replacement(self):
        with tempfile.TemporaryDirectory() as folder:
            found = check_style.findings(tree(folder, built("std::map<int, int> m;\n")))
            self.assertIn("use a sorted std::vector", str(list(found)[0]))

    def test_a_todo_needs_the_number_of_an_issue(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X"):
            self.assertEqual(rules(built(f"// {word}(#12): a\n")), [])
            self.assertEqual(rules(built(f"// {word}: a\n")), [("todo", "sim/kernel/loop.cpp", 1)])

    def test_a_header_opens_no_namespace(self):
        found = rules({"sim/report/a.h": "using namespace std;\n", "sim/report/b.cpp":
                       '#include "sim/report/a.h"\n', "sim/report/CMakeLists.txt": "b.cpp"})
        self.assertEqual(found, [("using", "sim/report/a.h", 1)])

    def test_a_spec_holds_no_bare_int_or_double(self):
        found = rules({"sim/wire/spec.h": "struct A {\n  double latency;\n  Cycles wait;\n};\n",
                       "sim/wire/CMakeLists.txt": "loop.cpp",
                       "sim/wire/loop.cpp": '#include "sim/wire/spec.h"\n'})
        self.assertEqual(found, [("quantity", "sim/wire/spec.h", 2)])

    def test_a_header_nobody_includes_and_a_source_nobody_builds_are_dead(self):
        self.assertEqual(rules({"sim/base/a.h": "\n", "sim/base/b.cpp": "\n"}),
                         [("dead", "sim/base/a.h", 1), ("dead", "sim/base/b.cpp", 1)])


class Ratchet(unittest.TestCase):
    FOUND = [check_style.Finding("function", "a.cpp", "f", 70, 3, "f has 70 lines")]
    KEY = ("function", "a.cpp", "f")

    def test_an_exception_excuses_what_is_no_worse(self):
        self.assertEqual(check_style.against_ratchet(self.FOUND, {self.KEY: (70, 1)}), ([], []))

    def test_an_exception_does_not_excuse_what_got_worse(self):
        new, stale = check_style.against_ratchet(self.FOUND, {self.KEY: (69, 1)})
        self.assertEqual((len(new), len(stale)), (1, 0))

    def test_an_exception_that_allows_too_much_or_nothing_is_refused(self):
        self.assertEqual(len(check_style.against_ratchet(self.FOUND, {self.KEY: (71, 1)})[1]), 1)
        self.assertEqual(len(check_style.against_ratchet([], {self.KEY: (70, 1)})[1]), 1)

    def test_shrinking_lowers_and_drops_but_never_adds(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "ratchet.txt"
            path.write_text("# head\nfunction a.cpp f 90\nfile gone.cpp file 500\n")
            worse = check_style.Finding("file", "b.cpp", "file", 401, 1, "")
            check_style.shrink(path, self.FOUND + [worse], check_style.read_ratchet(path))
            self.assertEqual(path.read_text(), "# head\nfunction a.cpp f 70\n")


class Outline(unittest.TestCase):
    def names(self, text):
        found = outline(without_comments_and_strings(text))
        return [(one.name, one.lines) for one in found.functions]

    def test_values_in_braces_are_not_functions(self):
        self.assertEqual(self.names("constexpr A kTable[] = {{f(1), 2}, {g(2), 3}};\n"
                                    "A a{f(1)};\nstruct S {\n  int b = f(2);\n};\n"), [])

    def test_initialiser_lists_and_lambdas_belong_to_their_function(self):
        text = ("A::A(int b)\n    : b_{b}, c_(f([](int i) {\n        return i;\n      })) {\n"
                "  g();\n}\nint h() { return 1; }\n")
        self.assertEqual(self.names(text), [("A", 6), ("h", 1)])

    def test_braces_in_strings_and_comments_are_not_blocks(self):
        text = 'int f() {\n  g("{", \'{\');  // {\n  /* { */\n}\n'
        self.assertEqual(self.names(text), [("f", 4)])

    def test_an_operator_is_a_function(self):
        text = ("struct A {\n  bool operator==(const A&) const = default;\n};\n"
                "A operator\"\"_ns(T t) {}\n")
        self.assertEqual(self.names(text), [("operator==", 1), ('operator""_ns', 1)])


if __name__ == "__main__":
    unittest.main()
