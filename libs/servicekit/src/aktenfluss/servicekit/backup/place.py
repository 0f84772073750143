"""Where backups are kept: a store of its own, never that of the installation."""

from ..errors import SettingsError
from ..objects.object_store import ObjectStore
from ..process.installation import open_store
from ..settings import ServiceSettings

OWN_FOLDER = "file:"


def open_backup_store(settings: ServiceSettings) -> ObjectStore:
    """Return the store that `BACKUP_URL` names; raises SettingsError where it names none, or that of the installation."""
    if settings.backup_url is None:
        raise SettingsError("BACKUP_URL is missing: name a folder, file:///…, or a bucket, s3://…")
    if settings.backup_url.get_secret_value() in {OWN_FOLDER, settings.object_store_url.get_secret_value()}:
        raise SettingsError("BACKUP_URL is the store of the installation: a backup is kept elsewhere")
    try:
        return open_store(settings.model_copy(update={"object_store_url": settings.backup_url}))
    except SettingsError as exc:
        raise SettingsError(str(exc).replace("OBJECT_STORE_URL", "BACKUP_URL")) from None
