"""The cluster: made from nothing, used, and taken away without a trace."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tools.servers.cache import ROOT, run
from tools.servers.process import Server
from tools.servers.state import State

from . import images, leftovers, machine, network, owner, programs
from .control_plane import ControlPlane
from .node import NAME, PAUSE, Node, socket_of

MANIFESTS = Path(__file__).parent / "manifests"
PATIENCE = "120s"
KEPT = "log"
PLENTY = 8 << 30


class Cluster:
    """A Kubernetes of one node on this machine; there can be one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._started: list[Server] = []

    @property
    def configuration(self) -> Path:
        """The file by which an administrator finds the API server: KUBECONFIG."""
        return self.folder / "admin.conf"

    @property
    def is_up(self) -> bool:
        """Whether all of its programs run."""
        return self._state.is_running()

    @property
    def _state(self) -> State:
        return State.load(self.folder / "state.json")

    def up(self, note: str = "") -> None:
        """Make the cluster anew, with names for services and a controller of the Gateway API; return once it works.

        The note says whose it is, where it is to end with a process. Raises UnavailableError where this machine cannot have
        one, ServerError where a part does not work.
        """
        machine.check()
        machine.install()
        self.down()
        if network.exists() and (folder := owner.abandoned(network.note())):
            Cluster(folder).down()
        if network.exists():
            raise machine.UnavailableError(f"a cluster runs here already: the bridge {network.BRIDGE} is another's")
        try:
            self._make(note)
        except BaseException:
            self.down()
            raise

    def _make(self, note: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        keep_in_memory(self.folder / "containerd")
        network.make(self.folder / "switches.json", note)
        self._start()
        self._add("kube-network-policies", programs.network_policies())
        self._add("coredns", programs.coredns())
        self.kubectl("apply", "--server-side", "--filename", programs.gateway_definitions())
        self._add("traefik", programs.traefik())

    def _start(self) -> None:
        for server in self._programs():
            server.start_again()
            self._started.append(server)
            State.of(self._started, {"KUBECONFIG": str(self.configuration)}).save(self.folder / "state.json")
        for server in self._started:
            server.outlive()
        self.kubectl("wait", "--for=condition=Ready", f"node/{NAME}", f"--timeout={PATIENCE}")

    def _programs(self) -> Iterator[Server]:
        """Give each program when those before it work."""
        kubebox = programs.kubebox()
        plane = ControlPlane(self.folder, kubebox, NAME)
        node = Node(self.folder, kubebox, plane)
        yield plane.etcd()
        yield plane.api_server()
        yield plane.controller_manager()
        yield plane.scheduler()
        yield node.containerd()
        self.load_program(programs.pause(), PAUSE)
        yield node.kubelet()
        yield node.proxy()

    def _add(self, name: str, program: Path) -> None:
        """Run a program in the cluster as its manifest says."""
        self.load_program(program, f"local/{name}:1")
        self.kubectl("apply", "--filename", MANIFESTS / f"{name}.yaml")
        self.kubectl("--namespace=kube-system", "rollout", "status", f"deployment/{name}", f"--timeout={PATIENCE}")

    def down(self) -> None:
        """Take the cluster away, with all it made on this machine; its logs stay."""
        if not self.folder.exists():
            return
        self._state.end()
        while self._started:
            self._started.pop().stop()
        leftovers.end_pods(self.folder)
        switches = self.folder / "switches.json"
        if switches.exists():
            leftovers.forget_containers(self.folder)
            network.remove(switches)
            leftovers.remove_groups()
        leftovers.unmount(self.folder)
        leftovers.remove_links(self.folder)
        for part in self.folder.iterdir():
            if part.name != KEPT:
                shutil.rmtree(part) if part.is_dir() else part.unlink()

    def kill_pod(self, namespace: str, name: str) -> None:
        """Kill every process of a pod and forget it, as if its node had burnt; whoever owns it makes another one."""
        pod = f"--namespace={namespace}", f"pod/{name}"
        leftovers.kill(self.kubectl("get", *pod, "--output=jsonpath={.metadata.uid}"))
        self.kubectl("delete", *pod, "--force", "--grace-period=0", "--wait=false")

    def kubectl(self, *arguments: str | Path) -> str:
        """Return what kubectl tells; raises ServerError with its words where it fails."""
        return run(programs.kubebox(), "kubectl", f"--kubeconfig={self.configuration}", *arguments)

    def load(self, archive: Path) -> None:
        """Take up the images of an archive, as `docker save` writes it; nothing is ever fetched from a registry."""
        self._images("import", archive)

    def tag(self, image: str, name: str) -> None:
        """Give an image that was taken up a further name."""
        self._images("tag", "--force", image, name)

    def _images(self, *arguments: str | Path) -> None:
        run("ctr", "--address", socket_of(self.folder), "--namespace", "k8s.io", "images", *arguments)

    def load_program(self, program: Path, tag: str) -> None:
        """Make an image of a static binary and take it up."""
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder, "image.tar")
            images.write_image(program, tag, archive)
            self.load(archive)


def keep_in_memory(folder: Path) -> None:
    """Put a folder into memory where there is plenty: thousands of files are unpacked into it, and soon removed."""
    folder.mkdir()
    if psutil.virtual_memory().available > PLENTY:
        run("mount", "-t", "tmpfs", "-o", f"size={PLENTY // 2}", "tmpfs", folder)


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Give a cluster that is taken away in the end, even where this process is killed."""
    cluster = Cluster(folder)
    guard = guard_of(cluster.folder)
    try:
        cluster.up(owner.note_of(cluster.folder))
        yield cluster
    finally:
        cluster.down()
        guard.kill()
        guard.communicate()


def guard_of(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that takes the cluster away once this process ends: the kernel closes the pipe between them."""
    down = (sys.executable, "-m", "tools.kubernetes", "down", "--folder", str(folder))
    wait = ("sh", "-c", 'read -r _; exec "$@"', "guard", *down)
    return subprocess.Popen(wait, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True)
