"""What sprocep costs, measured beside its references on the same machine: `make bench`.

Never part of the tests: a duration that fails a build says nothing about the code.
"""
