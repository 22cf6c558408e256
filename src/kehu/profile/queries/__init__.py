"""What other rooms and the faces may ask about customers. Everything asks on behalf of an actor."""

from kehu.profile.queries.lists import CustomerLine, CustomerList, customer_list
from kehu.profile.queries.lookup import (
    Current,
    MemberRecord,
    current_customer,
    customer_by_identifier,
    founding_record,
    members_of,
)
from kehu.profile.queries.search import search
from kehu.profile.queries.timeline import TimelinePage, TimelineRow, timeline_page
from kehu.profile.queries.view import CustomerView, customer_view

__all__ = [
    "Current",
    "CustomerLine",
    "CustomerList",
    "CustomerView",
    "MemberRecord",
    "TimelinePage",
    "TimelineRow",
    "current_customer",
    "customer_by_identifier",
    "customer_list",
    "customer_view",
    "founding_record",
    "members_of",
    "search",
    "timeline_page",
]
