"""Apply at once what people decided about records: the mapping follows, and the customers are refreshed."""

from collections.abc import Iterable
from uuid import UUID

from kehu.collect.source_cache import SourceCache
from kehu.core import bus
from kehu.core.database import AdvisoryLock, Connection, current_connection, lock_in_transaction, set_statements
from kehu.extend import queries as catalogue
from kehu.profile.facts import replace_households
from kehu.profile.refresh import Refreshed, refresh_customers
from kehu.profile.survivorship import Rule
from kehu.resolve.components import Move
from kehu.resolve.match_model import MatchModel
from kehu.resolve.window import settle


def take_the_lead() -> None:
    """Wait for the leader's window to end and hold the next ones back until this transaction commits."""
    lock_in_transaction(current_connection(), AdvisoryLock.LEADER)


def rules_by_attribute() -> dict[str, Rule]:
    return {attribute.name: Rule(attribute.rule) for attribute in catalogue.catalogue()}


def settle_records(records: Iterable[UUID]) -> list[Move]:
    """Solve the components of the records again, in the caller's transaction, under the leader's lock."""
    with set_statements(current_connection()) as connection:
        sources = SourceCache().all(connection)
        settled = settle(connection, [], resettle=records, sources=sources, model=MatchModel.default())
        replace_households(connection, settled.compared, settled.households)
        refreshed = refresh_customers(
            connection, settled.dirty, sources=sources, rules=rules_by_attribute(), at_hand=settled.at_hand
        )
        announce(settled.moves, refreshed)
        return settled.moves


def refresh_now(customers: Iterable[UUID]) -> None:
    """Recompute golden records after a pin or an assignment."""
    with set_statements(current_connection()) as connection:
        sources = SourceCache().all(connection)
        announce([], refresh_customers(connection, customers, sources=sources, rules=rules_by_attribute()))


def announce(moves: Iterable[Move], refreshed: Refreshed, connection: Connection | None = None) -> None:
    """One event: who is new, who changed, who went into whom."""
    if refreshed.created or refreshed.updated or refreshed.gone:
        bus.publish(
            "customers.changed",
            {
                "created": [str(customer) for customer in refreshed.created],
                "updated": [str(customer) for customer in refreshed.updated],
                "gone": [str(customer) for customer in refreshed.gone],
                "moved": sorted({(str(m.before), str(m.after)) for m in moves if m.before is not None}),
            },
            connection=connection,
        )
