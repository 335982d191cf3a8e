"""`regtune db upgrade`: brings the database's tables up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing

from sqlalchemy.exc import DBAPIError

from service.store.database import open_database, upgrade
from service.store.errors import SettingsError
from service.store.settings import Settings


def main(arguments: Sequence[str]) -> int:
    """Upgrade, and return the exit code: 1 where the database cannot be used, 2 where settings are impossible."""
    parser = argparse.ArgumentParser(prog="regtune db", description="Look after the database.")
    parser.add_argument("action", choices=["upgrade"], help="bring its tables up to date; again does nothing")
    parser.parse_args(list(arguments))
    try:
        with closing(open_database(Settings.from_environment().database_url)) as database:
            upgrade(database)
    except SettingsError as error:
        print(f"regtune db: {error}", file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"regtune db: the database cannot be used: {error.orig}", file=sys.stderr)
        return 1
    print("the database's tables are up to date")
    return 0
