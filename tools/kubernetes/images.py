"""Images out of one static binary each, in the format of `docker save`: no engine is needed to make them."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

USER = "65532:65532"


def write_image(program: Path, tag: str, archive: Path) -> None:
    """Write an image that holds the program alone and runs it."""
    layer = layer_of(program)
    config = config_of(f"/{program.name}", layer)
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [tag], "Layers": ["layer.tar"]}]
    with tarfile.open(archive, "w") as tar:
        add(tar, config_name, config)
        add(tar, "layer.tar", layer)
        add(tar, "manifest.json", json.dumps(manifest).encode())


def layer_of(program: Path) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        add(tar, program.name, program.read_bytes(), mode=0o755)
    return content.getvalue()


def config_of(entry_point: str, layer: bytes) -> bytes:
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": [entry_point], "User": USER},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()


def add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))
