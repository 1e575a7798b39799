"""What holds for all tests.

Design choice: properties are tested on the same examples every time, so that a failure
is the fault of the change at hand, and without a deadline, which a busy machine misses.
A property that found a fault keeps it as an `@example`.
"""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
