"""The commands that exchange the keys on Kubernetes, as the page has them: which keys each step leaves in the Secret."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pages import blocks

from aktenfluss.servicekit import KeyBundle

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the commands call openssl, which is not here")
KUBECTL = r"""
kubectl() {
  local all="$*"
  case "$all" in
    *"get secret"*) name="${all##*.data.}"; name="${name%\}}"; base64 "../secret/${name//\\/}" ;;
    *"create secret"*) cp issuer.pem audit.pem ../secret/; printf %s "${all##*--from-literal=secret=}" > ../secret/secret ;;
    *"get deployment"*) printf 'deployment.apps/%s\n' aktenfluss-audit aktenfluss-cases ;;
    apply*) cat ;;
    *) echo "$all" >> ../asked ;;
  esac
}
"""
"""Stands in for a cluster: a folder for the Secret, a list of what was asked of the Deployments."""


def run(commands: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", KUBECTL + commands], cwd=folder, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


class Secret:
    """What the Secret holds after each step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "secret"
        self.folder.mkdir()
        for name in ("issuer.pem", "audit.pem"):
            run(f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}", self.folder)
        (self.folder / "secret").write_text("0" * 64)

    def keys(self, name: str) -> list[str]:
        return list(KeyBundle.of_pem((self.folder / name).read_bytes(), name).public_keys)

    def private_keys(self, name: str) -> int:
        return (self.folder / name).read_text().count("BEGIN PRIVATE KEY")

    @property
    def secrets(self) -> list[str]:
        return (self.folder / "secret").read_text().split(" ")


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    return Secret(tmp_path)


@pytest.fixture
def exchange(secret: Secret, tmp_path: Path) -> Callable[[str], list[tuple[list[str], list[str], list[str]]]]:
    """Give a way to do all steps, in a folder of that name; it returns what the Secret held before and after each."""

    def do(name: str) -> list[tuple[list[str], list[str], list[str]]]:
        (tmp_path / name).mkdir()
        beginning, take_up, *steps = blocks("keys.md", "bash")[:5]
        seen = [(secret.keys("issuer.pem"), secret.keys("audit.pem"), secret.secrets)]
        run(beginning, tmp_path / name)
        for step in steps:
            run(take_up + step, tmp_path / name)
            seen.append((secret.keys("issuer.pem"), secret.keys("audit.pem"), secret.secrets))
        return seen

    return do


def test_each_key_is_learnt_then_signs_then_is_alone(secret, exchange):
    before, learnt, signing, after = exchange("first")
    for old, both, turned, new in zip(before, learnt, signing, after, strict=True):
        assert both == [*old, turned[0]]
        assert turned == both[::-1]
        assert new[0] == turned[0]
    issuer, audit, secrets = after
    assert (len(issuer), len(audit), [len(one) for one in secrets]) == (1, 2, [64])
    assert (secret.private_keys("issuer.pem"), secret.private_keys("audit.pem")) == (1, 1)


def test_the_public_halves_of_all_keys_of_the_audit_stay(secret, exchange):
    [*_, (_, after_one, _)] = exchange("first")
    [*_, (issuer, after_two, _)] = exchange("second")
    assert after_two[1:] == after_one
    assert (len(issuer), len(after_two), secret.private_keys("audit.pem")) == (1, 3, 1)


def test_one_deployment_is_ready_before_the_next_starts_anew(exchange, tmp_path):
    exchange("first")
    asked = (tmp_path / "asked").read_text().splitlines()
    of_a_step = [
        f"rollout {what} --namespace aktenfluss deployment.apps/aktenfluss-{name}"
        for name in ("audit", "cases")
        for what in ("restart", "status")
    ]
    assert asked == of_a_step * 3
