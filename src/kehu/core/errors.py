"""Errors a person can act on. `code` is stable for callers; the text is for people."""

from typing import ClassVar


class DomainError(Exception):
    """A business rule said no."""

    code: ClassVar[str] = "domain_error"


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: the two look alike on purpose."""

    code = "not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.key} that you can see."


class InvalidInput(DomainError):
    """A value cannot be taken as it is: says which, and what would be right."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field, message)
        self.field, self.message = field, message

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class VersionConflict(DomainError):
    """Somebody else changed the row since it was read."""

    code = "version_conflict"

    def __init__(self, kind: str, key: object, seen: int, current: int) -> None:
        super().__init__(kind, key, seen, current)
        self.kind, self.key, self.seen, self.current = kind, key, seen, current

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.key} was changed by somebody else (you saw version {self.seen}, "
            f"it is now {self.current}): look at the new values and save again."
        )


class Busy(DomainError):
    """Not now: the caller should come back after `retry_after_seconds`."""

    code = "busy"

    def __init__(self, what: str, retry_after_seconds: int) -> None:
        super().__init__(what, retry_after_seconds)
        self.what, self.retry_after_seconds = what, retry_after_seconds

    def __str__(self) -> str:
        return f"{self.what} Try again in {self.retry_after_seconds} s."
