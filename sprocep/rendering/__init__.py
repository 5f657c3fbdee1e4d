"""Tables, spreadsheets, charts and documents: bytes out, nothing of the domain in."""
