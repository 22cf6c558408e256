"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

RECORD = SubjectKey.RECORD
SUBJECTS = (
    SubjectTable("resolve_sourcerecord", RECORD, ("id",)),
    SubjectTable("resolve_recordcustomer", RECORD, ("record_id",)),
    SubjectTable("resolve_binding", RECORD, ("record_id",)),
    SubjectTable("resolve_matchkey", RECORD, ("record_id",)),
    SubjectTable("resolve_link", RECORD, ("left_id", "right_id")),
    SubjectTable("resolve_reviewpair", RECORD, ("left_id", "right_id")),
    SubjectTable("resolve_resettle", RECORD, ("record_id",)),
    SubjectTable("resolve_decision", RECORD, ("left_ids", "right_ids"), is_derived=False),
    SubjectTable("resolve_identifierstatus", SubjectKey.IDENTIFIER, ("value",)),
    SubjectTable("resolve_blockedvalue", SubjectKey.IDENTIFIER, ("value",), is_derived=False),
    SubjectTable("resolve_ledgerentry", RECORD, ("record_id",), is_derived=False),
)
