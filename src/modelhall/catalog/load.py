"""Reads the catalog file that ships with the package."""

import gzip
from collections.abc import Mapping
from importlib.resources import files

import msgspec

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.packed import FORMAT, PackedCatalog

NO_HOSTS: Mapping[str, str] = {}


def load(hosts: Mapping[str, str] = NO_HOSTS) -> Catalog:
    """The catalog, offline, read when first asked for.

    `hosts`: further host names or patterns (`*.example.com`) → provider id.
    """
    return Catalog(_shipped, hosts)


def unpacked(content: bytes, hosts: Mapping[str, str] = NO_HOSTS) -> Catalog:
    """The catalog in these bytes. Raises ValueError for a file of another form."""
    file = _decoded(content)
    return Catalog(lambda: file, hosts)


def _shipped() -> PackedCatalog:
    return _decoded(files("modelhall.catalog").joinpath("catalog.json.gz").read_bytes())


def _decoded(content: bytes) -> PackedCatalog:
    file = msgspec.json.decode(gzip.decompress(content), type=PackedCatalog)
    if file.format != FORMAT:
        raise ValueError(f"the catalog file has form {file.format}, this version reads {FORMAT}: run `make catalog`")
    return file
