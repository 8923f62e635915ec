"""The generator, killed at random moments and started again: what it ends with is what it would have been."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

COUNT, SEED, FIGURES = 60, 5, 3
RUN = "import sys; from pathlib import Path; from maieutic.geometry.synthesis.synthesize import synthesize; "
RUN += f"synthesize({COUNT}, Path(sys.argv[1]), {SEED}, int(sys.argv[2]), figures={FIGURES})"


def start(out: Path, jobs: int) -> subprocess.Popen:
    script = out.parent / "run.py"
    script.write_text(f"if __name__ == '__main__':\n    {RUN}\n", encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script), str(out), str(jobs)])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".part")}


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_the_same(tmp_path, scale):
    whole, out = tmp_path / "whole", tmp_path / "killed" / "out"
    out.parent.mkdir()
    began = time.monotonic()
    assert start(whole, 1).wait() == 0
    usual = time.monotonic() - began
    rng = random.Random(11)
    kills, wanted = 0, scale(2, 20)
    for attempt in range(4 * wanted):
        if kills == wanted:
            break
        process = start(out, 1 + attempt % 2)
        try:
            process.wait(timeout=rng.uniform(0.3, 1.0) * usual)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        if len(contents(out)) and process.returncode == 0:  # it was done before it could be killed: once more
            assert contents(out) == contents(whole)
            for path in out.iterdir():
                path.unlink()
            out.rmdir()
    assert kills == wanted
    assert start(out, 2).wait() == 0
    assert contents(out) == contents(whole)
