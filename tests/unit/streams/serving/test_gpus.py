"""The GPUs of a machine and the engines' shares of them; the machine is a script."""

import pytest
from support import ROOT

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError
from streams.serving.gpus import shares_of, visible_cards
from streams.serving.memory import GIB

PAPER = load_ensemble(ROOT / "models" / "paper.toml").models


@pytest.fixture
def torch_sees(tmp_path):
    """A Python whose torch sees cards of these GiB."""

    def python(*cards_gib):
        path = tmp_path / "python"
        sizes = " ".join(str(gib * GIB) for gib in cards_gib)
        path.write_text(f"#!/bin/sh\necho {sizes}\n", "utf-8")
        path.chmod(0o755)
        return path

    return python


async def test_every_card_that_torch_sees_is_there_with_its_size(torch_sees):
    assert await visible_cards(torch_sees(80, 24)) == [80 * GIB, 24 * GIB]


async def test_a_machine_without_a_card_is_told_so(torch_sees):
    with pytest.raises(ConfigurationError, match="sees no GPU; look at `nvidia-smi`"):
        await visible_cards(torch_sees())


async def test_on_one_card_every_engine_has_a_share(torch_sees, tmp_path):
    shares = await shares_of(PAPER, torch_sees(80), tmp_path)

    assert sorted(shares) == [8101, 8102, 8103, 8104]
    assert {share.flags[0] for share in shares.values()} == {"--gpu-memory-utilization"}


async def test_on_several_cards_engines_are_told_which_is_theirs(torch_sees, tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6")
    shares = await shares_of(PAPER, torch_sees(24, 24, 24), tmp_path)

    ids = [share.environment["CUDA_VISIBLE_DEVICES"] for share in shares.values()]
    assert ids == ["4", "5", "6", "6"]


async def test_what_does_not_fit_is_refused_with_what_would(torch_sees, tmp_path):
    with pytest.raises(ConfigurationError, match=r"\(24 GiB\); needed: a card of 53 GiB; or 3"):
        await shares_of(PAPER, torch_sees(24), tmp_path)


async def test_an_engine_alone_takes_what_vllm_takes(torch_sees, tmp_path):
    assert await shares_of(PAPER[:1], torch_sees(), tmp_path) == {}


async def test_an_engine_keeps_the_gpu_that_its_environment_names(torch_sees, tmp_path):
    environment = {"CUDA_VISIBLE_DEVICES": "1"}
    serves = [m.serve.model_copy(update={"environment": environment}) for m in PAPER[:2]]
    pinned = [
        model.model_copy(update={"serve": serve})
        for model, serve in zip(PAPER, serves, strict=False)
    ]
    shares = await shares_of([*pinned, *PAPER[2:]], torch_sees(80, 80), tmp_path)

    visible = [share.environment["CUDA_VISIBLE_DEVICES"] for share in shares.values()]
    assert visible == ["1", "1", "0", "0"]
    assert sum(float(shares[port].flags[1]) for port in (8101, 8102)) <= 0.95
