"""What an object of a result must be before it is sent: the rules of this software.

`judging` applies every rule to an object; the rules stand in `everywhere` (all of
them), `reports` (TID 1500), `images` (ordinary and multi-frame ones), `documents` and
`blendings`. A rule is a function that gives what is wrong; it builds on nothing that
the builders of the objects do: both would have to be wrong in the same way.

Knows: data sets, and the image that they were made from. Never knows: files, jobs, who
gets them. Values: `Fault`, `Origin`. Side effects: none.
"""
