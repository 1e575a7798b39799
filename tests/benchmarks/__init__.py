"""What it costs, against what it could cost. ``make bench`` runs it."""
