"""What a page is made of: cells, sentences, tables, figures, sections.

The template only loops over these; a new section is an entry in `contents`, not a template edit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from calcinosis.estimates import Row
from calcinosis.present import formats


@dataclass(frozen=True)
class Cell:
    """A printed number: the text, and the row of the estimates table that it shows."""

    text: str
    row: Row

    @property
    def result_id(self) -> str:
        """Name of the number, as the page carries it."""
        return self.row.result_id


@dataclass(frozen=True)
class Link:
    """A word that leads to a chapter of the page."""

    text: str
    chapter: str


@dataclass(frozen=True)
class Counted:
    """A number of a page of changes: the text, and its row in the table of changes."""

    text: str
    change_id: str


Part = str | Cell | Link | Counted
Sentence = list[Part]
Entry = Part | Sentence


def cell(row: Row | None, show: Callable[[Row], str] = formats.estimate) -> Part:
    """A row shown by a format; nothing where there is no such row."""
    if row is None:
        return ""
    if row.status == "suppressed":
        return Cell("suppressed", row)
    text = show(row)
    return Cell(text, row) if text else ""


def span(low: Part, high: Part) -> Sentence:
    """Two numbers and what stands between them: `1.2 to 3.4`, or as the journal wants it."""
    return [low, formats.between(plain(low), plain(high)), high]


@dataclass(frozen=True)
class Paragraph:
    """Sentences with their numbers."""

    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class Table:
    """A table: caption, column heads, rows whose first part is the row's head, footnotes.

    `of_words` says that its columns hold words, which begin on the left; numbers end on the right.

    Raises
    ------
    ValueError
        A row is not as long as the head, so that a number would stand in the wrong column.
    """

    caption: str
    head: Sequence[Entry]
    rows: Sequence[Sequence[Entry]]
    notes: Sequence[str] = ()
    of_words: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"{self.caption}: {len(row)} cells below {len(self.head)} heads")


@dataclass(frozen=True)
class Picture:
    """A figure of the cohort by its name, with caption and the finding as alternative text."""

    name: str
    caption: str | Sentence
    finding: Sentence


Block = Paragraph | Table | Picture


@dataclass(frozen=True)
class Section:
    """A chapter of the report: the plan's section that it needs, and its blocks."""

    id: str
    title: str
    blocks: Sequence[Block] = field(default=())


def with_words(block: Block, change: Callable[[str], str]) -> Block:
    """A block whose words are changed; its numbers are as they are."""

    def entry(old: Entry) -> Entry:
        if isinstance(old, list):
            return [change(part) if isinstance(part, str) else part for part in old]
        return change(old) if isinstance(old, str) else old

    def sentence(old: Sentence) -> Sentence:
        return [change(part) if isinstance(part, str) else part for part in old]

    if isinstance(block, Paragraph):
        return Paragraph([sentence(each) for each in block.sentences])
    if isinstance(block, Picture):
        caption = block.caption
        named = change(caption) if isinstance(caption, str) else sentence(caption)
        return Picture(block.name, named, sentence(block.finding))
    return replace(
        block,
        caption=change(block.caption),
        head=[entry(each) for each in block.head],
        rows=[[entry(each) for each in row] for row in block.rows],
        notes=[change(note) for note in block.notes],
    )


def parts_of(block: Block) -> Iterator[Part]:
    """Every part of a block, in the order of reading."""
    lines: Sequence[Sequence[Entry]]
    if isinstance(block, Paragraph):
        lines = block.sentences
    elif isinstance(block, Table):
        lines = [block.head, *block.rows]
    else:
        lines = [[block.caption, block.finding]]
    for line in lines:
        for entry in line:
            yield from entry if isinstance(entry, list) else [entry]


def plain(entry: Entry) -> str:
    """An entry as text."""
    sentence = entry if isinstance(entry, list) else [entry]
    return "".join(part if isinstance(part, str) else part.text for part in sentence)
