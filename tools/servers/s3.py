"""What the S3 stores have in common: their keys, their URL, and how they say that they serve."""

from abc import abstractmethod
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from .process import LOOPBACK, Server
from .secret import secret

ACCESS_KEY = "aktenfluss"
REGION = "us-east-1"
BUCKET = "contents"


class S3Server(Server):
    """An S3 store with one user, who may do everything; buckets are made by clients."""

    health: str

    def __init__(self, folder: Path, port: int | None, host: str = LOOPBACK) -> None:
        super().__init__(folder, port, host)
        self.data = self.folder / "data"
        self.data.mkdir(exist_ok=True)

    @classmethod
    def start(cls, folder: Path, *, port: int | None = None, host: str = LOOPBACK) -> Self:
        """Start a server on the data of `folder`."""
        server = cls(folder, port, host)
        server.start_again()
        return server

    @staticmethod
    @abstractmethod
    def build() -> Path:
        """Return the program; the first call may compile it, which takes minutes."""

    @property
    def access_key(self) -> str:
        return ACCESS_KEY

    @property
    def secret_key(self) -> str:
        return secret(self.folder / "secret")

    @property
    def url(self) -> str:
        """What OBJECT_STORE_URL wants."""
        return self.bucket_url(BUCKET)

    def bucket_url(self, bucket: str) -> str:
        user = f"{self.access_key}:{self.secret_key}"
        return f"s3://{user}@{self.host}:{self.port}/{bucket}?region={REGION}&tls=false"

    def is_serving(self) -> bool:
        connection = HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == 200
        except HTTPException:
            return False
        finally:
            connection.close()
