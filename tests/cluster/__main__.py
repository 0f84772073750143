"""Starts a cluster on this machine and keeps it until Ctrl-C: `python -m tests.cluster [FOLDER]`."""

import signal
import sys
import tempfile
from pathlib import Path

from .installation import Cluster


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp(prefix="cluster-", dir=build_folder()))
    ends = {signal.SIGINT, signal.SIGTERM}
    cluster = Cluster.start(folder.absolute())
    # From here on they wait to be waited for; the processes of the cluster must not inherit that.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        sys.stdout.write(f"BASE_URL={cluster.base_url}\nDATA_FOLDER={cluster.folder}\n")
        sys.stdout.write(f"# ready after {cluster.seconds:.1f} s; Ctrl-C ends it\n")
        sys.stdout.flush()
        signal.sigwait(ends)
    finally:
        cluster.stop()


def build_folder() -> Path:
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
