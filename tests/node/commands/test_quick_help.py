"""Help comes at once: it waits for no statistics, plots, databases or images."""

import subprocess
import sys

import pytest

COMPUTING = ("score", "features")
LEARNING = ("repeatability", "train", "validate", "calibrate", "cohort")
HEAVY = ("alembic", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "statsmodels")
SCRIPT = """
import sys
from node.cli import main
for name in sys.argv[1].split(","):
    main([name, "--help"], standalone_mode=False)
print("LOADED", *sorted(set(sys.argv[2].split(",")) & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def shown() -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT,
            ",".join((*COMPUTING, *LEARNING)),
            ",".join(HEAVY),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_help_loads_nothing_of_what_computes_or_learns(shown: str) -> None:
    assert shown.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("name", LEARNING)
def test_help_shows_columns_outputs_and_an_example(shown: str, name: str) -> None:
    own = shown.split(f" {name} [OPTIONS]")[1].split("Usage: ", maxsplit=1)[0]

    assert "animal" in own
    assert "Columns:" in own
    assert "Example:" in own
    assert f"exhaustion-node {name}" in own
    assert "report.html" in own
    assert "summary.json" in own
