"""Run by `kehu restore` as a process of its own, because settings are read once: `python -m kehu.cli.erase_again`.

Reads {record id: when it was erased} from standard input, writes how many people that were.
"""

import json
import sys
from datetime import datetime
from uuid import UUID

from kehu.cli.environment import database


def main() -> None:
    by_moment: dict[datetime, list[UUID]] = {}
    for record, at in json.load(sys.stdin).items():
        by_moment.setdefault(datetime.fromisoformat(at), []).append(UUID(record))
    with database(None):
        from kehu.govern.privacy.erasure import erase_again

        print(sum(erase_again(records, at) for at, records in sorted(by_moment.items())))


if __name__ == "__main__":
    main()
