"""The Versity S3 gateway before a folder: each object is a file."""

from collections.abc import Mapping
from pathlib import Path

from .cache import go_program
from .s3 import REGION, S3Server


class Versitygw(S3Server):
    """The S3 store versitygw with its POSIX back end; the folder's file system must know extended attributes."""

    name = "versitygw"
    health = "/health"

    @staticmethod
    def build() -> Path:
        return go_program("versitygw", "github.com/versity/versitygw/cmd/versitygw", "v1.8.0")

    def command(self) -> list[str]:
        address = f"{self.host}:{self.port}"
        options = ["--port", address, "--health", self.health, "--region", REGION, "--keep-alive", "--quiet"]
        return [str(self.build()), *options, "posix", str(self.data)]

    def environment(self) -> Mapping[str, str]:
        return {"ROOT_ACCESS_KEY_ID": self.access_key, "ROOT_SECRET_ACCESS_KEY": self.secret_key}
