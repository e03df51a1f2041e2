"""The curve of F1 against the size of the pool: every size once, as a table and as a plot."""

from argparse import Namespace

import pool_curve

from ner_core.evaluation.baselines import ENSEMBLE
from ner_core.evaluation.scores import figures


class Run:
    def __init__(self, pool):
        self.tasks = [Namespace(pool=range(pool))]


def test_sizes_that_the_data_does_not_have_are_one_point(monkeypatch, tmp_path):
    async def evaluate(jobs, _ensemble, _output):
        [(_, choice)] = jobs
        return [Run(min(choice.pool or 700, 700))]

    told = figures([({(0, 3, "person")}, {(0, 3, "person")})])
    monkeypatch.setattr(pool_curve.command, "evaluate", evaluate)
    monkeypatch.setattr(
        pool_curve.command, "results_of", lambda _: [Namespace(rows={ENSEMBLE: told})]
    )
    options = Namespace(
        data=tmp_path, ensemble=None, output=tmp_path, limit=None, by="document",
        sizes=[0, 100, 1000],
    )  # fmt: skip

    points = pool_curve.measured("wnut17.dev", options)

    assert points == [(100, told), (700, told)]
    lines = list(pool_curve.table({"wnut17.dev": points}))
    assert [line.split("|")[2].strip() for line in lines[2:]] == ["100", "700"]
    pool_curve.draw(tmp_path / "curve.png", {"wnut17.dev": points})
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
