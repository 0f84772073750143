"""Keycloak's own distribution, from Maven Central, prepared as its first start would."""

import zipfile
from pathlib import Path

import yaml
from tools.servers.cache import ROOT, cached, run

SERVICE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]["keycloak"]
VERSION = SERVICE["image"].partition(":")[2]


def distribution() -> Path:
    """Return the distribution of the version that compose names; the first call fetches it."""

    def build(folder: Path) -> None:
        artefact = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
        run("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artefact}", f"-DoutputDirectory={folder}")
        (packed,) = folder.glob("*.zip")
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(folder)
        packed.unlink()
        program = folder / f"keycloak-{VERSION}" / "bin" / "kc.sh"
        program.chmod(0o755)
        options = {name: SERVICE["environment"][name] for name in ("KC_DB", "KC_CACHE")}
        run(program, "build", environment=options)

    return cached(f"keycloak-{VERSION}", build) / f"keycloak-{VERSION}"
