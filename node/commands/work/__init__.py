"""What commands do when they run.

Design choice: a command's module holds its options and its help, and loads what it
works with (tables, statistics, reports) when it runs: a page of help that waits for
statistics is not read.
"""
