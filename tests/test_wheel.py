"""The wheel is complete: installed alone, far from the repository, everything is there and runs."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "maieutic"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder that holds the package as the wheel installs it, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site, wheel)
    return site


def run(*command: object, **options: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(site: Path, *arguments: str) -> str:
    """A fresh interpreter, outside the repository, that finds the installed package before any other."""
    return run(sys.executable, *arguments, cwd=site.parent, env={**os.environ, "PYTHONPATH": str(site)})


def test_every_file_of_the_package_is_in_the_wheel(installed):
    files = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file()}
    wanted = {path for path in files if "__pycache__" not in path.parts and not path.name.startswith(".")}
    present = {path.relative_to(installed / "maieutic") for path in (installed / "maieutic").rglob("*")}
    assert Path("py.typed") in wanted
    assert sorted(map(str, wanted - present)) == []


def test_every_module_imports_from_the_wheel(installed):
    code = """
        import importlib, pkgutil, maieutic
        print(maieutic.__file__)
        for module in pkgutil.walk_packages(maieutic.__path__, "maieutic."):
            if module.name != "maieutic.__main__" and not module.name.startswith("maieutic.lm"):
                importlib.import_module(module.name)
    """
    origin = python(installed, "-c", "if True:" + code).strip()
    assert Path(origin).is_relative_to(installed)


@pytest.mark.skipif(find_spec("maieutic.cli") is None, reason="maieutic.cli is not written yet")
def test_the_command_runs_from_the_wheel(installed):
    assert "Usage" in python(installed, "-m", "maieutic", "--help")
