"""Where a figure comes from: its address, what it counts, the units behind it.

`address` names a cell in a link; `explanation` says in French what it is, from public rows alone;
`units` finds in the facts what stands behind it, for the audit and for a structure's own rows.
"""
