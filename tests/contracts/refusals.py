"""Every kind of bad input that is refused at once: the request, and the problem that it gets."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aktenfluss.kernel import Role, digest_of

from .main_job import FILE_NUMBER, STOCK_LINE, Job

MANAGER, CONTRACTOR, CLERK = Role.RECORDS_MANAGER, Role.CONTRACTOR, Role.CLERK
JSON = {"Content-Type": "application/json"}
OTHER = digest_of(b"something else")
TAG_MANIFEST = "tagmanifest-sha256.txt"
MANIFEST = "manifest-sha256.txt"


@dataclass(frozen=True)
class Refusal:
    """A request, and how it is refused: with a problem, and for a delivery with a rule among its findings."""

    problem: str
    status: int
    method: str
    path: str
    role: Role | None
    options: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""


def contents(job: Job) -> dict[str, Refusal]:
    """Return what is wrong with contents."""

    def put(problem: str, status: int, digest: str = OTHER, content: bytes = b"bytes", **headers: str) -> Refusal:
        options = {"content": content, "headers": {name.replace("_", "-"): text for name, text in headers.items()}}
        return Refusal(problem, status, "PUT", f"/v1/contents/{digest}", CONTRACTOR, options)

    return {
        "wrong digest": put("digest-mismatch", 422),
        "short body": put("incomplete-body", 400, Content_Length="10"),
        "body beyond the limit": put("body-too-large", 413, Content_Length=str(3 << 30)),
        "unknown hash algorithm": put("unsupported-digest-algorithm", 422, "md5:d41d8cd98f00b204e9800998ecf8427e"),
        "chunk that does not fit": put("upload-offset-mismatch", 409, Content_Range="bytes 5-9/10"),
    }


def announced(job: Job, edit: Callable[[dict[str, str], str], str]) -> tuple[str, dict[str, Any]]:
    """Return address and body of the job's delivery after `edit`, with digests that fit what was edited."""
    body = deepcopy(job.manifest)
    tag_files = body["tag_files"]
    listed = digest_of(body["index"].encode()).removeprefix("sha256:")
    body["index"] = edit(tag_files, body["index"])
    fitting = digest_of(body["index"].encode()).removeprefix("sha256:")
    if MANIFEST in tag_files:
        tag_files[MANIFEST] = tag_files[MANIFEST].replace(listed, fitting)
    lines = (
        f"{digest_of(text.encode()).removeprefix('sha256:')}  {name}\n"
        for name, text in sorted(tag_files.items())
        if name != TAG_MANIFEST
    )
    tag_files[TAG_MANIFEST] = "".join(lines)
    return digest_of(tag_files[TAG_MANIFEST].encode()), body


def deliveries(job: Job) -> dict[str, Refusal]:
    """Return what is wrong with the tag files and the index of deliveries."""

    def put(rule: str, edit: Callable[[dict[str, str], str], str], problem: str = "invalid-delivery") -> Refusal:
        address, body = announced(job, edit)
        return Refusal(problem, 422, "PUT", f"/v1/deliveries/{address}", CONTRACTOR, {"json": body}, rule)

    def other_order(tag_files: dict[str, str], index: str) -> str:
        tag_files["bag-info.txt"] = tag_files["bag-info.txt"].replace(job.scan_order_id, str(job.document_id))
        return index

    return {
        "path traversal in a bag": put("path-escape", escaping),
        "md5-only bag": put("unknown-algorithm", with_md5_only),
        "fetch.txt": put("fetch-forbidden", with_fetch),
        "Payload-Oxum mismatch": put("oxum-mismatch", with_other_oxum),
        "index row twice": put("index-row-twice", lambda _, index: index + index.splitlines(keepends=True)[1]),
        "scan order of nobody": put("", other_order, "unknown-scan-order"),
    }


def escaping(tag_files: dict[str, str], index: str) -> str:
    tag_files[MANIFEST] = tag_files[MANIFEST].replace("kanari-0002.pdf", "../../../../etc/passwd")
    return index.replace("kanari-0002.pdf", "../../../../etc/passwd")


def with_md5_only(tag_files: dict[str, str], index: str) -> str:
    lines = tag_files.pop(MANIFEST).splitlines()
    tag_files["manifest-md5.txt"] = "".join(f"{line[:32]}  {line[66:]}\n" for line in lines)
    return index


def with_fetch(tag_files: dict[str, str], index: str) -> str:
    tag_files["fetch.txt"] = "https://evil.example/scan.pdf 1 data/scan.pdf\n"
    return index


def with_other_oxum(tag_files: dict[str, str], index: str) -> str:
    tag_files["bag-info.txt"] = re.sub(r"(Payload-Oxum: .*)\.", r"\1.9", tag_files["bag-info.txt"])
    return index


def requests(job: Job) -> dict[str, Refusal]:
    """Return what is wrong with requests whatever they are about."""
    file = f"/v1/case-files/{job.case_file_id}"

    def create(problem: str, status: int, content: bytes, **headers: str) -> Refusal:
        options = {"content": content, "headers": JSON | headers}
        return Refusal(problem, status, "POST", "/v1/case-files", MANAGER, options)

    text = json.dumps(STOCK_LINE | {"given_names": "?"})
    return {
        "NUL in JSON": create("invalid-request", 422, text.replace("?", "\\u0000").encode()),
        "lone surrogate in JSON": create("invalid-request", 422, text.replace("?", "\\ud800").encode()),
        "wrong UTF-8": create("malformed-request", 400, text.encode().replace(b"?", b"\xff")),
        "UTF-16": create("malformed-request", 400, text.encode("utf-16")),
        "NUL in the query": Refusal("invalid-request", 422, "GET", "/v1/case-files?name=%00", CLERK),
        "wrong UTF-8 in the path": Refusal("malformed-request", 400, "GET", "/v1/case-files/%ff", CLERK),
        "JSON beyond the limit": create("body-too-large", 413, b" " * (1 << 20) + text.encode()),
        "tampered cursor": Refusal("invalid-cursor", 400, "GET", "/v1/case-files?cursor=AAAA", CLERK),
        "stale If-Match": Refusal(
            "stale-case-file",
            412,
            "PATCH",
            file,
            MANAGER,
            {"json": {"given_names": "M"}, "headers": {"If-Match": '"99"'}},
        ),
        "change without If-Match": Refusal(
            "precondition-required", 428, "PATCH", file, MANAGER, {"json": {"given_names": "M"}}
        ),
        "order of unknown file numbers": Refusal(
            "unknown-file-numbers",
            422,
            "POST",
            "/v1/scan-orders",
            MANAGER,
            {"json": {"name": "B", "file_numbers": ["x"]}},
        ),
        "file number that is taken": Refusal(
            "file-number-taken", 409, "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE}
        ),
        "forged grant": Refusal("unauthenticated", 401, "GET", f"{job.grant_url}A", None),
        "name in a path": Refusal("invalid-request", 422, "GET", f"/v1/case-files/{FILE_NUMBER[:6]}", CLERK),
    }


def refusals(job: Job) -> dict[str, Refusal]:
    return contents(job) | deliveries(job) | requests(job)
