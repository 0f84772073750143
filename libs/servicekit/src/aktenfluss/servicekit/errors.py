"""What is wrong with the technique below a service: its settings, its database, its store, its bus."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class SettingsError(ValueError):
    """A setting names nothing that could be opened."""


class UnknownSchemeError(SettingsError):
    """The scheme of a URL in the settings names no adapter."""


class NotPreparedError(RuntimeError):
    """What the services stand on is not as this release needs it; `aktenfluss migrate` makes it so."""


class ServiceUnavailableError(Problem):
    """A part that the service needs does not answer at the moment.

    Way out: wait for the seconds in the Retry-After header and send the same request again; nothing was changed.
    """

    slug: ClassVar[str] = "service-unavailable"
    title: ClassVar[str] = "Service unavailable"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE


class StorageFullError(Problem):
    """The disk behind the database or the object store has no room left.

    Way out: free or add space; the service recovers by itself. Then send the same request again; nothing was changed.
    """

    slug: ClassVar[str] = "storage-full"
    title: ClassVar[str] = "Storage full"
    kind: ClassVar[Kind] = Kind.STORAGE_FULL
