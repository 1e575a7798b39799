"""A result as a person sees it again: in a terminal, from the ledger or from files.

`shown` is what there is to see, `from_ledger` and `from_files` find it by a UID or a
path, `report_data` tells a report as the plain data of `score --json`, and `picture`
with `graphics` draws a part of it where the terminal can.

Never knows: how a result is computed. Side effects: reads files and the ledger.
"""
