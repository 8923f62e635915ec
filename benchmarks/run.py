"""What `make bench` runs: the prover's own figures, then the comparison with Yuclid where it is installed.

The published problem sets are looked for in the folder named by MAIEUTIC_DATA, or by --data.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv-peers" / "bin" / "yuclid"


def run(script: str) -> None:
    """Run a script of this folder, with this program's arguments. Ends the program if it fails."""
    print(f"== {script}", flush=True)
    code = subprocess.run([sys.executable, str(HERE / script), *sys.argv[1:]]).returncode
    if code:
        sys.exit(code)


def main() -> None:
    """Run what can be run here."""
    run("prover.py")
    if PEERS.is_file():
        run("against_yuclid.py")
    else:
        print("Yuclid is not installed, so nothing is compared: benchmarks/make_peers_venv.sh makes .venv-peers.")


if __name__ == "__main__":
    main()
