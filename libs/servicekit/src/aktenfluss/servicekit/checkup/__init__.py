"""The check-up of an installation: is all that it stands on as the services need it, and if not, what to do."""
