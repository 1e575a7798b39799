"""Exit codes of the commands; a contract with scripts."""

EXIT_USAGE = 2
"""Wrong usage or configuration."""
EXIT_HELD = 3
"""Something was held or refused; results that could be made are written."""
