"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

RECORD, CUSTOMER = SubjectKey.RECORD, SubjectKey.CUSTOMER
SUBJECTS = (
    SubjectTable("profile_customer", CUSTOMER, ("id",)),
    SubjectTable("profile_customerscope", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_customertoken", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_searchrow", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_event", RECORD, ("record_id", "device_record_id")),
    SubjectTable("profile_order", RECORD, ("record_id", "organisation_record_id")),
    SubjectTable("profile_orderreport", SubjectKey.ORDER, ("order_id",)),
    SubjectTable("profile_orderline", SubjectKey.ORDER, ("order_id",)),
    SubjectTable("profile_payment", SubjectKey.ORDER, ("order_id",)),
    SubjectTable("profile_consent", RECORD, ("record_id",)),
    SubjectTable("profile_relation", RECORD, ("left_id", "right_id")),
    SubjectTable("profile_organisationkey", RECORD, ("record_id",)),
    SubjectTable("profile_messagesubject", RECORD, ("record_id",)),
    SubjectTable("profile_figuredue", RECORD, ("subject_id",)),
    SubjectTable("profile_standing", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_computedvalue", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_preference", CUSTOMER, ("customer_id",)),
    SubjectTable("profile_tagentry", RECORD, ("record_id",), is_derived=False),
    SubjectTable("profile_correction", RECORD, ("record_id",), is_derived=False),
    SubjectTable("profile_pin", RECORD, ("record_id",), is_derived=False),
    SubjectTable("profile_assignment", RECORD, ("record_id",), is_derived=False),
    SubjectTable("profile_mergeact", CUSTOMER, ("survivor_id", "absorbed_id"), is_derived=False),
    SubjectTable("profile_bulkactrow", RECORD, ("record_id",), is_derived=False),
    # Who was to come up on whose screen: deleted by age, within the hour.
    SubjectTable("profile_screenpop", SubjectKey.TRANSIENT, ("sent_at",), is_derived=False),
    # Files of many customers: deleted by age, a day after they were made.
    SubjectTable("profile_export", SubjectKey.TRANSIENT, ("expires_at",), is_derived=False),
)
