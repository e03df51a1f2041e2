"""Named entities by LangExtract: ``python -m peers.by_langextract``. Runs in ``.venv-peers``.

It asks through its provider for OpenAI, for an answer that follows a schema. The schema has every
type, not only those of the demonstrations, which LangExtract would take by default. It finds the
place of each extraction in the text itself; one that has no place is none.
"""

from functools import partial

import langextract as lx
from langextract import factory
from langextract.core.base_model import BaseLanguageModel
from langextract.core.data import ExampleData, Extraction
from langextract.prompt_validation import PromptValidationLevel

from peers.answers import Extract, main
from peers.question import Entity, Question, Shown

_TASK = "Extract the named entities of these classes, exactly as they are in the text, in order:"


def opened(question: Question) -> Extract:
    """Return what finds entities."""
    settings = {
        "api_key": "none",
        "base_url": question.url,
        "temperature": 0.0,
        "max_output_tokens": question.max_tokens,
    }
    items = [lx.schema.extraction_item_schema(name) for name in question.types]
    model = factory.create_model(
        factory.ModelConfig(
            model_id=question.model, provider="OpenAILanguageModel", provider_kwargs=settings
        ),
        output_schema=lx.schema.extractions_schema(*items),
    )
    classes = [f"- {name}: {definition}" for name, definition in question.types.items()]
    examples = [_example(shown) for shown in question.demonstrations]
    return partial(_extract, model, "\n".join([_TASK, *classes]), examples)


def _extract(
    model: BaseLanguageModel, description: str, examples: list[ExampleData], sentence: str
) -> list[Entity]:
    document = lx.extract(
        sentence,
        prompt_description=description,
        examples=examples,
        model=model,
        fetch_urls=False,  # a sentence may be nothing but an address
        use_schema_constraints=False,  # the model has its schema
        resolver_params={"suppress_parse_errors": False},
        prompt_validation_level=PromptValidationLevel.OFF,
        show_progress=False,
    )
    return [
        (one.char_interval.start_pos, one.char_interval.end_pos, one.extraction_class)
        for one in document.extractions
        if one.char_interval is not None
    ]


def _example(shown: Shown) -> ExampleData:
    extractions = [
        Extraction(extraction_class=kind, extraction_text=shown["text"][start:end])
        for start, end, kind in shown["entities"]
    ]
    return ExampleData(text=shown["text"], extractions=extractions)


if __name__ == "__main__":
    main(opened)
