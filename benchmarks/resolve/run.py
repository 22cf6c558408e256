"""How well and how fast files are matched: one setting, no flags, on truth sets and generated persons.

python benchmarks/resolve/run.py [SET …] [--persons 1e5 1e6] [--planted] [--splink] [--json OUT] [--docs]

Each set runs in a process of its own after the kernels were loaded, so seconds, CPU seconds by stage and peak memory
are those of matching; importing the libraries is measured apart. --persons: generate so many with gen_persons.py (needs
duckdb and pandas: they are installed into .cache/benchmark-peers, like Splink) and match them. --planted: the same once
more with one phone, e-mail address and street planted on 5 % of the records. --splink: Splink on the same persons, by
the threshold that suits it best of seven. --docs: write the table into docs/benchmarks.md.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import polars as pl

ROOT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = ROOT.parent / "shared"
CACHE: Final = ROOT / ".cache"
PEERS: Final = CACHE / "benchmark-peers"
SPLINK: Final = "splink==5.0.0"
SPLINK_THRESHOLDS: Final = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
SETS: Final = ("febrl1", "febrl2", "zh_customers", "historical_people")
STAGES: Final = ("read", "order", "block", "learn", "score", "cluster")
COLUMNS: Final = (
    "set", "matcher", "rows", "f1", "precision", "recall", "b3_f1", "pairs", "cpu_seconds", *STAGES, "seconds",
    "import_seconds", "peak_mb",
)  # fmt: skip
PLANTED: Final = {"phone": "0412345670", "email": "info@example-shop.com", "address_1": "industrial drive"}
DOCS: Final = ROOT / "docs" / "benchmarks.md"
MARKS: Final = ("<!-- resolve: begin -->", "<!-- resolve: end -->")


def main() -> None:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(arguments.sets[0])))
        return
    wanted = [name for name in arguments.sets or SETS if _is_there(name)]
    persons = [_generated(size) for size in arguments.persons]
    planted = [_with_planted_values(path) for path in persons] if arguments.planted else []
    everything = [*wanted, *(str(path) for path in (*persons, *planted))]
    if not everything:
        sys.exit("nothing to measure: there are no truth sets beside the checkout, and no --persons")
    _measured(everything[0])  # fills the compile cache
    results = [_measured(name) for name in everything]
    if arguments.splink:
        results += [_splink(path) for path in persons]
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if arguments.docs:
        _write_docs(arguments, results)


def measure(name: str) -> dict[str, Any]:
    """Match one set in this process and compare the result with the truth."""
    began = time.process_time()
    from kehu.resolve.evaluation import evaluate
    from kehu.resolve.match import match
    from kehu.resolve.warm_up import warm_up

    warm_up()
    imported = time.process_time() - began
    frame, truth = _read(name)
    began, began_cpu = time.perf_counter(), time.process_time()
    found = match(frame)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    quality = evaluate(found.rows["cluster_id"].to_numpy(), truth.to_numpy())
    return {
        "set": Path(name).stem,
        "matcher": "kehu",
        "rows": len(frame),
        "f1": quality.pair_f1,
        "precision": quality.pair_precision,
        "recall": quality.pair_recall,
        "b3_f1": quality.b3_f1,
        "largest_cluster": int(found.rows["cluster_id"].value_counts()["count"].max() or 0),
        "largest_true_cluster": int(truth.value_counts()["count"].max() or 0),
        "pairs": found.pairs_compared,
        "cpu_seconds": cpu_seconds,
        **found.cpu_seconds,
        "seconds": seconds,
        "import_seconds": imported,
        "peak_mb": peak,
    }


def table(results: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for result in results:
        lines.append("| " + " | ".join(_shown(name, result.get(name, "")) for name in COLUMNS) + " |")
    return "\n".join(lines)


def _shown(name: str, value: Any) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if name == "peak_mb":
        return f"{value:.0f}"
    return f"{value:.2f}" if "seconds" in name or name in STAGES else f"{value:.4f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"some of {', '.join(SETS)}; - for none")
    parser.add_argument("--persons", nargs="*", type=float, default=[], metavar="N", help="generate so many persons")
    parser.add_argument("--planted", action="store_true", help="the persons again, with values planted on 5 %%")
    parser.add_argument("--splink", action="store_true", help="Splink on the same persons, in its own environment")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/benchmarks.md")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _is_there(name: str) -> bool:
    found = (SHARED / "data" / "resolution" / f"{name}.parquet").is_file()
    if not found and name != "-":
        print(f"{name}: skipped, there is no {SHARED / 'data' / 'resolution'}/{name}.parquet", file=sys.stderr)
    return found


def _read(name: str) -> tuple[pl.DataFrame, pl.Series]:
    if name.endswith(".parquet"):
        frame = pl.read_parquet(name)
        return frame.drop("cluster"), frame["cluster"]
    folder = SHARED / "data" / "resolution"
    return pl.read_parquet(folder / f"{name}.parquet"), pl.read_parquet(folder / f"{name}_truth.parquet")["truth"]


def _measured(name: str) -> dict[str, Any]:
    command = [sys.executable, __file__, name, "--measure"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _peers() -> Path:
    """The Python of an environment with Splink, duckdb and pandas; made on first use."""
    python = PEERS / "bin" / "python"
    if not python.is_file():
        uv = [sys.executable, "-m", "uv"]
        packages = [SPLINK, "duckdb", "pandas", "pyarrow"]
        subprocess.run([*uv, "venv", "--quiet", str(PEERS)], check=True)
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    return python


def _generated(size: float) -> Path:
    """Persons with truth, the same for the same size."""
    script, out = SHARED / "bench" / "gen_persons.py", CACHE / f"persons_{size:.0f}.parquet"
    if not script.is_file():
        sys.exit(f"--persons needs {script}")
    if not out.is_file():
        CACHE.mkdir(exist_ok=True)
        subprocess.run([str(_peers()), str(script), str(size), str(out), "7"], check=True, stdout=subprocess.DEVNULL)
    return out


def _with_planted_values(persons: Path) -> Path:
    """The same persons, of whom every twentieth gave the shop's phone, e-mail address and street instead of his own."""
    out = persons.with_stem(persons.stem + "_planted")
    chosen = pl.int_range(pl.len()) % 20 == 7
    frame = pl.read_parquet(persons).with_columns(
        pl.when(chosen).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in PLANTED.items()
    )
    frame.write_parquet(out)
    return out


