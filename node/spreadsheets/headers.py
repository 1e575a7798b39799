"""Names of columns, as people write them."""


def key_of(name: str) -> str:
    """Return what of a column's name counts: its letters and digits, without case."""
    return "".join(c for c in name.casefold() if c.isalnum())
