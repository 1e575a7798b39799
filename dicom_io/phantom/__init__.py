"""A phantom study as an Inveon would have written it."""
