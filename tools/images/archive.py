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
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

CONFIG = "application/vnd.oci.image.config.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
KEPT = ("architecture", "config", "history", "os")
"""What an engine says of an image that does not depend on where and when it was built."""
MOMENT = 1735689600
"""The age of every file: a layer whose contents did not change is the same layer in each release."""

type Json = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer as it is shipped: compressed; `content` is its digest before that."""

    path: str
    content: str
    digest: str
    packed_bytes: int
    unpacked_bytes: int

    @property
    def described(self) -> Json:
        return {"mediaType": LAYER, "digest": self.digest, "size": self.packed_bytes}


@dataclass(frozen=True)
class Image:
    """What an image is."""

    configuration: Json
    layers: list[Layer]


def read(saved: Path, cache: Path) -> Image:
    """Read what `docker save` wrote for one image; layers that were packed before are taken from the cache."""
    with tarfile.open(saved) as archive:
        (listed,) = json.loads(content_of(archive, "manifest.json").read())
        configuration = json.loads(content_of(archive, listed["Config"]).read())
        keys = [key.partition(":")[2] for key in configuration["rootfs"]["diff_ids"]]
        found = zip(keys, listed["Layers"], strict=True)
        layers = [known(key, cache) or pack(content_of(archive, name), key, cache) for key, name in found]
    return Image(configuration, layers)


def content_of(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    content = archive.extractfile(name)
    assert content is not None  # what the list of an archive names is a file in it
    return content


def known(key: str, cache: Path) -> Layer | None:
    described = cache / f"{key}.json"
    return Layer(**json.loads(described.read_text())) if described.exists() else None


def pack(content: IO[bytes], key: str, cache: Path) -> Layer:
    """Compress a layer into the cache, without what depends on when and by whom it was made."""
    path = cache / f"{key}.tar.gz"
    with tempfile.TemporaryFile() as aged:
        unpacked_bytes = age(content, aged)
        aged.seek(0)
        digest = hashlib.file_digest(aged, "sha256").hexdigest()
        aged.seek(0)
        with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as target:
            shutil.copyfileobj(aged, target, 1 << 20)
    with path.open("rb") as packed:
        packed_digest = hashlib.file_digest(packed, "sha256").hexdigest()
    layer = Layer(str(path), f"sha256:{digest}", f"sha256:{packed_digest}", path.stat().st_size, unpacked_bytes)
    described = cache / f"{key}.json"
    unfinished = described.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(layer)))
    unfinished.replace(described)  # who is killed while writing leaves nothing that counts
    return layer


def age(layer: IO[bytes], target: IO[bytes]) -> int:
    """Copy a layer with all its files of one age; return how many bytes they have."""
    unpacked_bytes = 0
    with (
        tarfile.open(fileobj=layer) as source,
        tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as aged,
    ):
        for entry in source:
            entry.mtime = MOMENT
            entry.uname = entry.gname = ""
            entry.pax_headers = {name: value for name, value in entry.pax_headers.items() if name.startswith("SCHILY")}
            aged.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
            unpacked_bytes += entry.size
    return unpacked_bytes


def write(image: Image, name: str, epoch: int, target: Path) -> str:
    """Write an image under its name, made at `epoch` in seconds; return its digest, as a registry tells it."""
    config = encoded(configuration_of(image, epoch))
    layers = [layer.described for layer in image.layers]
    of_config = describe(config, CONFIG)
    manifest = encoded({"schemaVersion": 2, "mediaType": MANIFEST, "config": of_config, "layers": layers})
    described = describe(manifest, MANIFEST)
    names = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**described, "annotations": names}]}
    paths = [path_of(layer.digest) for layer in image.layers]
    listed = [{"Config": path_of(of_config["digest"]), "RepoTags": [name], "Layers": paths}]
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        add(archive, "oci-layout", encoded({"imageLayoutVersion": "1.0.0"}))
        add(archive, "index.json", encoded(index))
        add(archive, "manifest.json", encoded(listed))
        add(archive, path_of(of_config["digest"]), config)
        add(archive, path_of(described["digest"]), manifest)
        for path, layer in sorted(zip(paths, image.layers, strict=True), key=lambda found: found[0]):
            with Path(layer.path).open("rb") as content:
                archive.addfile(entry_of(path, layer.packed_bytes), content)
    return str(described["digest"])


def configuration_of(image: Image, epoch: int) -> Json:
    created = datetime.fromtimestamp(epoch, UTC).isoformat().replace("+00:00", "Z")
    kept = {key: value for key, value in image.configuration.items() if key in KEPT}
    history = [{**step, "created": created} for step in kept.pop("history", [])]
    contents = [layer.content for layer in image.layers]
    return {**kept, "created": created, "history": history, "rootfs": {"type": "layers", "diff_ids": contents}}


def encoded(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def describe(document: bytes, kind: str) -> Json:
    digest = hashlib.sha256(document).hexdigest()
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(document)}


def path_of(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(entry_of(name, len(content)), io.BytesIO(content))


def entry_of(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry
