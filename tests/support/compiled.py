"""What Python compiled of a program that a test writes again."""

import shutil
from pathlib import Path


def forget_compiled(folder: Path) -> None:
    """Have Python compile a folder's modules again: of one second and one size, it takes two of them for the same."""
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
