"""What the catalog's tests share: the catalog that ships."""

import pytest

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import load


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The shipped catalog, loaded once."""
    return load()
