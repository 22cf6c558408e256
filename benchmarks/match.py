"""How well and how fast files are matched: one setting, no flags, public truth sets beside the checkout.

python benchmarks/match.py [--json OUT] [--persons FILE] [SET …]

Each set runs in a process of its own, after one warm-up that fills the compile cache, so seconds and peak memory are
those of `kehu match` without starting Python. --persons: a table with a column `cluster` as truth, written by
../shared/bench/gen_persons.py (100,000 rows are generated when that script and duckdb are there).
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

SHARED = Path(__file__).resolve().parents[2] / "shared"
SETS = ("febrl1", "febrl2", "zh_customers", "historical_people")
COLUMNS = ("set", "rows", "f1", "precision", "recall", "b3_f1", "exact_join_f1", "seconds", "cpu_seconds", "peak_mb")


def main() -> None:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(arguments.sets[0], arguments.persons)))
        return
    persons = arguments.persons or _generated_persons()
    wanted = [name for name in arguments.sets or SETS if _is_there(name)]
    _run(wanted[0] if wanted else "persons", persons)  # fills the compile cache
    results = [_run(name, persons) for name in [*wanted, *(["persons"] if persons and not arguments.sets else [])]]
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


def measure(name: str, persons: Path | None) -> dict[str, Any]:
    """Match one set in this process and compare the result with the truth."""
    began, began_cpu = time.perf_counter(), time.process_time()
    from kehu.resolve.column_roles import canonical_frame, column_roles
    from kehu.resolve.evaluation import evaluate, exact_join
    from kehu.resolve.features import build_features
    from kehu.resolve.match import match

    imported = time.perf_counter() - began
    frame, truth = _read(name, persons)
    began, began_cpu = time.perf_counter(), time.process_time()
    found = match(frame)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    quality = evaluate(found.rows["cluster_id"].to_numpy(), truth.to_numpy())
    roles = column_roles(frame.select(column for column in frame.columns if column not in ("id", "rec_id")))
    joined = evaluate(exact_join(build_features(canonical_frame(frame, roles))), truth.to_numpy())
    return {
        "set": name,
        "rows": len(frame),
        "f1": quality.pair_f1,
        "precision": quality.pair_precision,
        "recall": quality.pair_recall,
        "b3_f1": quality.b3_f1,
        "exact_join_f1": joined.pair_f1,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "import_seconds": imported,
        "peak_mb": peak,
        "pairs_compared": found.pairs_compared,
    }


def table(results: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for result in results:
        lines.append("| " + " | ".join(_shown(name, result[name]) for name in COLUMNS) + " |")
    return "\n".join(lines)


def _shown(name: str, value: Any) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:.0f}" if name == "peak_mb" else f"{value:.2f}" if "seconds" in name else f"{value:.4f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"some of {', '.join(SETS)}")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--persons", type=Path, help="a table written by gen_persons.py")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _is_there(name: str) -> bool:
    found = (SHARED / "data" / "resolution" / f"{name}.parquet").is_file()
    if not found:
        print(f"{name}: skipped, there is no {SHARED / 'data' / 'resolution'}/{name}.parquet", file=sys.stderr)
    return found


def _read(name: str, persons: Path | None) -> tuple[pl.DataFrame, pl.Series]:
    if name == "persons":
        assert persons is not None
        frame = pl.read_parquet(persons)
        return frame.drop("cluster"), frame["cluster"]
    folder = SHARED / "data" / "resolution"
    return pl.read_parquet(folder / f"{name}.parquet"), pl.read_parquet(folder / f"{name}_truth.parquet")["truth"]


def _run(name: str, persons: Path | None) -> dict[str, Any]:
    command = [sys.executable, __file__, name, "--measure", *(["--persons", str(persons)] if persons else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _generated_persons() -> Path | None:
    script = SHARED / "bench" / "gen_persons.py"
    try:
        import duckdb  # noqa: F401
        import pandas  # noqa: F401
    except ImportError:
        print("persons: skipped, gen_persons.py needs duckdb and pandas (or give --persons FILE)", file=sys.stderr)
        return None
    if not script.is_file():
        return None
    out = Path(tempfile.mkdtemp()) / "persons.parquet"
    subprocess.run([sys.executable, str(script), "1e5", str(out), "7"], check=True, capture_output=True)
    return out


if __name__ == "__main__":
    main()
