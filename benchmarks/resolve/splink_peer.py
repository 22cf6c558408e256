"""Splink on the generated persons: run by run.py in an environment of its own, prints one line of JSON.

splink_peer.py PERSONS.parquet THRESHOLD …

17 blocking rules, comparisons as its tutorials have them with term frequencies on names and suburb, u from random
pairs, m by EM on two rules, connected components at each THRESHOLD; only the first of these is timed.
"""

import json
import logging
import resource
import sys
import time

import pandas as pd
import splink
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

logging.disable(logging.WARNING)

RULES = [
    block_on("email"),
    block_on("phone"),
    block_on("given_name", "surname"),
    block_on("surname", "date_of_birth"),
    block_on("given_name", "date_of_birth"),
    block_on("date_of_birth", "postcode"),
    block_on("date_of_birth", "suburb"),
    block_on("date_of_birth", "street_number"),
    block_on("surname", "postcode"),
    block_on("given_name", "postcode"),
    block_on("surname", "address_1"),
    block_on("given_name", "address_1"),
    block_on("address_1", "street_number"),
    block_on("surname", "suburb", "street_number"),
    block_on("given_name", "suburb", "street_number"),
    block_on("substr(surname, 1, 4)", "date_of_birth"),
    block_on("substr(phone, 1, 7)", "given_name"),
]


def main() -> None:
    """Train, score, cluster, and say what it took."""
    path, thresholds = sys.argv[1], sys.argv[2:]
    frame = pd.read_parquet(path)
    truth = frame.pop("cluster")
    began, began_cpu = time.perf_counter(), time.process_time()
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rec_id",
        blocking_rules_to_generate_predictions=RULES,
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("street_number", 1),
            cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.92]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.ExactMatch("state"),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("email", [0.92]),
        ],
    )
    linker = Linker(DuckDBAPI().register(frame), settings, log_level=None, validate_settings=False)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("phone", "surname")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    for rule in (block_on("given_name", "surname"), block_on("date_of_birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_probability=0.01)
    labels: dict[str, list[int]] = {}
    took = (0.0, 0.0)
    for threshold in thresholds:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_probability=float(threshold)
        ).as_pandas_dataframe()
        if not labels:
            took = (time.perf_counter() - began, time.process_time() - began_cpu)
        of_row = clusters.set_index("rec_id").loc[frame["rec_id"], "cluster_id"]
        labels[threshold] = pd.factorize(of_row.to_numpy())[0].tolist()
    out = {
        "version": splink.__version__,
        "rows": len(frame),
        "seconds": took[0],
        "cpu_seconds": took[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "labels": labels,
        "truth": pd.factorize(truth)[0].tolist(),
    }
    print(json.dumps(out))


if __name__ == "__main__":
    main()
