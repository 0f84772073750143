"""An image as a file: read as an engine saves it, written so that equal contents are equal bytes.

What is written is an OCI image layout, with the list of `docker save` beside it: `docker load`, `ctr images import` and
`skopeo copy oci-archive:` take it.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CONFIG = "application/vnd.oci.image.config.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
KEPT = ("architecture", "config", "history", "os")
"""What an engine says of an image that does not depend on where and when it was built."""

type Blob = dict[str, Any]


@dataclass(frozen=True)
class Image:
    """What an image is: its configuration, and its layers as uncompressed archives."""

    configuration: dict[str, Any]
    layers: list[Path]


@dataclass(frozen=True)
class Written:
    """An image that was written: its digest, as a registry tells it, and its bytes packed and unpacked."""

    digest: str
    packed_bytes: int
    unpacked_bytes: int


def read(saved: Path, folder: Path) -> Image:
    """Unpack what `docker save` wrote for one image."""
    with tarfile.open(saved) as archive:
        archive.extractall(folder, filter="data")
    (listed,) = json.loads((folder / "manifest.json").read_text())
    configuration = json.loads((folder / listed["Config"]).read_text())
    return Image(configuration, [folder / layer for layer in listed["Layers"]])


def write(image: Image, name: str, epoch: int, target: Path) -> Written:
    """Write an image under its name; nothing in it is younger than `epoch`, in seconds."""
    blobs = target.with_suffix(".blobs")
    blobs.mkdir()
    layers, contents = [], []
    for number, layer in enumerate(image.layers):
        aged = blobs / f"{number}.tar"
        age(layer, aged, epoch)
        contents.append(f"sha256:{digest_of(aged)}")
        layers.append(packed(aged, blobs))
    unpacked = sum(unpacked_bytes(layer) for layer in image.layers)
    config = stored(configuration_of(image, contents, epoch), CONFIG, blobs)
    manifest = stored({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}, MANIFEST, blobs)
    collect(blobs, layout(manifest, config, layers, name), target)
    shutil.rmtree(blobs)
    return Written(manifest["digest"], sum(layer["size"] for layer in layers), unpacked)


def age(layer: Path, target: Path, epoch: int) -> None:
    """Copy a layer without what depends on when and by whom it was made."""
    with tarfile.open(layer) as source, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as aged:
        for entry in source:
            entry.mtime = min(int(entry.mtime), epoch)
            entry.uname = entry.gname = ""
            entry.pax_headers = {key: value for key, value in entry.pax_headers.items() if key.startswith("SCHILY")}
            aged.addfile(entry, source.extractfile(entry) if entry.isreg() else None)


def packed(layer: Path, blobs: Path) -> Blob:
    """Compress a layer into the blobs, and return what describes it."""
    made = blobs / "packed"
    with layer.open("rb") as source, made.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    layer.unlink()
    return blob(made, LAYER)


def stored(content: dict[str, Any], kind: str, blobs: Path) -> Blob:
    """Put a document into the blobs, and return what describes it."""
    made = blobs / "document"
    made.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")))
    return blob(made, kind)


def blob(made: Path, kind: str) -> Blob:
    digest, size = digest_of(made), made.stat().st_size
    made.rename(made.with_name(digest))
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}


def configuration_of(image: Image, contents: list[str], epoch: int) -> dict[str, Any]:
    created = datetime.fromtimestamp(epoch, UTC).isoformat().replace("+00:00", "Z")
    kept = {key: value for key, value in image.configuration.items() if key in KEPT}
    history = [{**step, "created": created} for step in kept.pop("history", [])]
    return {**kept, "created": created, "history": history, "rootfs": {"type": "layers", "diff_ids": contents}}


def layout(manifest: Blob, config: Blob, layers: list[Blob], name: str) -> dict[str, Any]:
    """Return the documents that lead to the blobs, by their file names."""
    names = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    listed = {"Config": path_of(config), "RepoTags": [name], "Layers": [path_of(layer) for layer in layers]}
    return {
        "oci-layout": {"imageLayoutVersion": "1.0.0"},
        "index.json": {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**manifest, "annotations": names}]},
        "manifest.json": [listed],
    }


def path_of(described: Blob) -> str:
    return f"blobs/{described['digest'].replace(':', '/')}"


def collect(blobs: Path, documents: dict[str, Any], target: Path) -> None:
    """Put documents and blobs into one archive."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, document in documents.items():
            text = json.dumps(document, sort_keys=True).encode()
            archive.addfile(entry_of(name, len(text)), io.BytesIO(text))
        for file in sorted(blobs.iterdir()):
            with file.open("rb") as content:
                archive.addfile(entry_of(f"blobs/sha256/{file.name}", file.stat().st_size), content)


def entry_of(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry


def unpacked_bytes(layer: Path) -> int:
    with tarfile.open(layer) as archive:
        return sum(entry.size for entry in archive)


def digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
