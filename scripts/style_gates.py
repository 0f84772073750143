"""Measure the code and hold the measures against their gates; exits 1 where one does not hold."""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

type Function = ast.FunctionDef | ast.AsyncFunctionDef

ROOT = Path(__file__).resolve().parent.parent
DRAWERS = {"common", "helper", "helpers", "misc", "shared", "stuff", "tools", "util", "utils"}
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|mypy:)")
MOCK = re.compile(r"\b(unittest\.mock|import mock|from mock|mocker|monkeypatch)\b")
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class SourceFile:
    """One Python file, parsed when asked."""

    path: Path
    root: Path = ROOT

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        return list(tokenize.generate_tokens(io.StringIO(self.text).readline))

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.relative_to(self.root).parts

    @property
    def module(self) -> str:
        """The dotted name below `src`, or below the root where there is none; a package goes without `__init__`."""
        parts = self.path.relative_to(self.root).with_suffix("").parts
        inside = parts[parts.index("src") + 1 :] if "src" in parts else parts
        return ".".join(part for part in inside if part != "__init__")

    @property
    def line_count(self) -> int:
        return self.text.count("\n")

    @property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function.__value__)]

    @property
    def code_lines(self) -> int:
        """Lines that hold code: no blanks, no comments, no docstrings."""
        held = {line for t in self.tokens if t.type not in LAYOUT for line in range(t.start[0], t.end[0] + 1)}
        documented = (docstring_lines(node) for node in self.nodes)
        return len(held.difference(*documented))

    @property
    def suppressions(self) -> int:
        return sum(1 for t in self.tokens if t.type == tokenize.COMMENT and SUPPRESSION.match(t.string))


def docstring_lines(node: ast.AST) -> range:
    """Return the lines of the docstring of `node`, none where it has none."""
    if not isinstance(node, ast.Module | ast.ClassDef | Function.__value__):
        return range(0)
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())) as first, *_]:
            return range(first.lineno, (first.end_lineno or first.lineno) + 1)
    return range(0)


def function_lines(function: Function) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    return whole - len(docstring_lines(function))


def parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return [argument for argument in every if argument.arg not in {"self", "cls"}]


def is_typed(function: Function) -> bool:
    returns = function.returns is not None or function.name == "__init__"
    return returns and all(argument.annotation for argument in parameters(function))


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Give the blocks inside `statement`; an `elif` is no block, it stands beside its `if`."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield part.body


def nesting(body: list[ast.stmt]) -> int:
    deepest = 0
    for statement in body:
        if isinstance(statement, ast.ClassDef | Function.__value__):
            continue
        for block in filter(None, blocks(statement)):
            chained = isinstance(statement, ast.If) and block is statement.orelse and isinstance(block[0], ast.If)
            deepest = max(deepest, nesting(block) + (not (chained and len(block) == 1)))
    return deepest


def is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


def imported(file: SourceFile) -> Iterator[str]:
    """Give the dotted names that `file` imports anywhere: in functions and for type checking too."""
    package = file.module.split(".")
    if file.path.name != "__init__.py":
        package = package[:-1]
    for node in file.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def in_cycles(files: list[SourceFile]) -> set[str]:
    """Return the modules that can be reached from themselves by imports."""
    known = {file.module for file in files}
    graph = {file.module: {target(name, known) for name in imported(file)} - {None, file.module} for file in files}
    return {module for module in known if module in reachable(graph, module)}


def target(name: str, known: set[str]) -> str | None:
    """Return the module that `import name` loads: `name` itself, or what holds it."""
    holder = name.rpartition(".")[0]
    return name if name in known else holder if holder in known else None


def reachable(graph: dict[str, set[str | None]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module and module not in seen:
            seen.add(module)
            waiting.extend(graph[module])
    return seen


def p90(numbers: Iterable[int]) -> float:
    ordered = sorted(numbers)
    return ordered[int(0.9 * (len(ordered) - 1))] if ordered else 0


def median(numbers: Iterable[int]) -> float:
    return statistics.median([*numbers] or [0])


def share(flags: Iterable[bool]) -> float:
    """Return how many of `flags` are set, in per cent; all of none is 100."""
    every = list(flags)
    return 100 * sum(every) / len(every) if every else 100


def documented(nodes: Iterable[ast.AST]) -> Iterator[bool]:
    for node in nodes:
        if isinstance(node, ast.Module) or (isinstance(node, ast.ClassDef) and not node.name.startswith("_")):
            yield bool(docstring_lines(node))


def measures(files: list[SourceFile]) -> Iterator[tuple[str, float, float, float]]:
    """Give each measure as name, value, least and greatest value that is allowed."""
    sources = [file for file in files if not file.is_test]
    tests = [file for file in files if file.is_test]
    functions = [function for file in sources for function in file.functions]
    thousands = sum(file.code_lines for file in sources) / 1000
    lengths = [function_lines(function) for function in functions]
    drawers = [file for file in files if {file.path.stem, file.path.parent.name} & DRAWERS]
    cases = [function for file in tests for function in file.functions if function.name.startswith("test")]
    yield "function lines, median", median(lengths), 0, 8
    yield "function lines, 90th percentile", p90(lengths), 0, 30
    yield "function lines, longest", max(lengths), 0, 50
    yield "file lines, 90th percentile", p90(file.line_count for file in sources), 0, 300
    yield "file lines, longest", max(file.line_count for file in files), 0, 500
    yield "nesting, 90th percentile", p90(nesting(function.body) for function in functions), 0, 2
    yield "parameters, 90th percentile", p90(len(parameters(function)) for function in functions), 0, 4
    yield "functions typed, %", share(is_typed(function) for function in functions), 100, 100
    yield "modules with a docstring, %", share(chain(*(documented([file.tree]) for file in sources))), 100, 100
    yield "classes with a docstring, %", share(chain(*(documented(file.nodes[1:]) for file in sources))), 95, 100
    yield "modules named after no purpose", len(drawers), 0, 0
    yield "modules in an import cycle", len(in_cycles(sources)), 0, 0
    yield "suppressions per 1000 lines", sum(file.suppressions for file in sources) / thousands, 0, 1
    yield "broad excepts per 1000 lines", sum(is_broad(n) for f in sources for n in f.nodes) / thousands, 0, 1
    yield "test lines per source line", sum(file.code_lines for file in tests) / thousands / 1000, 0.9, 1.5
    yield "test lines, median", median(function_lines(case) for case in cases), 0, 20
    yield "test files that mock, %", share(bool(MOCK.search(file.text)) for file in tests), 0, 15


def python_files(root: Path = ROOT) -> list[SourceFile]:
    """Return the files that count: migrations are history, not code to be read."""
    folders = ("libs", "services", "tests", "scripts", "tools")
    paths = chain.from_iterable((root / folder).rglob("*.py") for folder in folders)
    files = (SourceFile(path, root) for path in sorted(paths) if "migrations" not in path.parts)
    return [file for file in files if file.tree.body]


def main() -> int:
    held = True
    for name, value, least, greatest in measures(python_files()):
        holds = least <= value <= greatest
        held = held and holds
        bound = f"{least:g} to {greatest:g}" if least else f"at most {greatest:g}"
        print(f"{'ok  ' if holds else 'FAIL'}  {name:<34} {value:>8.2f}   {bound}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
