"""One way for every Kehu process to log: readable lines on a terminal, one JSON object a line everywhere else.

KEHU_LOG_FORMAT is auto (default), pretty or json; KEHU_LOG_LEVEL a level's name. Fields hold ids, never personal data.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from kehu.operate.errors import WrongSetting

FORMATS = ("auto", "pretty", "json")
NOISY = ("httpx", "httpcore", "asyncio", "_granian")


# A traceback with its local variables would write customers' names and phones into the log.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure(process: str) -> None:
    """Send this process's log to standard error; `process` names it (web, worker …) on every line."""
    wanted = os.environ.get("KEHU_LOG_FORMAT", "auto")
    if wanted not in FORMATS:
        raise WrongSetting("KEHU_LOG_FORMAT", wanted, "auto, pretty or json")
    level = logging.getLevelNamesMapping().get(os.environ.get("KEHU_LOG_LEVEL", "INFO").upper())
    if level is None:
        raise WrongSetting("KEHU_LOG_LEVEL", os.environ["KEHU_LOG_LEVEL"], "DEBUG, INFO, WARNING or ERROR")
    pretty = wanted == "pretty" or (wanted == "auto" and sys.stderr.isatty())

    def name_process(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                name_process,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(
                    [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
                    if pretty
                    else [
                        _TRACEBACKS,
                        structlog.processors.JSONRenderer(ensure_ascii=False),
                    ]
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
