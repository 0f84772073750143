"""The base image, made from Debian's packages: Python and what it and the wheels load, no shell and no package manager."""

import hashlib
import os
import platform
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from tools.servers.cache import make, run

from . import archive
from .store import folder

SUITE = "trixie"
BUILD = ("binutils", "ca-certificates", "libstdc++6", "netbase", "python3", "python3-venv", "tzdata")
"""What the build stage has on top of Debian's smallest system."""
RUN = (
    "base-files",
    "ca-certificates",
    "libbz2-1.0",
    "libc6",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libpython3.13-minimal",
    "libpython3.13-stdlib",
    "libssl3t64",
    "libstdc++6",
    "libuuid1",
    "libzstd1",
    "media-types",
    "netbase",
    "python3-minimal",
    "python3.13",
    "python3.13-minimal",
    "tzdata",
    "zlib1g",
)
"""The packages whose files a service finds; everything that they load is among them."""
LEFT_OUT = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bug",
    "usr/share/ca-certificates",
    "usr/share/binfmts",
    "usr/share/gcc",
    "usr/share/python3/debpython",
    "usr/lib/*/gconv",
    "usr/lib/*/libexpatw.so*",
    "usr/lib/*/libmvec.so*",
    "usr/lib/python3.13/ensurepip",
    "usr/lib/python3.13/curses",
    "usr/lib/python3.13/idlelib",
    "usr/lib/python3.13/lib-dynload/_curses*",
    "usr/lib/python3.13/lib-dynload/_sqlite3*",
    "usr/lib/python3.13/lib-dynload/_test*",
    "usr/lib/python3.13/lib-dynload/readline*",
    "usr/lib/python3.13/pydoc_data",
    "usr/lib/python3.13/sqlite3",
    "usr/lib/python3.13/test",
    "usr/lib/python3.13/turtle.py",
    "usr/sbin",
)
MADE = ("bin", "lib", "lib64", "etc/ssl/certs/ca-certificates.crt", "etc/passwd", "etc/group", "etc/nsswitch.conf")
"""What no package brings: links, and what installing makes."""
NOT_KEPT = ("dev/*", "proc/*", "run/*", "sys/*", "tmp/*", "var/cache", "var/lib/apt/lists", "var/log", "etc/machine-id")
"""What the build stage does without."""
MOMENT = {"SOURCE_DATE_EPOCH": str(archive.MOMENT)}
"""Else the day of the build stands in /etc/shadow, for every user that Debian makes."""
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def base_images(*, fresh: bool = False) -> Path:
    """Return the folder with `build.tar` and `run.tar` for `docker load`; a fresh one has the newest packages."""
    found = place()
    if fresh:
        shutil.rmtree(found, ignore_errors=True)
    if not found.exists():
        make(found, build)
    return found


def place() -> Path:
    """Return where the base lies once it is made."""
    sources = (Path(__file__), Path(archive.__file__))
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    return folder() / f"base-{SUITE}-{key}"


def image_name(kind: str) -> str:
    """Return what the engine calls the base: `build` or `run`."""
    return f"localhost/aktenfluss-base-{kind}:{SUITE}"


def build(target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        tree = Path(work) / "tree"
        mirror = [found] if (found := os.environ.get("DEBIAN_MIRROR")) else []
        chosen_packages = ("--variant=minbase", f"--include={','.join(BUILD)}")
        run("debootstrap", *chosen_packages, SUITE, tree, *mirror, environment=MOMENT)
        compile_library(tree)
        for kind, paths in (("build", everything(tree)), ("run", chosen(tree))):
            layer = Path(work) / f"{kind}.tar"
            collect(tree, paths, layer)
            with layer.open("rb") as content:
                packed = archive.pack(content, kind, Path(work))
            archive.write(
                archive.Image(configuration(), [packed]), image_name(kind), archive.MOMENT, target / f"{kind}.tar"
            )
        (target / "packages").write_text(versions(tree))


def compile_library(tree: Path) -> None:
    """Compile the standard library, as it would be compiled anywhere: nothing can be written there later."""
    flags = ("-q", "-b", "--invalidation-mode", "unchecked-hash", "-x", r"/(test|ensurepip|idlelib)/")
    environment = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin"}
    python = shutil.which("chroot") or "chroot"
    run(python, tree, "python3", "-m", "compileall", *flags, "/usr/lib/python3.13", environment=environment)


def versions(tree: Path) -> str:
    """Return the packages that a service finds, with their versions."""
    shown = "--showformat=${Package}=${Version}\n"
    return run("dpkg-query", f"--admindir={tree / 'var/lib/dpkg'}", "--show", shown, *RUN)


def everything(tree: Path) -> Iterator[Path]:
    for path in sorted(tree.rglob("*")):
        if not is_below(path.relative_to(tree), NOT_KEPT):
            yield path


def chosen(tree: Path) -> Iterator[Path]:
    """Give what a service finds: the files of the packages, modules only compiled, and what no package brings."""
    for name in sorted({*MADE, *files_of(tree)}):
        path = tree / name
        compiled = path.with_suffix(".pyc")
        if path.suffix == ".py" and compiled.exists():
            path = compiled
        if not is_below(Path(name), LEFT_OUT) and (path.exists() or path.is_symlink()):
            yield path


def files_of(tree: Path) -> Iterator[str]:
    for package in RUN:
        for listed in tree.glob(f"var/lib/dpkg/info/{package}*.list"):
            if listed.name.removesuffix(".list").partition(":")[0] == package:
                yield from (line.lstrip("/") for line in listed.read_text().splitlines() if line not in {"/.", ""})


def is_below(path: Path, patterns: Iterable[str]) -> bool:
    return any(fnmatch(str(found), pattern) for found in (path, *path.parents) for pattern in patterns)


def collect(tree: Path, paths: Iterable[Path], target: Path) -> None:
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as layer:
        for path in paths:
            layer.add(path, str(path.relative_to(tree)), recursive=False)


def configuration() -> dict[str, object]:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    step = {"created_by": f"packages of Debian {SUITE}"}
    variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    return {"architecture": machine, "os": "linux", "config": {"Env": variables}, "history": [step]}
