"""An ensemble file: what it may say, and what is refused."""

import re

import pytest
from pydantic import ValidationError

from ner_core.calibration import Calibration
from ner_core.ensemble import Backbone, Ensemble, load_ensemble
from ner_core.errors import ConfigurationError
from ner_core.modes import Modes


@pytest.mark.parametrize("overlap", [300, 600, 1_000])
def test_windows_that_would_hardly_move_on_are_refused(overlap):
    with pytest.raises(ValidationError, match="window_overlap_chars"):
        Modes(max_window_chars=600, window_overlap_chars=overlap)


def test_windows_that_overlap_by_less_than_half_are_accepted():
    assert Modes(max_window_chars=600, window_overlap_chars=299).window_overlap_chars == 299


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_calibration_is_made_of_numbers(value):
    with pytest.raises(ValidationError):
        Calibration(intercept=0.0, slope=value)


BACKBONE = {"name": "a", "style": "chat", "context_tokens": 4096, "url": "http://x/v1"}


def test_fields_for_a_server_are_part_of_an_ensemble_only_if_there_are_any():
    extra = {"chat_template_kwargs": {"enable_thinking": False}}

    assert "extra_body" not in Backbone.model_validate(BACKBONE).model_dump()
    with_more = Backbone.model_validate({**BACKBONE, "extra_body": extra})
    assert with_more.model_dump(mode="json")["extra_body"] == extra


@pytest.mark.parametrize("name", ["model", "messages", "max_tokens", "response_format", "stream"])
def test_fields_that_tagwire_sets_itself_are_refused(name):
    with pytest.raises(ValidationError, match=f"Tagwire sets {name} itself"):
        Backbone.model_validate({**BACKBONE, "extra_body": {name: 1}})


def with_stack(modes=None, name="default", **weights):
    stack = {"intercept": 0.0, "weights": weights}
    file = {"name": "x", "verifier": "a", "backbone": [BACKBONE], "modes": modes or {}}
    embedder = {"name": "e", "url": "http://x/v1"}
    return Ensemble.model_validate({**file, "embedder": embedder, "stacks": {name: stack}})


def test_a_stack_weighs_evidence_on_members_of_the_ensemble_and_the_pool():
    made = with_stack(**{"mean": 1.0, "a wrote": 0.5, "pool votes": 0.2})

    assert made.stacks["default"].weights["a wrote"] == 0.5


@pytest.mark.parametrize("name", ["verifier", "b votes", "a elected", "means"])
def test_a_weight_of_evidence_that_no_member_brings_is_refused(name):
    with pytest.raises(
        ValidationError, match=f"stacks.default weighs what nobody knows here: {name}"
    ):
        with_stack(**{name: 1.0})


def test_a_stack_has_the_only_threshold():
    with pytest.raises(ValidationError, match="remove least_score"):
        with_stack(modes={"least_score": 0.4}, mean=1.0)


def test_a_label_set_has_its_own_stack_or_the_default_one():
    own, default = with_stack(name="ships", mean=1.0), with_stack(mean=2.0)

    assert own.stack_of("ships").weights == {"mean": 1.0}
    assert own.stack_of("news") is None
    assert default.stack_of("news").weights == {"mean": 2.0}


def test_a_stack_of_one_label_set_leaves_the_threshold_to_the_others():
    made = with_stack(modes={"least_score": 0.4}, name="ships", mean=1.0)

    assert made.modes.least_score == 0.4


def test_the_probability_of_a_stack_is_its_score_unless_the_label_set_is_calibrated():
    doubled = {"intercept": 0.0, "slope": 2.0}
    made = with_stack(name="ships", mean=1.0)
    by_default = made.model_copy(update={"calibration": {"default": Calibration(**doubled)}})
    by_name = made.model_copy(update={"calibration": {"ships": Calibration(**doubled)}})

    assert by_default.calibrated(0.8, "ships", 0.0) == 0.8
    assert by_default.calibrated(0.8, "news", 0.0) == by_name.calibrated(0.8, "ships", 0.0) > 0.9


FILE = """name = "x"
verifier = "a"

[[backbone]]
name = "a"
style = "chat"
context_tokens = 4096
url = "http://x/v1"

[embedder]
name = "e"
url = "http://x/v1"
"""


def refusal(folder, content, encoding="utf-8"):
    (folder / "e.toml").write_text(content, encoding)
    with pytest.raises(ConfigurationError) as raised:
        load_ensemble(folder / "e.toml")
    return str(raised.value).replace(f"ensemble file {folder / 'e.toml'}: ", "")


def test_a_byte_order_mark_before_the_file_is_skipped(tmp_path):
    (tmp_path / "e.toml").write_text(FILE, "utf-8-sig")

    assert load_ensemble(tmp_path / "e.toml").name == "x"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_not_utf8_is_refused_with_the_remedy(tmp_path, encoding):
    said = refusal(tmp_path, FILE.replace('"x"', '"\u00e9"'), encoding)

    assert re.fullmatch(r"not UTF-8: .* at byte \d+; save the file as UTF-8", said)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"chat"', '"Chat"', "backbone.0.style = 'Chat': Input should be 'chat' or 'pattern'"),
        ("4096", "-1", "backbone.0.context_tokens = -1: Input should be greater than 0"),
        ("url =", "timeout_s = 0\nurl =", "timeout_s = 0: Input should be greater than 0"),
        ("url =", "timeout_s = nan\nurl =", "timeout_s = nan: Input should be a finite number"),
        ("url =", "reliability = inf\nurl =", "reliability = inf: Input should be a finite number"),
        ("url =", 'control_tokens = [""]\nurl =', "control_tokens.0 = '': String should have"),
        ('name = "a"', 'name = ""', "backbone.0.name = '': String should have at least 1"),
        ("http://x/v1", "x:8000/v1", "backbone.0.url: String should match pattern '^https?:"),
        ("context_tokens", "context_token", "backbone.0.context_token: unknown key; correct or"),
        ("[[backbone]]", "[backbone]", "backbone: should be a list; the tables of a list have"),
    ],
)
def test_what_is_wrong_is_said_once_with_key_value_and_remedy(tmp_path, right, wrong, said):
    refused = refusal(tmp_path, FILE.replace(right, wrong, 1))

    assert said in refused
    assert "Tuple" not in refused


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_no_engine_can_listen_on_is_refused(tmp_path, port):
    serve = f'[backbone.serve]\nmodel = "m"\nport = {port}'

    said = refusal(tmp_path, FILE.replace('url = "http://x/v1"', serve, 1))

    assert said.startswith(f"backbone.0.serve.port = {port}: Input should be")


def test_no_key_of_a_server_is_printed(tmp_path):
    said = refusal(tmp_path, FILE.replace("style", 'api_key = "loud"\nstyle', 1))

    assert said == "backbone.0.api_key: unknown key; correct or remove it"
