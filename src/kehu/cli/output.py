"""How commands answer: for people with Rich, for programs as one line of JSON. Errors say what to do.

0 done · 1 it could not be done (the reason is on standard error) · 2 the command was not understood.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

FAILED = 1
MISUSED = 2

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one line of JSON on standard output.")]


def say(text: str) -> None:
    """A line for people, on standard error: standard output belongs to the answer."""
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def answer(values: Mapping[str, Any], *, as_json: bool, text: str = "") -> None:
    """The result on standard output: the mapping as JSON; for people the text, else `name: value` lines."""
    if as_json:
        print(json.dumps(values, ensure_ascii=False, default=str), flush=True)
    else:
        print(text or "\n".join(f"{name}: {value}" for name, value in values.items()), flush=True)


def fail(error: Exception, *, as_json: bool) -> NoReturn:
    """End with exit code 1, the reason told to people, or as JSON when that was asked for."""
    if as_json:
        answer({"error": getattr(error, "code", "error"), "message": str(error)}, as_json=True)
    else:
        from rich.console import Console
        from rich.text import Text

        Console(stderr=True, highlight=False, soft_wrap=True).print(Text("✗ ", style="red") + Text(str(error)))
    raise typer.Exit(FAILED)


def expected_errors(command: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Turn what can be expected to go wrong into a message and exit code 1; a bug keeps its traceback."""

    @wraps(command)
    def careful(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        as_json = bool(kwargs.get("as_json"))
        from kehu.core.errors import DomainError

        try:
            return command(*args, **kwargs)
        except (DomainError, ToldError) as error:
            fail(error, as_json=as_json)
        except KeyboardInterrupt:
            sys.exit(130)
        except Exception as error:
            told = _expected(error)
            if told is None:
                raise
            fail(told, as_json=as_json)

    return careful


class ToldError(Exception):
    """An error of a library in words that say what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message

    def __str__(self) -> str:
        return self.message


def _expected(error: Exception) -> Exception | None:
    """The same error for people, when it is one that good code meets on a bad day."""
    import psycopg

    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    if any(isinstance(cause, psycopg.OperationalError) for cause in causes):
        first_line = str(error).strip().splitlines()[0]
        return ToldError(
            "database_unreachable",
            f"The database does not answer ({first_line}): see `kehu doctor`, or correct DATABASE_URL.",
        )
    if any(isinstance(cause, psycopg.errors.UndefinedTable) for cause in causes):
        return ToldError("not_migrated", "The database lacks a table: run `kehu migrate`.")
    if type(error).__name__ == "ConfigError":
        return ToldError("config_error", str(error))
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError) and error.filename:
        return ToldError("file_error", f"{error.filename}: {error.strerror}.")
    return None
