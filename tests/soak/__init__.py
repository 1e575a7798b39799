"""Many senders, many studies, and a node that is killed at random times all the while.

``make soak`` takes at most ten minutes and prints what was kept.
"""
