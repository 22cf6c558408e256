"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

SUBJECTS = (
    # Who asked and how to reach them; blanked when the request's erasure ends, the rest stays as proof.
    SubjectTable("privacy_request", SubjectKey.REQUEST, ("record_id",), is_derived=False),
    SubjectTable("privacy_requestevent", SubjectKey.REQUEST, ("request_id",), is_derived=False),
    SubjectTable("privacy_erasure", SubjectKey.REQUEST, ("request_id",), is_derived=False),
    SubjectTable("privacy_step", SubjectKey.REQUEST, ("request_id",), is_derived=False),
    # Record ids only, so that what was erased stays away.
    SubjectTable("privacy_tombstone", SubjectKey.PROOF, ("record_id",), is_derived=False),
    SubjectTable("privacy_hold", SubjectKey.PROOF, ("record_id",), is_derived=False),
)
