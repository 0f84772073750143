"""Equal contents are equal bytes, whenever and by whomever they were packed."""

import io
import json
import tarfile

import pytest
from tools.images import archive
from tools.images.archive import Image

CONFIGURATION = {"architecture": "amd64", "os": "linux", "config": {"User": "10001"}, "history": [{"created": "now"}]}


def layer(moment, user="root", content=b"content", mode=0o644):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        entry = tarfile.TarInfo("opt/file")
        entry.size, entry.mtime, entry.uname, entry.mode = len(content), moment, user, mode
        tar.addfile(entry, io.BytesIO(content))
    made.seek(0)
    return made


def packed(folder, key, made):
    folder.mkdir(exist_ok=True)
    return archive.pack(made, key, folder)


def written(folder, made, epoch=1_700_000_000, **configuration):
    image = Image(CONFIGURATION | configuration, [packed(folder, "layer", made)])
    return archive.write(image, "localhost/x:1", epoch, folder / "image.tar")


def test_when_and_by_whom_does_not_count(tmp_path):
    first = written(tmp_path / "a", layer(1, "root"), created="today", container="abc")
    second = written(tmp_path / "b", layer(2, "builder"), created="tomorrow")

    assert first == second
    assert (tmp_path / "a/image.tar").read_bytes() == (tmp_path / "b/image.tar").read_bytes()


@pytest.mark.parametrize("other", [{"content": b"another"}, {"mode": 0o755}])
def test_what_is_in_a_layer_counts(tmp_path, other):
    assert written(tmp_path / "a", layer(1)) != written(tmp_path / "b", layer(1, **other))


def test_the_moment_of_the_image_is_the_one_told(tmp_path):
    written(tmp_path / "a", layer(1), epoch=0)
    with tarfile.open(tmp_path / "a/image.tar") as tar:
        (listed,) = json.load(tar.extractfile("manifest.json"))
        configuration = json.load(tar.extractfile(listed["Config"]))

    assert configuration["created"] == configuration["history"][0]["created"] == "1970-01-01T00:00:00Z"
    assert listed["RepoTags"] == ["localhost/x:1"]


def test_what_an_engine_saved_is_read_and_packed_once(tmp_path):
    content = layer(1).getvalue()
    saved = {
        "manifest.json": json.dumps([{"Config": "c.json", "Layers": ["l/layer.tar"]}]).encode(),
        "c.json": json.dumps(CONFIGURATION | {"rootfs": {"diff_ids": ["sha256:abc"]}}).encode(),
        "l/layer.tar": content,
    }
    with tarfile.open(tmp_path / "saved.tar", "w") as tar:
        for name, text in saved.items():
            archive.add(tar, name, text)

    first = archive.read(tmp_path / "saved.tar", tmp_path)
    (tmp_path / "abc.tar.gz").write_bytes(b"as it was")

    assert archive.read(tmp_path / "saved.tar", tmp_path) == first
    assert (tmp_path / "abc.tar.gz").read_bytes() == b"as it was"
    assert first.layers[0].unpacked_bytes == len(b"content")
