"""R as a peer: the same data through packages that others wrote."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.support.tools import require_tool


def run_r(script: str, data: Any, *packages: str, optional: bool = False) -> Any:
    """Return what a script of R makes of data.

    Parameters
    ----------
    script : str
        R; it finds the data as `data` and leaves its answer in `answer`.
    data : Any
        Of lists, numbers, strings and dicts. A list of numbers is a vector, a list of
        lists of one length a matrix by rows.
    *packages : str
        Loaded first. Without one of them the test is skipped, or fails where tools are
        required.
    optional : bool
        Whether the test may be skipped even there: not every Debian has the packages.
    """
    program = require_tool("Rscript")
    wanted = ", ".join(f'"{name}"' for name in ("jsonlite", *packages))
    text = f"""
for (name in c({wanted}))
  if (!requireNamespace(name, quietly = TRUE)) {{
    cat("MISSING", name)
    quit(status = 0)
  }}
for (name in c({wanted})) suppressPackageStartupMessages(
  suppressWarnings(library(name, character.only = TRUE)))
data <- jsonlite::fromJSON(file("stdin"), simplifyVector = TRUE)
{script}
cat("ANSWER", jsonlite::toJSON(answer, digits = NA, auto_unbox = TRUE, na = "null"))
"""
    done = subprocess.run(
        [program, "--vanilla", "-e", text],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    before, answered, answer = done.stdout.partition("ANSWER ")
    if "MISSING " in before:
        name = before.split("MISSING ")[1].strip()
        if os.environ.get("REQUIRE_TOOLS") == "1" and not optional:
            pytest.fail(f"R has no package {name}, and REQUIRE_TOOLS=1 says it must")
        pytest.skip(f"R has no package {name}")
    assert answered, done.stderr
    return json.loads(answer)
