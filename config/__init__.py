"""Settings: TOML and environment to frozen values, and the score models as files.

What it knows: every key with its unit, default and reason; how a score model is written
down, checked and read.

What it never knows: DICOM, the node. `node.app` turns settings into the options that
other packages own.

Side effects: reads files and, in `config.load` alone, the environment.
"""
