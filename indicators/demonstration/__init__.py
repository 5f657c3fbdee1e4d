"""What `make demo` adds to a generated data set, by the actions of those who would do it: accounts,
what waits at their desks, what places say of themselves, five persons between two structures,
workshops, trades that recruit, workshops between networks, a platform for décrocheurs, what was
said afterwards, the last quarters sealed and transmitted, and the last one under review while its
campaign runs."""

from indicators.demonstration.accounts import Account, open_accounts
from indicators.demonstration.acts import play_acts
from indicators.demonstration.after import answer_late_fiches, play_after
from indicators.demonstration.campaign import count_returns, open_calendar
from indicators.demonstration.desks import play_desks
from indicators.demonstration.dropouts import play_dropouts
from indicators.demonstration.editions import (
    ask_for_last_quarter,
    compile_last_quarter,
    compose_regional_indicator,
    is_last_quarter_written,
    open_last_quarter,
    publish_first_year,
    publish_merger,
    publish_sent_quarters,
    wait_for_files,
)
from indicators.demonstration.exchanges import play_exchanges
from indicators.demonstration.receptions import play_receptions
from indicators.demonstration.roads import play_roads
from indicators.demonstration.trades import play_trades
from indicators.demonstration.workshops import play_workshops

__all__ = [
    "Account",
    "answer_late_fiches",
    "ask_for_last_quarter",
    "compile_last_quarter",
    "compose_regional_indicator",
    "count_returns",
    "is_last_quarter_written",
    "open_accounts",
    "open_calendar",
    "open_last_quarter",
    "play_acts",
    "play_after",
    "play_desks",
    "play_dropouts",
    "play_exchanges",
    "play_receptions",
    "play_roads",
    "play_trades",
    "play_workshops",
    "publish_first_year",
    "publish_merger",
    "publish_sent_quarters",
    "wait_for_files",
]
