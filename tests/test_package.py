"""The package as a whole: one version, one list of public names, and an import that costs almost nothing."""

import subprocess
import sys
from importlib import metadata

import pytest

import maieutic


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_the_version_is_the_installed_one():
    assert maieutic.__version__ == metadata.version("maieutic")


@pytest.mark.parametrize("name", maieutic.__all__)
def test_every_public_name_is_there(name):
    assert getattr(maieutic, name) is not None
    assert name in dir(maieutic)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = maieutic.nothing


def test_import_takes_less_than_three_tenths_of_a_second():
    code = "import time; start = time.process_time(); import maieutic; print(time.process_time() - start)"
    assert min(float(python(code)) for _ in range(3)) < 0.3


def test_import_loads_nothing_heavy():
    loaded = python("import sys, maieutic; print(*sys.modules)").split()
    assert not {"torch", "numba", "numpy", "scipy", "matplotlib", "openai"}.intersection(loaded)
