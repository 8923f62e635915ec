"""How large the tests are, and where they find the published problem sets.

``make test`` runs a small, seeded sample of every property; ``make test-full`` (MAIEUTIC_FULL=1) runs all of it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

FULL = os.environ.get("MAIEUTIC_FULL") == "1"

settings.register_profile("small", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("full", derandomize=True, deadline=None, max_examples=2000)
settings.load_profile("full" if FULL else "small")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not FULL:
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="runs only under make test-full"))


def scale(small: int, full: int) -> int:
    """How many: ``small`` under make test, ``full`` under make test-full. Also a fixture of this name."""
    return full if FULL else small


@pytest.fixture(name="scale", scope="session")
def _scale() -> Callable[[int, int], int]:
    return scale


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the published problem sets (geometry/imo_ag_30.txt and others)."""
    folder = os.environ.get("MAIEUTIC_DATA")
    if not folder:
        pytest.skip("MAIEUTIC_DATA is not set: it names the folder with the published problem sets")
    if not Path(folder).is_dir():
        pytest.skip(f"MAIEUTIC_DATA names a folder that does not exist: {folder}")
    return Path(folder)
