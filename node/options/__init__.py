"""From settings to the options that packages own; part of the composition root.

Knows the configuration and whoever is configured; never what they do with it. No side
effects.
"""
