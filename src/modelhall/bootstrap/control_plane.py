"""The control plane's doors, put together when one of them is first asked for."""

from starlette.types import ASGIApp

from modelhall.api.app import Way, create_control_api
from modelhall.api.compat.app import create_compat_api
from modelhall.bootstrap.watch import Watch
from modelhall.services.house import House


def control_api(house: House, watch: Watch) -> ASGIApp:
    """What is mounted under `/api/v1`."""
    return create_control_api(house, _way(watch))


def compat_api(house: House, watch: Watch) -> ASGIApp:
    """What is mounted under `/api`, behind it."""
    return create_compat_api(house, _way(watch), lambda: watch.settings.public_models_of)


def _way(watch: Watch) -> Way:
    return Way(watch.settings.public_url, watch.settings.insecure_http)
