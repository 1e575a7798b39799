"""The site's table of animals, weights and injections: read, matched, kept."""
