"""The quality of the data: figures per source, attribute and check, the records behind one, measuring now."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Input, Limit, PageOf
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.quality import queries, services
from kehu.quality.checks import Check

router = Router()
LIST = "quality_records"
SourceId = Annotated[int, Query(ge=1, le=2**31 - 1, description="A source's id.")]
AttributeName = Annotated[str, Query(pattern=r"^[a-z][a-z0-9_]{0,49}$", examples=["phone"])]


class FigureOut(BaseModel):
    """`good` of `total` on the latest day measured."""

    source_id: int
    attribute: str = Field(examples=["phone"])
    check: Check
    good: int = Field(examples=[940])
    total: int = Field(examples=[1000])


class MeasurementOut(BaseModel):
    day: date | None = Field(description="Null = never measured.")
    measured_at: datetime | None
    figures: list[FigureOut]


class FailingOut(BaseModel):
    """A record that fails a check now; `value` as your role may see it, empty where it is missing."""

    record_id: UUID
    customer_id: UUID
    source_id: int
    external_id: str
    value: str
    at: datetime | None


class MeasureIn(Input):
    """Nothing to say."""


class JobStarted(BaseModel):
    job_id: int


@reads(router, "", needs="source.view", answers=MeasurementOut, summary="Figures of the data's quality")
def get_quality(
    request: HttpRequest, source_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> MeasurementOut:
    """Completeness, validity, uniqueness, consistency and timeliness of every attribute of every source."""
    found = queries.latest_measurement(actor_of(request), source_id=source_id)
    return MeasurementOut(
        day=found.day,
        measured_at=found.measured_at,
        figures=[
            FigureOut(
                source_id=one.source_id,
                attribute=one.attribute,
                check=one.check,
                good=one.measured.good,
                total=one.measured.total,
            )
            for one in found.figures
        ],
    )


@reads(router, "/records", needs="source.view", answers=PageOf[FailingOut], summary="The records behind a figure")
def list_failing_records(
    request: HttpRequest,
    source_id: SourceId,
    attribute: AttributeName,
    check: Check,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[FailingOut]:
    """As they stand now, of customers you may see. Needs `customer.view` as well."""
    position = decode_cursor(LIST, cursor)
    after = UUID(position[0]) if position else None
    rows = queries.failing_records(actor_of(request), source_id, attribute, check, after=after, limit=limit + 1)
    shown = rows[:limit]
    return PageOf(
        items=[FailingOut.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=encode_cursor(LIST, [str(shown[-1].record_id)]) if len(rows) > limit else None,
    )


@acts(router, "post", "/measure", needs="profile.manage", answers=JobStarted, status=202, summary="Measure now")
def measure_quality(request: HttpRequest, body: MeasureIn) -> JobStarted:
    """Beside the daily measurement; asked for twice is done once."""
    return JobStarted(job_id=services.measure_now(actor=actor_of(request)))
