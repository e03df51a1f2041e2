"""The page of entities, read by a parser of HTML."""

from html.parser import HTMLParser

from streams.export.page import page


class Reader(HTMLParser):
    """Elements with their attributes, and the text by the element that it is in."""

    def __init__(self, content):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.texts.append((tuple(self.open), data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag):
        return "".join(data for open_, data in self.texts if tag in open_)


def read(*documents, title="entities.jsonl"):
    reader = Reader(page(documents, title=title))
    assert reader.open == []
    return reader


def marks(reader):
    """The marks of documents, not those of the list of types."""
    return [mark for mark in reader.all("mark") if "data-place" in mark]
