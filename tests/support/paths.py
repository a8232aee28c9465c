"""Where things are: the repository, and the recorded data that tests and tools compare with."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "recorded"
