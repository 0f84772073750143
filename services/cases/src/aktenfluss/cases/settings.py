"""What an operator may set for `cases`."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from aktenfluss.servicekit import ServiceSettings


class CasesSettings(ServiceSettings):
    """Settings of `cases`."""

    grant_seconds: Annotated[
        int, Field(ge=1, le=300, description="How long a grant permits to read a content or a page, in seconds.")
    ] = 300

    @property
    def grant_lifetime(self) -> timedelta:
        return timedelta(seconds=self.grant_seconds)
