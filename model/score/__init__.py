"""Score models, scores and score maps."""
