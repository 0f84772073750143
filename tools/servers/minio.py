"""MinIO: its last published source, with one drive."""

from collections.abc import Mapping
from pathlib import Path

from .cache import go_program
from .s3 import REGION, S3Server


class Minio(S3Server):
    """The S3 store MinIO; it can keep versions and lock objects."""

    name = "minio"
    health = "/minio/health/cluster"

    @staticmethod
    def build() -> Path:
        return go_program("minio", "github.com/minio/minio", "v0.0.0-20260212201848-7aac2a2c5b7c")

    def command(self) -> list[str]:
        return [str(self.build()), "server", "--quiet", "--address", f"{self.host}:{self.port}", str(self.data)]

    def environment(self) -> Mapping[str, str]:
        return {
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
            "MINIO_REGION": REGION,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",  # it would ask its maker whether there is a newer one
        }
