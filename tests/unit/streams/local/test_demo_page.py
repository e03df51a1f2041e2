"""The demo leaves a page of what it tagged."""

from support import ROOT
from support.tagged import samples

from streams.client.files import read_lines
from streams.local.demo_page import address_of_page


def test_the_page_has_the_documents_that_were_tagged_in_the_order_of_the_feed(tmp_path):
    lines = list(read_lines(str(ROOT / "examples" / "feed.jsonl")))[:3]
    records = {document.record.document_id: document.record for document in samples()}
    del records["tw-002"]

    address = address_of_page(dict(reversed(records.items())), lines, tmp_path / "a new")

    path = tmp_path / "a new" / "demo.html"
    assert address == path.as_uri()
    shown = path.read_text("utf-8")
    assert shown.index('aria-label="tw-001"') < shown.index('aria-label="tw-003"')
    assert "tw-002" not in shown
    assert "The text is not shown" not in shown


def test_a_page_that_cannot_be_written_is_no_fault_of_the_demo(tmp_path):
    (tmp_path / "file").touch()

    said = address_of_page({}, [], tmp_path / "file")

    assert said == f"{tmp_path / 'file' / 'demo.html'} cannot be written: File exists"
