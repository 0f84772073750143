"""Makes of the environment that a build installed what an image gets; it runs inside of the build, and imports nothing else.

`finish others FOLDER` takes what others wrote, `finish own FOLDER SERVICE` what came on top of it: two layers, of which
the first and by far the larger one stays the same from release to release.
"""

import compileall
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(sys.prefix)
PACKAGES = next(ENVIRONMENT.glob("lib/python3*/site-packages"))
NEEDLESS = (
    # What installers leave.
    "bin/*activate*",
    ".lock",
    "**/__pycache__",
    # What compilers and editors read.
    *(f"**/*.{ending}" for ending in ("c", "cpp", "h", "pxd", "pxi", "pyi", "pyx")),
    # What packages bring for their own tests, and parts of them that the product has no use for.
    "**/Crypto/SelfTest",
    "**/PIL/_avif.*",
    "**/lxml/html",
    "**/lxml/includes",
    "**/lxml/isoschematron",
    "**/lxml/objectify.*",
    "**/pillow.libs/libavif-*",
    "**/pygments/lexers/[a-z]*",
    "**/reportlab/fonts/*.pfb",
    "**/reportlab/graphics/samples",
    "**/sqlalchemy/dialects/m[sy]*",
    "**/sqlalchemy/dialects/oracle",
    "**/sqlalchemy/testing",
)
"""Patterns of what no process of the product loads."""
OF_THE_MOMENT = {"direct_url.json", "uv_cache.json"}
"""What the installer says of where and when it took the product from."""
USER = "aktenfluss:x:10001:10001::/data:/usr/sbin/nologin\n"
GROUP = "aktenfluss:x:10001:\n"
START = """#!{python}
import os, sys
os.execv(sys.executable, [sys.executable, "-m", "aktenfluss.{service}", *(sys.argv[1:] or ["{command}"])])
"""
MODE = py_compile.PycInvalidationMode.UNCHECKED_HASH


def finish_others(target: Path) -> None:
    """Keep what processes load: compiled modules without their sources, and libraries without symbols for debuggers."""
    remove_needless()
    compileall.compile_dir(PACKAGES, quiet=1, maxlevels=99, legacy=True, invalidation_mode=MODE)
    for source in PACKAGES.rglob("*.py"):
        if source.with_suffix(".pyc").exists():
            source.unlink()
    if strip := shutil.which("strip"):
        subprocess.run([strip, "--strip-unneeded", *PACKAGES.rglob("*.so")], check=True)
    shutil.copytree(ENVIRONMENT, target / ENVIRONMENT.relative_to("/"), symlinks=True)


def finish_own(target: Path, service: str, others: Path) -> None:
    """Take what the others did not have; the product keeps its sources, which the migrations are read from."""
    remove_needless()
    for information in PACKAGES.glob("aktenfluss_*.dist-info"):
        forget_origin(information)
    compileall.compile_dir(PACKAGES / "aktenfluss", quiet=1, invalidation_mode=MODE)
    write_start(ENVIRONMENT / "bin/start", service)
    known = {path.relative_to(others) for path in others.rglob("*")}
    for path in sorted(ENVIRONMENT.rglob("*")):
        place = path.relative_to("/")
        if place not in known and not path.is_dir():
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / place, follow_symlinks=False)
    write_user(target)


def remove_needless() -> None:
    for pattern in NEEDLESS:
        for path in list(ENVIRONMENT.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def forget_origin(information: Path) -> None:
    for name in OF_THE_MOMENT:
        (information / name).unlink(missing_ok=True)
    record = information / "RECORD"
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if Path(line.partition(",")[0]).name not in OF_THE_MOMENT))


def write_start(program: Path, service: str) -> None:
    """Write what the container begins with: the module of the service in its own process, without a shell."""
    command = "--help" if service == "delivery" else "serve"
    program.write_text(START.format(python=ENVIRONMENT / "bin/python", service=service, command=command))
    program.chmod(0o755)


def write_user(target: Path) -> None:
    """Give the number of the process a name, and a folder that a volume takes its owner from."""
    (target / "etc").mkdir()
    for name, line in (("passwd", USER), ("group", GROUP)):
        (target / "etc" / name).write_text(Path("/etc", name).read_text() + line)
    (target / "data").mkdir(mode=0o700)
    shutil.chown(target / "data", 10001, 10001)


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    if sys.argv[1] == "others":
        finish_others(folder / "others")
    else:
        finish_own(folder / "own", sys.argv[3], folder / "others")
