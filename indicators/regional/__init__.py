"""Indicators that a Region composes by form: a closed vocabulary, its sentence, its statement.

What a request sends is looked up here and never reaches SQL as a name; codes go as parameters.
"""
