"""A real Keycloak with the realm that compose brings, as compose starts it."""

import errno
import os
import shutil
import ssl
import subprocess
from urllib.request import urlopen

from tools.compose.keycloak import SERVICE, distribution
from tools.servers.cache import ROOT
from tools.servers.process import Server, holds_within

DOCKER = ROOT / "docker"


def link(source, target):
    """Give a file a further name; copy it where the two lie on different disks."""
    try:
        os.link(source, target)
    except OSError as exc:
        if exc.errno != errno.EXDEV:
            raise
        shutil.copy2(source, target)


class Keycloak(Server):
    """An identity provider on the loopback; its secrets are those of `docker/prepare`."""

    name = "keycloak"

    def __init__(self, folder):
        super().__init__(folder)
        prepared = {**os.environ, "ID_HOST": "localhost"}
        subprocess.run([DOCKER / "prepare", self.folder], env=prepared, check=True)
        lines = (self.folder / ".env").read_text().splitlines()
        self.secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        self.trust = ssl.create_default_context(cafile=str(self.folder / "secrets" / "id.crt"))
        self.home = self.folder / "keycloak"
        shutil.copytree(distribution(), self.home, copy_function=link)
        (self.home / "data" / "import").mkdir(parents=True)
        shutil.copy(DOCKER / "keycloak" / "realm.json", self.home / "data" / "import")

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def issuer(self):
        return f"{self.url}/realms/aktenfluss"

    def command(self):
        return [str(self.home / "bin" / "kc.sh"), *SERVICE["command"], "--optimized"]

    def environment(self):
        told = {name: self.secrets.get(value[2:-3], value) for name, value in SERVICE["environment"].items()}
        certificate = self.folder / "secrets" / "id"
        return told | {
            "KC_HOSTNAME": self.url,
            "KC_HTTPS_CERTIFICATE_FILE": f"{certificate}.crt",
            "KC_HTTPS_CERTIFICATE_KEY_FILE": f"{certificate}.key",
            "KC_HTTPS_PORT": str(self.port),
            "KC_HTTP_HOST": "127.0.0.1",
        }

    def start_anew(self):
        """Start it, and wait for longer than servers take that are not written in Java."""
        self.launch()
        assert holds_within(240, self._serves), self.log.read_text()

    def is_serving(self):
        with urlopen(self.issuer, timeout=5, context=self.trust) as answer:
            return answer.status == 200
