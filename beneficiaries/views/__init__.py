"""Pages of the adviser and of the desk, split by noun."""
