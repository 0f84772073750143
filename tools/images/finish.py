"""Makes of a build's environment what an image gets: `finish ROOT SERVICE`, inside of the build only."""

import compileall
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(sys.prefix)
PACKAGES = next(ENVIRONMENT.glob("lib/python3*/site-packages"))
USER = "aktenfluss:x:10001:10001::/data:/usr/sbin/nologin\n"
GROUP = "aktenfluss:x:10001:\n"
OF_THE_MOMENT = {"direct_url.json", "uv_cache.json"}
"""What the installer says of where and when it took the product from."""
SOURCES = {".c", ".cpp", ".h", ".pxd", ".pxi", ".pyi", ".pyx"}
"""What compilers and editors read."""
TESTS = ("Crypto/SelfTest", "sqlalchemy/testing", "lxml/isoschematron", "lxml/includes")
"""What packages bring for their own tests, and for building others."""
START = """#!{python}
import os, sys
os.execv(sys.executable, [sys.executable, "-m", "aktenfluss.{service}", *(sys.argv[1:] or ["{command}"])])
"""


def finish(root: Path, service: str) -> None:
    for information in PACKAGES.glob("aktenfluss_*.dist-info"):
        forget_origin(information)
    for needless in [*ENVIRONMENT.glob("bin/*activate*"), ENVIRONMENT / ".lock"]:
        needless.unlink(missing_ok=True)
    slim()
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(PACKAGES, quiet=1, maxlevels=99, invalidation_mode=mode)
    write_start(ENVIRONMENT / "bin/start", service)
    shutil.copytree(ENVIRONMENT, root / ENVIRONMENT.relative_to("/"), symlinks=True)
    write_user(root)


def slim() -> None:
    """Take away what no process loads; where the build stage has `strip`, the symbols for debuggers too."""
    for name in TESTS:
        shutil.rmtree(PACKAGES / name, ignore_errors=True)
    for file in [file for file in PACKAGES.rglob("*") if file.suffix in SOURCES]:
        file.unlink()
    if strip := shutil.which("strip"):
        subprocess.run([strip, "--strip-debug", *PACKAGES.rglob("*.so")], check=True)


def forget_origin(information: Path) -> None:
    for name in OF_THE_MOMENT:
        (information / name).unlink(missing_ok=True)
    record = information / "RECORD"
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if line.partition(",")[0].rpartition("/")[2] not in OF_THE_MOMENT))


def write_start(program: Path, service: str) -> None:
    """Write what the container begins with: the module of the service in its own process, without a shell."""
    command = "--help" if service == "delivery" else "serve"
    program.write_text(START.format(python=ENVIRONMENT / "bin/python", service=service, command=command))
    program.chmod(0o755)


def write_user(root: Path) -> None:
    """Give the number of the process a name, and folders that a volume takes its owner from."""
    (root / "etc").mkdir()
    for name, line in (("passwd", USER), ("group", GROUP)):
        (root / "etc" / name).write_text(Path("/etc", name).read_text() + line)
    for folder, mode in (("data", 0o700), ("door", 0o755)):
        (root / folder).mkdir(mode=mode)
        shutil.chown(root / folder, 10001, 10001)


if __name__ == "__main__":
    finish(Path(sys.argv[1]), sys.argv[2])
