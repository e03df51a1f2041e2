"""The environment of the training has every package that the training imports."""

import re
import sys

import grimp
from support import ROOT


def packages(file):
    text = (ROOT / "requirements" / file).read_text("utf-8")
    return {re.split("[=<>]", line)[0] for line in text.splitlines() if line[:1] not in "# \n"}


def imported_by_the_training():
    graph = grimp.build_graph("ner_core", "training", include_external_packages=True)
    own = {m for m in graph.modules if m.split(".")[0] == "training"}
    above = {m for one in own for m in graph.find_upstream_modules(one)} | own
    roots = {m.split(".")[0] for m in above if not graph.find_modules_directly_imported_by(m)}
    return roots - {"ner_core", "training"} - sys.stdlib_module_names


def test_every_package_that_the_training_imports_is_in_its_environment():
    imported = imported_by_the_training()

    assert {"torch", "peft"} <= imported
    assert imported <= packages("training.in")


def test_every_package_of_the_training_is_locked():
    assert packages("training.in") - {"torch"} <= packages("training.txt")
