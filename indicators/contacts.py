"""Anonymous contacts, read from the counts that are kept of them (docs/adr/0061)."""

# The answers that a tally counts, each apart, under the name of its column here.
_COUNTED = {
    "channel_id": "channel",
    "theme_id": "theme",
    "result_id": "result",
    "age_band_id": "age_band",
}


def _repeated(counts: str) -> str:
    """Each code as often as it was given."""
    return (
        "ARRAY(SELECT given.key "
        f"FROM jsonb_each_text(t.{counts}) given, generate_series(1, given.value::int))"
    )


# One row a contact. Its answers stand side by side and are not of one person: a reader counts by
# one of them, with the place and the month, and never by two (`regional.vocabulary`).
CONTACTS = f"""(
  SELECT t.region_id, t.department_id, t.structure_id, t.month,
         hashtextextended(t.id::text, one.rank) AS id, {", ".join(f"one.{c}" for c in _COUNTED)}
    FROM beneficiaries_contacttally t
    CROSS JOIN LATERAL ROWS FROM ({", ".join(f"unnest({_repeated(c)})" for c in _COUNTED.values())})
      WITH ORDINALITY AS one({", ".join(_COUNTED)}, rank))"""
