"""What an operator may set for `documents`."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, FilePath

from aktenfluss.servicekit import ServiceSettings


class DocumentsSettings(ServiceSettings):
    """Settings of `documents`."""

    content_limit_bytes: Annotated[int, Field(ge=1, description="Largest content that is taken, in bytes.")] = 2 << 30
    upload_keep_hours: Annotated[
        int, Field(ge=1, le=720, description="How long a half-sent upload waits for its next chunk, in hours.")
    ] = 24
    scrub_cron: Annotated[
        str, Field(description="When all stored contents are read again and compared, as a cron line in UTC.")
    ] = "0 1 * * 6"
    presigned_downloads: Annotated[
        bool,
        Field(
            description="Whether a content is fetched from the S3 store itself, by a link that lasts a minute; clients "
            "must then reach the store under the name in OBJECT_STORE_URL."
        ),
    ] = False
    page_workers: Annotated[
        int, Field(ge=1, le=64, description="How many child processes render pages at the same time.")
    ] = 2
    page_memory_mebibytes: Annotated[
        int, Field(ge=256, le=16_384, description="Address space of one such child, in MiB.")
    ] = 1_024
    page_seconds: Annotated[
        int, Field(ge=1, le=600, description="Computing time that one page may take, in seconds.")
    ] = 5

    ocr_model: Annotated[
        FilePath | None,
        Field(
            description="Model of Tesseract with which this process recognises the text of pages, for example "
            "Latin.traineddata of Debian's tesseract-ocr-script-latn; without one, it leaves that to others."
        ),
    ] = None
    ocr_workers: Annotated[
        int,
        Field(
            ge=1,
            le=4,
            description="How many child processes recognise text at the same time; a process does four jobs.",
        ),
    ] = 2
    ocr_memory_mebibytes: Annotated[
        int, Field(ge=512, le=16_384, description="Address space of one such child, in MiB.")
    ] = 1_024
    ocr_seconds: Annotated[
        int, Field(ge=5, le=600, description="Computing time that the text of one page may take, in seconds.")
    ] = 60

    @property
    def upload_keep(self) -> timedelta:
        return timedelta(hours=self.upload_keep_hours)
