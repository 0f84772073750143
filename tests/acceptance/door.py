"""A running installation that a test may also kill and start again."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import load_der_private_key
from tools.servers import free_port

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.testkit import PATIENCE_SECONDS


class Door:
    """A running installation that the test may also kill and start again."""

    def __init__(self, data: Path, base_url: str = "", program: Sequence[str] = ("aktenfluss.standalone",)) -> None:
        """Serve `data` with the modules in `program`: the last one is the product's, those before it run it."""
        self.data = data
        self._program = program
        self.base_url = base_url or f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the installation and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once it is ready; raises AssertionError with what it logged where it ends before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_ready():
            assert self.runs, (self.data / "serve.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "the installation does not become ready"
            time.sleep(0.05)

    def launch(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the installation and return at once."""
        port = self.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", *self._program, "serve", "--data", str(self.data), "--port", port]
        with (self.data / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, env=os.environ | (environment or {}))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the installation and return its exit code."""
        self.send(number)
        return self.wait()

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(PATIENCE_SECONDS)

    def kill(self, *, with_database: bool = False) -> None:
        """Kill the installation, its database server as well or not, as a power cut or the kernel would."""
        if with_database:
            self.kill_database()
        self.end(signal.SIGKILL)

    def kill_database(self) -> None:
        """Kill the database server."""
        pid_file = self.data / "postgres" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    def client(self, role: Role | str = "", tenant: str = "offenbach") -> httpx.Client:
        """Return a client with a token of one role, or without any."""
        headers = {"Authorization": f"Bearer {self.token(Role(role), tenant)}"} if role else {}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=PATIENCE_SECONDS)

    def token(self, role: Role, tenant: str = "offenbach") -> str:
        issuer = EmbeddedIssuer.open(self.data / "keys", SystemClock())
        return issuer.mint(f"test:{role}", tenant, [role])

    def is_ready(self) -> bool:
        try:
            # Asked many times a second: to load the authorities that nobody needs here would cost 15 ms each time.
            return httpx.get(f"{self.base_url}/ready", verify=False).status_code == 200
        except httpx.TransportError:
            return False


class ProvidersDoor(Door):
    """An installation with an identity provider: tokens are signed with the provider's own key, RSA in PKCS #8."""

    def __init__(self, base_url: str, issuer: str, key_in_base64: str, key_id: str) -> None:
        super().__init__(Path(), base_url)
        self._issuer, self._key_id = issuer, key_id
        self._key = load_der_private_key(base64.b64decode(key_in_base64), password=None)

    def token(self, role: Role, tenant: str = "offenbach") -> str:
        now = int(time.time())
        caller = {"sub": f"test:{role}", "tenant": tenant, "roles": [role]}
        claims = {"iss": self._issuer, "aud": "aktenfluss", "nbf": now, "exp": now + 3600, **caller}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})
