"""From pending jobs to result files, in processes of their own.

Knows jobs, workers and their limits; never what is in a study. Side effects: worker
processes, rows of jobs and results.
"""
