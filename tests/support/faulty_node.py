"""The service as it is run, but for a fault point at which it ends itself.

``python -m tests.support.faulty_node CONFIG POINT TIME``
"""

import os
import signal
import sys
import threading
from pathlib import Path

from config.load import load_settings
from node.app import Node
from node.commands.run import be_prompt
from node.fault_points import FaultPoint, Passing
from node.logs import start_logging
from tests.support.passings import CountedPassing


def serve(config: Path, passing: Passing) -> None:
    """Run the node until it is told to stop, or ends itself."""
    settings = load_settings(config)
    start_logging("INFO", "text")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    node = Node(settings, passing)
    be_prompt()
    try:
        node.start()
        stop.wait()
    finally:
        node.stop()


if __name__ == "__main__":
    file, point, time = sys.argv[1:]
    serve(
        Path(file),
        CountedPassing(
            Path(file).with_name("passed"), FaultPoint(point), int(time), os.getpid()
        ),
    )
