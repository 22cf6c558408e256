"""A small company over the real road and a real database: everything arrives, and the truth is not needed for it."""

from pathlib import Path
from typing import Any

import pytest

from kehu.demo.generator import generate_company
from kehu.demo.manifest import read_manifest
from tests.demo.conftest import TODAY


@pytest.mark.slow
def test_the_road_finds_the_people_without_the_truth_being_there(kehu_db: Any, tmp_path: Path) -> None:
    from kehu.core.database import current_connection
    from kehu.demo.partition_evaluation import evaluate_partition
    from kehu.demo.road import outcome
    from kehu.demo.road.sending import Sent, import_file, install_sources, send_messages
    from kehu.leader import run_to_quiescence

    files = generate_company(120, 5, tmp_path / "company", TODAY)
    truth = files.truth.folder
    truth.rename(tmp_path / "hidden")
    manifest = read_manifest(files.exports)
    sources = install_sources(manifest)
    sent = Sent()
    for export in manifest.sources:
        send = send_messages if export.format == "segment" else import_file
        sent.add(send(export, sources[export.slug], files.exports, lambda _: None))
    report = run_to_quiescence(current_connection())

    assert report.messages == sent.messages
    assert sum(outcome.read_dead_letters().values()) == sum(report.rejected.values())
    (tmp_path / "hidden").rename(truth)
    partition = outcome.read_partition()
    assert files.truth.person_of().keys() <= partition.keys()
    quality, _ = evaluate_partition(partition, files.truth)
    assert quality.pair_precision > 0.9
    assert quality.pair_recall > 0.3
