"""Result objects: the report and the maps, and what they take from their sources."""
