"""From received bytes to pending jobs: what an object is, what its study waits for.

Knows headers, readiness and what is said of animals; never voxels. Side effects: rows
of objects, studies and jobs.
"""
