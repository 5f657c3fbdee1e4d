"""Login, home, people, programs and traces, split by noun."""
