"""The service without worker processes, for a tracer: ``... threaded_node CONFIG``."""

import sys
from pathlib import Path

import node.works
from node.fault_points import pass_by
from tests.support.faulty_node import serve
from tests.system.crash.forked import Threads

if __name__ == "__main__":
    node.works.Executor = Threads  # type: ignore[assignment,misc]
    serve(Path(sys.argv[1]), pass_by)
