"""The command line before it does anything."""

import pytest
from support import ROOT
from typer.testing import CliRunner

from streams.cli import app as cli
from streams.wire.schemas import RECORDS, schema

COMMANDS = [
    ("up",), ("down",), ("demo",), ("status",), ("worker",), ("gpu-worker",),
    ("gpu-worker", "plan"), ("gpu-worker", "restart"), ("send",), ("tail",),
    ("tag",), ("models", "prepare"), ("models", "list"), ("models", "remove"),
    ("demos", "add"), ("demos", "remove"), ("demos", "list"), ("demos", "check"),
    ("topics", "create"), ("dead", "list"), ("dead", "show"),
    ("dead", "redrive"), ("erase",), ("html",), ("export",), ("annotate", "export"),
    ("annotate", "import"), ("replay",),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_with_an_example(command):
    said = CliRunner().invoke(cli.cli, [*command, "--help"])

    assert said.exit_code == 0
    assert "Example: " in said.stdout


def test_the_version_is_shown():
    assert CliRunner().invoke(cli.cli, ["--version"]).stdout.startswith("tagwire 0.")


def test_a_wrong_command_is_a_usage_error():
    assert CliRunner().invoke(cli.cli, ["tagg"]).exit_code == 2


def test_an_unknown_variable_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setenv("TAGWIRE_BOOTSTARP", "x:1")
    said = CliRunner().invoke(cli.cli, ["status"])

    assert said.exit_code == 1
    assert "TAGWIRE_BOOTSTARP" in said.stderr


@pytest.mark.parametrize("command", [[], ["worker"]])
def test_help_works_whatever_the_settings_are(monkeypatch, command):
    monkeypatch.setenv("TAGWIRE_BOOTSTARP", "x:1")
    said = CliRunner().invoke(cli.cli, [*command, "--help"])

    assert said.exit_code == 0


def test_an_unknown_key_of_the_settings_file_is_an_error_that_names_it(monkeypatch, tmp_path):
    (tmp_path / "own.toml").write_text('bootstarp = "x:1"')
    monkeypatch.setenv("TAGWIRE_CONFIG", str(tmp_path / "own.toml"))
    said = CliRunner().invoke(cli.cli, ["status"])

    assert said.exit_code == 1
    assert "bootstarp" in said.stderr


def test_a_file_that_is_not_there_is_one_line_and_status_1():
    said = CliRunner().invoke(cli.cli, ["send", "nowhere.jsonl"])

    assert said.exit_code == 1
    assert said.stderr.count("\n") <= 2
    assert "nowhere.jsonl cannot be read" in said.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--from", "yesterday"], "an ISO 8601 time"),
        (["--from", "0", "--to", "24h"], "an ISO 8601 time"),
        (["--where", "desk=sport"], "not a field of a document"),
    ],
)
def test_a_replay_of_no_range_or_condition_is_a_usage_error(options, why):
    said = CliRunner().invoke(cli.cli, ["replay", "--to-topic", "v2", *options])

    assert said.exit_code == 2
    assert why in said.stderr


@pytest.mark.parametrize("topic", ["documents", "demonstrations", "documents.dead"])
def test_a_replay_to_a_topic_that_holds_something_else_is_refused(topic):
    said = CliRunner().invoke(cli.cli, ["replay", "--to-topic", topic])

    assert said.exit_code == 1
    assert "the live traffic uses" in said.stderr


@pytest.mark.parametrize("name", RECORDS)
def test_the_schemas_that_ship_are_those_of_the_code(name):
    written = (ROOT / "docs" / "schemas" / f"{name}.json").read_bytes()

    assert written == schema(name), "run `python -m streams.wire.schemas`"


def test_a_file_with_nothing_to_tag_is_refused_before_any_engine_is_started(tmp_path):
    path = tmp_path / "array.json"
    path.write_text('[{"id": "a", "text": "Ada left."}]', "utf-8")

    said = CliRunner().invoke(cli.cli, ["tag", str(path)])

    assert said.exit_code == 1
    assert f"{path}, line 1: a JSON array" in said.stderr
    assert not said.stdout


