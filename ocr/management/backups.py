"""What `backup` and `restore` agree on: names in the file, and how PostgreSQL's own programs are told where."""

import os

from django.conf import settings

SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"


def server() -> list[str]:
    """The flags that pg_dump and pg_restore share."""
    told = settings.DATABASES["default"]
    flags = {"--host": told["HOST"], "--port": told["PORT"], "--username": told["USER"], "--dbname": told["NAME"]}
    return [f"{flag}={value}" for flag, value in flags.items() if value]


def password() -> dict[str, str]:
    """The environment in which they find it: it stands in no command line, which every user of the machine can read."""
    return {**os.environ, "PGPASSWORD": str(settings.DATABASES["default"]["PASSWORD"])}
