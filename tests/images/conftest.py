"""An engine with the images of this tree, and containers of them."""

import json
from contextlib import contextmanager

import pytest
from tools.images.base import base_images
from tools.images.build import images, load_bases
from tools.images.engine import docker
from tools.images.product import Release
from tools.images.store import UnavailableError, folder

CONFINED = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
"""As compose and the chart run them."""


class Images:
    """The images of this tree in an engine."""

    def __init__(self, engine, release, built):
        self.engine = engine
        self.release = release
        self.built = {image.service: image for image in built}

    def configuration(self, service):
        (found,) = json.loads(self.engine("image", "inspect", self.built[service].name))
        return found

    def run(self, service, *command, program=None, network="none"):
        """Run a container to its end; return how it ended and what it said."""
        given = [f"--entrypoint={program}"] if program else []
        return self.engine.attempt(
            "run", "--rm", f"--network={network}", *CONFINED, *given, self.built[service].name, *command
        )

    @contextmanager
    def running(self, service, **environment):
        """Run a container on the network of this machine."""
        variables = [f"--env={name}={value}" for name, value in environment.items()]
        name = self.built[service].name
        container = self.engine("run", "--detach", "--network=host", *CONFINED, *variables, name).strip()
        try:
            yield container
        finally:
            self.engine("rm", "--force", container)


@pytest.fixture(scope="session")
def product():
    try:
        release = Release.of_tree("localhost", None)
        built = images(release)
        with docker(folder() / "engine") as engine:
            load_bases(engine, base_images())
            for image in built:
                engine("load", "--quiet", "--input", image.path)
            yield Images(engine, release, built)
    except UnavailableError as exc:
        pytest.skip(str(exc))
