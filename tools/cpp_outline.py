"""The functions and classes of a C++ file, found by matching braces.

Not a parser: it relies on the layout that tools/check_format.sh enforces. There, a brace that opens
a block has a space or a line's start before it, and a brace that opens a value (`Rule{...}`,
`b_{y}`) follows its name at once or an `=`, `(`, `,` or `return`.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int
    parameters: int


@dataclasses.dataclass
class Class:
    name: str
    line: int
    is_public: bool  # whether what comes next in it is
    public_methods: set = dataclasses.field(default_factory=set)  # names: overloads are one


@dataclasses.dataclass
class Outline:
    functions: list
    classes: list


LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
ACCESS = re.compile(r"\s*(public|private|protected)\s*$")
NOT_A_FUNCTION = {"if", "for", "while", "switch", "catch", "static_assert", "alignas", "decltype",
                  "noexcept", "requires", "sizeof", "__attribute__", "defined", "return"}


def without_comments_and_strings(text):
    """The same text, same lines, with comments gone and literals emptied."""

    def blank(match):
        kept = "\n" * match[0].count("\n")
        if match[0].startswith(("//", "/*")):
            return kept
        return ("''" if match[0].startswith("'") else '""') + kept

    return LITERAL.sub(blank, text)


def split_top_level(text):
    """The parts between commas that are in no bracket of any kind."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in "([{<":
            depth += 1
        elif char in ")]}" or (char == ">" and text[i - 1] != "-"):
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [part for part in parts + [text[start:]] if part.strip() not in ("", "void")]


def closing(text, opening):
    """Where the bracket that opens at `opening` closes."""
    depth = 0
    for i in range(opening, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    return len(text) - 1


def read_signature(head):
    """(name, number of parameters) of a function's declaration, or None when it is none."""
    head = re.sub(r"\b(alignas|decltype|noexcept|explicit)\s*\(", r"\1_(", head)
    head = re.sub(r"\[\[[^\]]*\]\]", "", head)
    while re.search(r"\{[^{}]+\}", head):
        head = re.sub(r"\{[^{}]+\}", "{}", head)
    match = re.search(r"(operator\s*(?:\(\)|[^\s\w(]+|\"\"\s*\w+|bool)|~?[A-Za-z_]\w*)\s*\(", head)
    if not match or match[1].rstrip("_") in NOT_A_FUNCTION:
        return None
    if "=" in re.sub(r"operator\s*\S+", "", head[:match.start()]):
        return None
    opening = match.end() - 1
    return match[1].replace(" ", ""), len(split_top_level(head[opening + 1:closing(head, opening)]))


class Scanner:
    """One pass over a file without comments: blocks are pushed and popped as braces come."""

    def __init__(self, code):
        self.code = DIRECTIVE.sub(lambda match: "\n" * match[0].count("\n"), code)
        self.found = Outline([], [])
        self.blocks = []  # each "namespace", a Class, or "enum"; functions are stepped over whole

    def line_at(self, position):
        return self.code.count("\n", 0, position) + 1

    def owner(self):
        return self.blocks[-1] if self.blocks and isinstance(self.blocks[-1], Class) else None

    def count_method(self, name):
        owner = self.owner()
        special = owner and (name.lstrip("~") == owner.name or name.startswith("operator"))
        if owner and owner.is_public and not special:
            owner.public_methods.add(name)

    def line_of_head(self, start):
        """The line of the first word at or after `start`."""
        return self.line_at(re.compile(r"\S|$").search(self.code, start).start())

    def open_block(self, start, brace):
        """Takes the block that opens at `brace`, its head from `start`. Returns where to go on."""
        head = self.code[start:brace]
        line = self.line_of_head(start)
        kind = re.match(r"\s*(?:template\s*<.*?>\s*)?(?:typedef\s+)?(?:inline\s+)?"
                        r"(namespace|extern|enum|class|struct|union)\b", head, re.S)
        if kind and kind[1] in ("namespace", "extern"):
            self.blocks.append("namespace")
            return brace + 1
        if kind and kind[1] == "enum":
            return closing(self.code, brace) + 1
        if kind and not re.search(r"\w\s*\([^)]*\)\s*(const|noexcept)*\s*$", head):
            name = re.findall(r"(?:class|struct|union)\s+(?:\w+_\([^)]*\)\s*)?(\w+)", head)
            one = Class(name[-1] if name else "unnamed", line, kind[1] != "class")
            self.found.classes.append(one)
            self.blocks.append(one)
            return brace + 1
        end = closing(self.code, brace)
        signature = read_signature(head)
        if signature:
            lines = self.line_at(end) - line + 1
            self.found.functions.append(Function(signature[0], line, lines, signature[1]))
            self.count_method(signature[0])
        return end + 1

    def is_value_brace(self, start, brace):
        before = self.code[start:brace]
        last = before.rstrip()[-1:]
        if re.search(r"\b(return|=)\s*$", before) and not re.search(r"operator\s*=+$", before):
            return True
        return last in "=(,{" or (before[-1:] == last and last not in ")" and last != "")

    def declare(self, start, end):
        """A declaration that ends in `;` between `start` and `end`."""
        head = self.code[start:end]
        if re.match(r"\s*(using|typedef|friend|return|extern)\b", head):
            return
        signature = read_signature(head)
        if signature:
            line = self.line_of_head(start)
            self.found.functions.append(Function(signature[0], line, 1, signature[1]))
            self.count_method(signature[0])

    def run(self):
        start, i = 0, 0
        while i < len(self.code):
            char = self.code[i]
            if char == "(":
                i = closing(self.code, i)
            elif char == "{" and self.is_value_brace(start, i):
                i = closing(self.code, i)
            elif char == "{":
                i = start = self.open_block(start, i)
                continue
            elif char == "}":
                if self.blocks:
                    self.blocks.pop()
                start = i + 1
            elif char == ";":
                self.declare(start, i)
                start = i + 1
            elif char == ":" and self.owner() and ACCESS.match(self.code[start:i]):
                self.owner().is_public = "public" in self.code[start:i]
                start = i + 1
            i += 1
        return self.found


def outline(code):
    """The outline of a file's text as without_comments_and_strings returns it."""
    return Scanner(code).run()
