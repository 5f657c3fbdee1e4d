"""Files of an edition: rows, seals, charts, formats and their verification.

`edition_file(edition, "pdf")` gives the bytes of one format; `write_edition_files(edition)` keeps
all of them. A `Report` holds what the page and the PDF show.
"""
