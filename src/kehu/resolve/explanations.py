"""Why two stored records are held to be one, computed anew from what they say now."""

from uuid import UUID

from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.errors import NotFound
from kehu.resolve.explain import Explanation, explain_pair
from kehu.resolve.features import build_features
from kehu.resolve.match_model import MatchModel
from kehu.resolve.records import match_row
from kehu.resolve.store.evidence import proof_of
from kehu.resolve.store.records import load_records


def explain_records(
    left: UUID, right: UUID, *, model: MatchModel | None = None, connection: Connection | None = None
) -> Explanation:
    """The score of two records, attribute by attribute: the same figures as the link between them carries.

    Identifiers that prove nothing any more (shared by too many, blocked) are left out, as the resolver does. The values
    inside are raw: whoever shows them masks them. Raises NotFound when one of the records is gone.
    """
    with set_statements(connection or current_connection()) as prepared:
        states = load_records(prepared, {left, right})
        for record in (left, right):
            if record not in states:
                raise NotFound("source record", record)
        proof = proof_of(prepared, {key for state in states.values() for key in state.bindings})
    features = build_features([match_row(states[record], proof) for record in (left, right)])
    return explain_pair(features, 0, 1, model or MatchModel.default())
