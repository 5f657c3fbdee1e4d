"""A national data set, made up: real territory, real proportions, invented structures and people.

`plan` says what is asked, `ground` reads the reference rows, `structures` builds the networks,
`people` and `profiles` the persons, `journeys` and `contacts` their facts, `loading` puts all of it
into PostgreSQL, `report` measures what came out.
"""
