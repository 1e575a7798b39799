"""What people's spreadsheets write: files, rows and cells, whatever they are about.

Knows how a file is read in one state (`content`), how separators part it (`separated`)
and what a cell may hold (`cells`). Never knows what a column means: that is known where
tables are read, in `node.injection_log` and `node.learning.tables`.
"""
