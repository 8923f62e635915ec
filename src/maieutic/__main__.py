"""``python -m maieutic`` is the command ``maieutic``."""

from maieutic.cli import main

if __name__ == "__main__":
    main()
