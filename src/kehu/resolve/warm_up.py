"""Compile the kernels, or load what was compiled before, at a moment when nobody waits.

numba compiles on first use, which takes seconds; inside a transaction that would hold locks. `make setup` runs this as
a command, workers call it before they lead.
"""

import numpy as np
import polars as pl

from kehu.resolve.clustering import solve_component
from kehu.resolve.features import build_features
from kehu.resolve.match import match
from kehu.resolve.match_keys import match_keys
from kehu.resolve.match_model import MatchModel
from kehu.resolve.scoring import score_pairs

_PEOPLE = (
    {"name": "张伟", "phone": "13901754826", "address": "上海市浦东新区世纪大道88号2单元1203", "company": "远恒智能"},
    {"name": "張偉", "phone": ["139****4826"], "email": "zhang.wei@example.org", "birth_date": "1988-06-17"},
    {"name": "Lin, Chen", "email": "chen.lin@example.org", "birth_date": "1988-07-16", "gender": "f"},
    {"name": "Lin, Chenn", "email": "chen.lin@example.org", "phone": ["13901754826", "13901754826"], "city": "Kirra"},
    {"name": "Lina Q Chen", "email": "chen.lin@example.org", "phone": "13901754826", "city": "Kira", "unionid": "u1"},
)


def warm_up() -> None:
    """Touch every kernel the resolver calls, once."""
    features = build_features(_PEOPLE)
    match_keys(features)
    left, right = np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32)
    scores = score_pairs(features, left, right, MatchModel.default())
    edges = list(zip(left.tolist(), right.tolist(), scores.weight_bits.tolist(), strict=True))
    solve_component([0, 1, 2], edges, must=[(0, 1)], cannot=[(1, 2)])
    columns = sorted({name for person in _PEOPLE for name in person})
    match(pl.DataFrame({name: [_listed(person.get(name)) for person in _PEOPLE] for name in columns}))


def _listed(value: object) -> list[str]:
    return value if isinstance(value, list) else [str(value)] if value else []


if __name__ == "__main__":
    warm_up()
