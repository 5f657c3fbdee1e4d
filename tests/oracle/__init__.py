"""The figures of the national base, counted a second time, slowly and plainly.

Written from `docs/counting-rules.md` alone, in Python without anything of the product, so that
an error of the compilation has no twin here.
"""
