"""What the tool for the cluster does before there is one, and what it refuses."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tools.kubernetes import UnavailableError, leftovers, machine, network, owner
from tools.kubernetes.images import write_image
from tools.kubernetes.programs import kubebox_module

ROOT = Path(__file__).resolve().parents[2]
SAVED = """\
*filter
:FORWARD DROP [0:0]
:KUBE-FORWARD - [0:0]
:DOCKER - [0:0]
-A FORWARD -i kube0 -j ACCEPT
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -o docker0 -j DOCKER
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -j DOCKER
COMMIT
"""


def test_only_rules_of_the_cluster_are_forgotten():
    assert network.undoing(SAVED).splitlines() == [
        "*filter",
        "-D FORWARD -i kube0 -j ACCEPT",
        '-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
        "-F KUBE-FORWARD",
        "-X KUBE-FORWARD",
        "COMMIT",
    ]


def test_nothing_is_forgotten_where_no_cluster_was():
    assert network.undoing("") == ""


def test_an_image_runs_its_program_as_nobody_special(tmp_path):
    program = tmp_path / "pause"
    program.write_bytes(b"program")
    write_image(program, "local/pause:1", tmp_path / "image.tar")

    with tarfile.open(tmp_path / "image.tar") as image:
        [manifest] = json.load(image.extractfile("manifest.json"))
        about = json.load(image.extractfile(manifest["Config"]))
        with tarfile.open(fileobj=image.extractfile(manifest["Layers"][0])) as layer:
            assert layer.getmember("pause").mode == 0o755
    assert manifest["RepoTags"] == ["local/pause:1"]
    assert about["config"] == {"Entrypoint": ["/pause"], "User": "65532:65532"}


def test_parts_of_kubernetes_are_taken_as_they_are_published():
    kubernetes = "module k8s.io/kubernetes\n\ngo 1.26.0\n\ngodebug default=go1.26\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n)\n"

    assert kubebox_module(kubernetes).splitlines() == [
        "module kubebox",
        "go 1.26.0",
        "godebug default=go1.26",
        "require k8s.io/kubernetes v1.37.2",
        "replace k8s.io/api => k8s.io/api v0.37.2",
    ]


def test_only_the_shims_of_this_cluster_are_its_own():
    shim = ["/usr/bin/containerd-shim-runc-v2", "-address", "/here/containerd.sock"]

    assert leftovers.is_shim(shim, "/here/containerd.sock")
    assert not leftovers.is_shim(shim, "/there/containerd.sock")
    assert not leftovers.is_shim([], "/here/containerd.sock")


def test_a_cluster_is_abandoned_once_its_process_has_ended(tmp_path):
    noting = f"from pathlib import Path; from tools.kubernetes import owner; print(owner.note_of(Path('{tmp_path}')))"
    of_another = subprocess.run([sys.executable, "-c", noting], cwd=ROOT, capture_output=True, text=True, check=True)

    assert owner.abandoned(of_another.stdout.strip()) == tmp_path
    assert owner.abandoned(owner.note_of(tmp_path)) is None


def test_a_cluster_that_nobody_put_a_note_on_is_another_s():
    assert owner.abandoned("") is None


def test_without_root_it_says_so_in_a_sentence_and_ends_with_a_code_of_its_own():
    somebody = "import os, sys; os.geteuid = lambda: 1000; sys.argv[1:] = ['check']"
    command = [sys.executable, "-c", f"{somebody}; from tools.kubernetes.__main__ import main; main()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stderr == "no cluster can be made here: it needs root, for containers, networks and mounts\n"
    assert done.returncode == 75


def test_a_module_that_the_kernel_does_not_have_is_no_failure(tmp_path, monkeypatch):
    write_program(tmp_path / "modprobe", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(network, "SYSTEM", tmp_path)

    assert machine.no_bridges() == "the kernel does not filter bridges (br_netfilter)"


def test_what_apt_get_does_not_install_is_told_after_it_has_waited_for_another(tmp_path, monkeypatch):
    asked = tmp_path / "asked"
    write_program(tmp_path / "apt-get", f'echo "$@" >>{asked}\necho "E: no way to the mirror" >&2\nexit 100')
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UnavailableError, match=r"install .*containerd.*; apt-get does not: E: no way to the mirror$"):
        machine.install()
    assert "DPkg::Lock::Timeout=300" in asked.read_text().splitlines()[0]


def write_program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