def _splink(persons: Path) -> dict[str, Any]:
    """Splink's best of several thresholds by pair F1, as an oracle would choose it."""
    from kehu.resolve.evaluation import evaluate

    script = Path(__file__).with_name("splink_peer.py")
    command = [str(_peers()), str(script), str(persons), *map(str, SPLINK_THRESHOLDS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    truth, name = found.pop("truth"), f"splink {found.pop('version')}"
    quality = {threshold: evaluate(labels, truth) for threshold, labels in found.pop("labels").items()}
    threshold, best = max(quality.items(), key=lambda item: item[1].pair_f1)
    return {
        "set": persons.stem,
        "matcher": f"{name}, oracle threshold {threshold}",
        "f1": best.pair_f1,
        "precision": best.pair_precision,
        "recall": best.pair_recall,
        "b3_f1": best.b3_f1,
        **found,
    }


def _write_docs(arguments: argparse.Namespace, results: list[dict[str, Any]]) -> None:
    """Put the table between the marks of docs/benchmarks.md."""
    text = DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    sizes = ["--persons", *(f"{size:g}" for size in arguments.persons)] if arguments.persons else []
    flags = [f"--{flag}" for flag in ("planted", "splink") if getattr(arguments, flag)]
    command = f"`{' '.join(['python benchmarks/resolve/run.py', *arguments.sets, *sizes, *flags])}`"
    machine = f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}"
    DOCS.write_text(
        f"{before}{MARKS[0]}\n{command} on {machine}:\n\n{table(results)}\n{MARKS[1]}{after}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
