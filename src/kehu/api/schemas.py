"""Shapes that several parts of the API share."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from ninja import Path, Query
from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
MAX_ID = 2**63 - 1

RowId = Annotated[int, Path(ge=1, le=MAX_ID)]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows a page, at most 200.")]
Cursor = Annotated[str, Query(max_length=2000, description="`next_cursor` of the page before.")]


class Input(BaseModel):
    """A body: what is not named here is refused, so that nobody sets a field by guessing its name."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000)


class PageOf(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` null = the last."""

    items: list[T]
    next_cursor: str | None = Field(default=None, examples=["kq2x…"])


class Reason(Input):
    """Why: kept in the audit trail."""

    reason: str = Field(min_length=1, max_length=2000, examples=["same person, she told us on the phone"])


class Done(BaseModel):
    """The act was done."""

    count: int = Field(default=1, examples=[1])


class JobOut(BaseModel):
    """A long piece of work and how far it is."""

    id: int = Field(examples=[17])
    kind: str = Field(examples=["import"])
    state: str = Field(examples=["running"])
    done: int = Field(examples=[1200])
    total: int | None = Field(examples=[5000])
    note: str
    error: str
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
