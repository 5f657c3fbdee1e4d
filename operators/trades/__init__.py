"""Trades that recruit: the file of a list, and its forms."""
