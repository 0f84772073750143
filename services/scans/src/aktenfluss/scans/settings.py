"""What an operator may set for `scans`."""

from typing import Annotated

from pydantic import Field

from aktenfluss.servicekit import ServiceSettings


class ScansSettings(ServiceSettings):
    """Settings of `scans`."""

    inspection_workers: Annotated[
        int, Field(ge=1, le=64, description="How many child processes inspect PDFs at the same time.")
    ] = 2
    inspection_memory_mebibytes: Annotated[
        int, Field(ge=256, le=16_384, description="Address space of one such child, in MiB.")
    ] = 1_024
    inspection_seconds: Annotated[
        int, Field(ge=1, le=600, description="Computing time that one PDF may take, in seconds.")
    ] = 20
