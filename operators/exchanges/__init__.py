"""Workshops of exchange between networks: who is in, the reads and the forms."""
