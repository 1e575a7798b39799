"""Rows of the ledger as frozen values, and the states that they pass through.

Knows what is written down; never how, or by whom. No side effects.
"""
