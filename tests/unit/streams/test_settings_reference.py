"""The reference of all settings."""

from settings_reference import PAGE, reference

from streams.settings import Settings


def test_every_setting_has_a_description():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_reference_that_ships_is_that_of_the_code():
    assert PAGE.read_text("utf-8") == reference(), "run `make settings`"
