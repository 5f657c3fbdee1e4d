"""All writes of code lists, rules, places, trades that recruit and workshops between networks."""

from operators.actions.capacity import (
    accept_address,
    adopt_addresses,
    prove_address,
    refuse_address,
    set_capacity,
)
from operators.actions.exchanges import (
    announce_exchange,
    cancel_exchange,
    join_exchange,
    leave_exchange,
    note_attendance,
)
from operators.actions.reference import (
    add_code,
    add_hint,
    add_rule,
    adopt_national_rules,
    change_rule,
    end_code,
    end_hint,
    end_rule,
    join_platform,
    leave_platform,
    publish_trades,
    set_hours,
    set_premises,
    withdraw_trades,
)

__all__ = [
    "accept_address",
    "add_code",
    "add_hint",
    "add_rule",
    "adopt_addresses",
    "adopt_national_rules",
    "announce_exchange",
    "cancel_exchange",
    "change_rule",
    "end_code",
    "end_hint",
    "end_rule",
    "join_exchange",
    "join_platform",
    "leave_exchange",
    "leave_platform",
    "note_attendance",
    "prove_address",
    "publish_trades",
    "refuse_address",
    "set_capacity",
    "set_hours",
    "set_premises",
    "withdraw_trades",
]
