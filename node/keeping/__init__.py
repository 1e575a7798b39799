"""What the node keeps: proof that nothing is missing, and deletion in its time.

Knows files, rows and what archives said of them; never how either was made. Side
effects: files are removed, rows are repaired.
"""
