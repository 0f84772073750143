"""Only settings read the environment, and importing a module does nothing."""

import ast
import json
import subprocess
import sys

# Runs in a child: an audit hook sees what an import opens. What a library does while it is imported itself is its own
# affair (croniter asks for the machine's word size, for example); what our modules make it do is ours.
IMPORT_ALL = """
import json, sys
WATCHED = {"os.mkdir", "os.remove", "os.rename", "os.system", "os.fork", "subprocess.Popen", "sqlite3.connect"}
opened = []

def is_ours(frame):
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("aktenfluss."):
            return True
        if frame.f_code.co_name == "<module>" and name != "__main__":
            return False
        frame = frame.f_back
    return False

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if (writes or event in WATCHED or event.startswith("socket.")) and is_ours(sys._getframe(1)):
        opened.append([current, event, str(arguments)[:200]])

current = "start"
sys.addaudithook(watch)
for current in json.load(sys.stdin):
    __import__(current)
json.dump(opened, sys.stdout)
"""


def reads_environment(node):
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "getenvb"):
            return True
        case ast.ImportFrom(module="os", names=names):
            return any(alias.name in {"environ", "environb", "getenv", "getenvb"} for alias in names)
        case ast.Name(id="BaseSettings"):
            return True
    return False


def names_a_variable(node):
    return isinstance(node, ast.keyword) and node.arg == "envvar"


def test_no_module_but_settings_reads_the_environment(offenders):
    assert offenders(reads_environment, but=lambda path: path.endswith("/settings.py")) == []


def test_only_options_of_a_command_line_may_be_given_as_variables(offenders):
    assert offenders(names_a_variable, but=lambda path: path.endswith("/cli.py")) == []


def test_importing_any_module_opens_nothing(production, tmp_path):
    modules = [
        path.partition("/src/")[2].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in production
        if not path.endswith(("/__main__.py", "migrations/env.py"))
    ]
    run = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL],
        input=json.dumps(modules),
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == []
    assert list(tmp_path.iterdir()) == []
