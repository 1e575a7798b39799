"""``python -m node``: the same as ``exhaustion-node``."""

from node.cli import main

main(prog_name="exhaustion-node")
