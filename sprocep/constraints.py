"""Keys that the ORM does not know: composite foreign keys, and keys that hold over time."""

from collections.abc import Iterable, Mapping

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Case, F, Func, Value, When
from django.db.models.constraints import BaseConstraint

from sprocep.tenancy import SchemaStatement


def span(starts: str, ends: str) -> models.GeneratedField:
    """Stored half-open span `[starts, ends)`; an empty end is « without end »."""
    return models.GeneratedField(
        expression=Func(F(starts), F(ends), function="daterange", output_field=DateRangeField()),
        output_field=DateRangeField(),
        db_persist=True,
    )


def day(field: str) -> models.GeneratedField:
    """Stored one-day span of a date, so that a temporal key can hold it; null when it is."""
    one_day = Func(
        F(field), F(field), Value("[]"), function="daterange", output_field=DateRangeField()
    )
    return models.GeneratedField(
        expression=Case(When(**{f"{field}__isnull": False}, then=one_day)),
        output_field=DateRangeField(null=True),
        db_persist=True,
    )


class TemporalKey(BaseConstraint):
    """`UNIQUE (…, valid WITHOUT OVERLAPS)`: at most one such row on any day."""

    def __init__(self, *, name, columns, valid="valid", violation_error_message=None):
        self.columns = tuple(columns)
        self.valid = valid
        super().__init__(name=name, violation_error_message=violation_error_message)

    def constraint_sql(self, model, schema_editor):
        columns = ", ".join(map(schema_editor.quote_name, self.columns))
        name = schema_editor.quote_name(self.name)
        return f"CONSTRAINT {name} UNIQUE ({columns}, {self.valid} WITHOUT OVERLAPS)"

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model, schema_editor):
        return _drop(self, model, schema_editor)

    def validate(self, *args, **kwargs) -> None:
        """PostgreSQL alone sees the other rows; `sprocep.errors` puts its refusal in French."""

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"columns": self.columns, "valid": self.valid}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TemporalKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class CompositeKey(BaseConstraint):
    """Foreign key on several columns; with `period`, held on each day of that span.

    `to` is `"app.Model"`; the target needs a unique key on `to_columns` (a `TemporalKey` ending
    in `to_period` when `period` is given). Row security does not apply to foreign keys: this is
    what refuses a link across tenants.
    """

    def __init__(
        self, *, name, columns, to, to_columns, period=None, to_period="valid",
        deferred=False, violation_error_message=None,
    ):  # fmt: skip
        self.columns = tuple(columns)
        self.to = to
        self.to_columns = tuple(to_columns)
        self.period = period
        self.to_period = to_period
        self.deferred = deferred
        super().__init__(name=name, violation_error_message=violation_error_message)

    def constraint_sql(self, model, schema_editor):
        # Deferred to the end of the migration: the target's unique key must exist first.
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model, schema_editor) -> str:
        quote = schema_editor.quote_name
        target = model._meta.apps.get_model(self.to)._meta.db_table
        here, there = list(map(quote, self.columns)), list(map(quote, self.to_columns))
        if self.period:
            here.append(f"PERIOD {quote(self.period)}")
            there.append(f"PERIOD {quote(self.to_period)}")
        deferred = " DEFERRABLE INITIALLY DEFERRED" if self.deferred else ""
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({', '.join(here)}) "
            f"REFERENCES {quote(target)} ({', '.join(there)}){deferred}"
        )

    def remove_sql(self, model, schema_editor):
        return _drop(self, model, schema_editor)

    def validate(self, *args, **kwargs) -> None:
        """PostgreSQL alone sees the other rows; `sprocep.errors` puts its refusal in French."""

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs |= {"columns": self.columns, "to": self.to, "to_columns": self.to_columns}
        if self.period:
            kwargs |= {"period": self.period, "to_period": self.to_period}
        if self.deferred:
            kwargs["deferred"] = True
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompositeKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


def _drop(constraint, model, schema_editor) -> str:
    table = schema_editor.quote_name(model._meta.db_table)
    return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(constraint.name)}"


class StateMoves(SchemaStatement):
    """A row is born in one state, and goes from each to those beside it only.

    `moves`: each state with the states that it may become. Whoever writes, PostgreSQL refuses any
    other move (`state_moves`, sprocep/migrations/sql).
    """

    options = ("born", "moves")

    def __init__(
        self,
        *,
        name: str,
        born: str,
        moves: Mapping[str, Iterable[str]],
        violation_error_message: str | None = None,
    ) -> None:
        plain = {str(state): sorted(map(str, after)) for state, after in moves.items()}
        super().__init__(name=name, born=str(born), moves=plain)
        if violation_error_message is not None:
            self.violation_error_message = violation_error_message

    def create_sql(self, model, schema_editor):
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        pairs = [f"{state}>{after}" for state, found in self.moves.items() for after in found]
        arguments = ", ".join(f"'{word}'" for word in (self.name, self.born, *pairs))
        return (
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION state_moves({arguments})"
        )

    def remove_sql(self, model, schema_editor):
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        return f"DROP TRIGGER {name} ON {table}"
