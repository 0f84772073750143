"""The URL that names a bucket of an S3 store: `s3://ACCESS:SECRET@host:port/bucket?region=…&tls=…&ca=…`."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ..errors import SettingsError

BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
REGION = re.compile(r"[A-Za-z0-9_-]{1,63}")
YES_NO = {"true": True, "false": False}
PARAMETERS = {"region", "tls", "ca"}


@dataclass(frozen=True, slots=True)
class S3Url:
    """Where a store is, which bucket of it is meant, and who asks; TLS unless it is refused by name."""

    endpoint: str
    bucket: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    tls: bool = True
    ca: Path | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the URL; raises SettingsError, which never shows what may be a secret."""
        parts, port = split(url)
        options = options_of(parts.query)
        return cls(
            endpoint=endpoint_of(parts.hostname, port),
            bucket=matching(BUCKET, parts.path.removeprefix("/").removesuffix("/"), "bucket"),
            access_key=unquote(parts.username or "") or missing("the access key"),
            secret_key=unquote(parts.password or "") or missing("the secret key"),
            region=matching(REGION, options.get("region", "us-east-1"), "region"),
            tls=yes_no(options.get("tls", "true")),
            ca=existing(options.get("ca")),
        )


def refused(why: str) -> SettingsError:
    return SettingsError(
        f"OBJECT_STORE_URL: {why}. Expected: s3://ACCESS:SECRET@host:port/bucket?region=us-east-1&tls=true&ca=/path"
    )


def missing(what: str) -> Never:
    raise refused(f"{what} is missing")


def split(url: str) -> tuple[SplitResult, int | None]:
    """Return the parts, and the port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Its text would show what stands where the port should be: often the end of a secret with a slash in it.
        raise refused("host and port cannot be read; percent-encode `/`, `@` and `:` in the keys") from None
    return parts, port


def endpoint_of(host: str | None, port: int | None) -> str:
    host = host or missing("the host")
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


def options_of(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - PARAMETERS):
        raise refused(f"unknown parameter {', '.join(unknown)}")
    return options


def matching(form: re.Pattern[str], value: str, name: str) -> str:
    if not form.fullmatch(value):
        raise refused(f"the {name} is not of the form {form.pattern}")
    return value


def yes_no(value: str) -> bool:
    if value not in YES_NO:
        raise refused("tls is neither true nor false")
    return YES_NO[value]


def existing(path: str | None) -> Path | None:
    if path is None:
        return None
    if not Path(path).is_file():
        raise refused("ca names no file")
    return Path(path)
