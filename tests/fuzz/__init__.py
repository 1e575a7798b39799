"""Hostile input, made from valid input: mutated files and mutated associations.

``python -m tests.fuzz`` runs both in full; `test_files.py` and `test_associations.py`
run a bounded part of each in every test run. Everything follows from the seed.
"""
