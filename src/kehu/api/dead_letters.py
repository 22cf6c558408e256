"""Dead letters: messages that could not be worked, with the reason; correct and replay, or discard."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Done, Input, Limit, PageOf, Reason, RowId
from kehu.collect import queries, services
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of

router = Router()
LIST = "dead_letters"


class DeadLetterOut(BaseModel):
    id: int = Field(examples=[12])
    source_id: int
    source_name: str = Field(examples=["Till"])
    reason: str = Field(examples=["no_key"])
    detail: str
    state: Literal["open", "replayed", "discarded"]
    received_at: datetime
    created_at: datetime


class DeadLetterWhole(DeadLetterOut):
    kind: str = Field(examples=["row"])
    message_id: str
    payload: str = Field(description="The raw message; bytes that are no text as \\xNN.")


class ReasonCountOut(BaseModel):
    reason: str = Field(examples=["no_key"])
    count: int
    oldest_at: datetime
    newest_at: datetime


class Correction(Input):
    """payload null = replay the message as it is."""

    payload: str | None = Field(default=None, max_length=1_000_000)
    reason: str = Field(default="", max_length=2000)


class ReplayReason(Input):
    code: str = Field(min_length=1, max_length=60, examples=["no_key"])
    reason: str = Field(default="", max_length=2000, examples=["mapping corrected"])


class Appended(BaseModel):
    """Where the corrected message stands in the inbox."""

    shard: int
    seq: int | None = Field(description="Null when the same message had come before.")


@reads(router, "", needs="dead_letter.view", answers=PageOf[DeadLetterOut], summary="List dead letters")
def list_dead_letters(
    request: HttpRequest,
    state: Literal["open", "replayed", "discarded", "all"] = "open",
    reason: Annotated[str, Query(max_length=60)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[DeadLetterOut]:
    """Newest first, without the messages themselves."""
    position = decode_cursor(LIST, cursor)
    letters = queries.dead_letters(
        actor_of(request),
        state="" if state == "all" else state,
        reason=reason,
        before_id=position[0] if position else None,
        limit=limit + 1,
    )
    more = len(letters) > limit
    shown = letters[:limit]
    return PageOf(
        items=[_out(letter) for letter in shown],
        next_cursor=encode_cursor(LIST, [shown[-1].id]) if more else None,
    )


@reads(
    router,
    "/reasons",
    needs="dead_letter.view",
    answers=PageOf[ReasonCountOut],
    summary="Open dead letters by reason",
)
def list_dead_letter_reasons(request: HttpRequest) -> PageOf[ReasonCountOut]:
    counts = queries.dead_letter_reasons(actor_of(request))
    return PageOf(
        items=[
            ReasonCountOut(reason=one.reason, count=one.count, oldest_at=one.oldest_at, newest_at=one.newest_at)
            for one in counts
        ]
    )


# Before the address with an id, which would take `replay` for one.
@acts(
    router,
    "post",
    "/replay",
    needs="dead_letter.manage",
    answers=Done,
    summary="Replay all of one reason",
    is_one_transaction=False,
)
def replay_dead_letter_reason(request: HttpRequest, body: ReplayReason) -> Done:
    """Every open dead letter of a reason, in transactions of some hundred; `count` says how many there were."""
    replayed = services.replay_dead_letters(reason_code=body.code, actor=actor_of(request), reason=body.reason)
    return Done(count=replayed)


@reads(router, "/{letter_id}", needs="dead_letter.view", answers=DeadLetterWhole, summary="One dead letter")
def get_dead_letter(request: HttpRequest, letter_id: RowId) -> DeadLetterWhole:
    """With its raw message."""
    letter = queries.dead_letter(actor_of(request), letter_id)
    return DeadLetterWhole(
        **_out(letter).model_dump(), kind=letter.kind, message_id=letter.message_id, payload=letter.payload
    )


@acts(
    router,
    "post",
    "/{letter_id}/replay",
    needs="dead_letter.manage",
    answers=Appended,
    summary="Correct and replay",
)
def replay_dead_letter(request: HttpRequest, letter_id: RowId, body: Correction) -> Appended:
    """Append the message anew, corrected or as it is; the original stays, superseded."""
    payload = body.payload.encode() if body.payload is not None else None
    appended = services.edit_and_replay_dead_letter(
        letter_id, payload=payload, actor=actor_of(request), reason=body.reason
    )
    return Appended(shard=appended.shard, seq=appended.seq)


@acts(
    router,
    "post",
    "/{letter_id}/discard",
    needs="dead_letter.manage",
    answers=Done,
    summary="Discard a dead letter",
)
def discard_dead_letter(request: HttpRequest, letter_id: RowId, body: Reason) -> Done:
    """Decide that it will not be worked. It stays in the inbox."""
    services.discard_dead_letter(letter_id, actor=actor_of(request), reason=body.reason)
    return Done()


def _out(letter: queries.DeadLetterView) -> DeadLetterOut:
    return DeadLetterOut.model_validate(letter, from_attributes=True)
