"""The reading API: definitions, sealed editions, their figures, what explains one. A draft never
leaves by here."""