def test_a_file_without_documents_says_so(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("", "utf-8")

    said = CliRunner().invoke(cli.cli, ["tag", str(path)])

    assert said.exit_code == 0
    assert f"nothing: {path} has no documents" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("--to-topic", "documents"),
            "the live traffic uses documents, documents.dead; name another topic",
        ),
        (("--to-topic", "bad topic"), "'bad topic' can be no topic"),
        (("--to-topic", "t", "--from", "10", "--to", "5"), "--from 10 is behind --to 5"),
    ],
)
def test_a_dry_run_of_a_replay_refuses_what_the_replay_would(arguments, error):
    said = CliRunner().invoke(cli.cli, ["replay", *arguments, "--dry-run"])

    assert said.exit_code
    assert error in " ".join(said.stderr.replace("│", "").split())


def planned(*arguments):
    paper = str(ROOT / "models" / "paper.toml")
    return CliRunner().invoke(cli.cli, ["gpu-worker", "plan", "--ensemble", paper, *arguments])


def test_a_plan_shows_sizes_flags_and_what_a_document_costs_as_an_estimate():
    said = planned("--card", "80", "--price", "2.5")

    assert said.exit_code == 0
    assert "It fits" in said.stdout
    assert (
        "phi-4: --gpu-memory-utilization 0.3721 --kv-cache-memory-bytes 13811712000" in said.stdout
    )
    assert "Estimate, not measured" in said.stdout
    assert "2.34 for 1,000 documents = 2.5 an hour x 1 cards" in said.stdout


def test_the_ensemble_may_be_named_before_the_subcommand():
    paper = str(ROOT / "models" / "paper.toml")
    before = ["gpu-worker", "--ensemble", paper]

    assert "phi-4" in CliRunner().invoke(cli.cli, [*before, "plan", "--card", "80"]).stdout
    said = CliRunner().invoke(cli.cli, [*before, "restart", "nothing"])
    assert "nothing is not a model that is served here: qwen2.5-14b-instruct" in said.stderr


def test_a_plan_that_does_not_fit_says_what_would_and_fails():
    said = planned("--card", "24", "--cards", "2")

    assert said.exit_code == 1
    assert "It does not fit" in said.stdout
    assert "3 cards of 24 GiB" in said.stdout
    assert "documents/s" not in said.stdout


ALONE = "is the only engine here: it is given no flags, and takes vLLM's default share"


def planned_of(path):
    return CliRunner().invoke(cli.cli, ["gpu-worker", "plan", "--ensemble", str(path)])


def test_an_encoder_alone_is_planned_no_share_of_a_gpu():
    said = planned_of(ROOT / "deploy" / "ray" / "ensemble.toml")

    assert said.exit_code == 0
    assert f"all-MiniLM-L6-v2 {ALONE}" in said.stdout
    assert "--gpu-memory-utilization" not in said.stdout


@pytest.fixture
def ensemble(tmp_path):
    """An ensemble of a model that is reached or served as said, and of an encoder by url."""

    def written(model):
        text = f"""
            name = "one"
            verifier = "large"
            [[backbone]]
            name = "large"
            style = "chat"
            context_tokens = 4096
            {model}
            [embedder]
            name = "encoder"
            url = "http://encoder/v1"
        """
        (tmp_path / "ensemble.toml").write_text(text, "utf-8")
        return tmp_path / "ensemble.toml"

    return written


def test_an_engine_alone_may_span_several_gpus(ensemble):
    flags = '["--tensor-parallel-size", "2"]'
    said = planned_of(ensemble(f'serve = {{ port = 8101, model = "large", flags = {flags} }}'))

    assert said.exit_code == 0
    assert f"large {ALONE}" in said.stdout


@pytest.mark.parametrize("command", [("plan",), ("restart", "large")], ids=" ".join)
def test_where_every_model_has_a_url_there_is_nothing_to_plan_or_restart(ensemble, command):
    path = ensemble('url = "http://large/v1"')
    said = CliRunner().invoke(cli.cli, ["gpu-worker", *command, "--ensemble", str(path)])

    assert said.exit_code == 1
    assert f"every model of {path} has a url; there is nothing to serve here" in said.stderr
