"""Fitting a model's scale to a site's own labels: `run` is the whole.

`model` and `domain` compose what is written; `report` tells what was repaired, and what
cannot be.
"""
