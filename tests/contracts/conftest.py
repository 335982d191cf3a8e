"""What the contract of the ledger runs on: both databases."""

import pytest
from ledger_driver import Driver

from service.store.database import Database


@pytest.fixture
def ledger(database: Database) -> Driver:
    """The ledger of a database of the test's own, once on each of the two."""
    return Driver(database)
