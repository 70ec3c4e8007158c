"""What is agreed about what the field reports: its kinds, who answers for them, and what must go to quality instead."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.parts import Code, Email, Label, Part
from config.places import Place

Web = Annotated[str, Field(pattern=r"^https://\S+$", max_length=300)]


class Sign(StrEnum):
    """What a text may report that has a duty of its own."""

    ADVERSE_EVENT = "adverse_event"
    COMPLAINT = "complaint"
    OFF_LABEL = "off_label"


class FeedbackKind(Part):
    """What a report is about. `owner` answers for it; of `thanks_only` nothing more is owed than a word of thanks.

    `customers_words` is whether it is customers who speak in it: only those are quoted as theirs, and no thanks.
    """

    code: Code
    label: Label
    owner: Email | None = None
    thanks_only: bool = False
    customers_words: bool = True


class Product(Part):
    """`owner` answers for what is said about it, whatever the kind."""

    code: Code
    name: Label
    owner: Email | None = None


class ObjectionCategory(Part):
    code: Code
    label: Label
    owner: Email | None = None


Kinds = Annotated[tuple[FeedbackKind, ...], Field(min_length=1, max_length=100)]
Categories = Annotated[tuple[ObjectionCategory, ...], Field(min_length=1, max_length=100)]


class FieldRules(Part):
    """`small_team` and fewer reporters make a pattern already of `pattern_reporters_small` of them."""

    kinds: Annotated[tuple[FeedbackKind, ...], Field(min_length=1, max_length=100)] = (
        FeedbackKind(code="other", label="Something else"),
    )
    products: tuple[Product, ...] = ()
    categories: Annotated[tuple[ObjectionCategory, ...], Field(min_length=1, max_length=100)] = (
        ObjectionCategory(code="other", label="Something else"),
    )
    pattern_days: Annotated[int, Field(ge=1, le=3650)] = 90
    pattern_reporters: Annotated[int, Field(ge=2, le=100)] = 3
    pattern_reporters_small: Annotated[int, Field(ge=2, le=100)] = 2
    small_team: Annotated[int, Field(ge=0, le=1000)] = 9
    pattern_accounts: Annotated[int, Field(ge=2, le=100)] = 2
    pattern_owner: Email | None = None
    same_words: tuple[tuple[str, ...], ...] = ()
    files_leave_after_days: Annotated[int, Field(ge=1, le=365)] = 14

    def kind(self, code: str) -> FeedbackKind | None:
        return next((kind for kind in self.kinds if kind.code == code), None)

    def category(self, code: str) -> ObjectionCategory | None:
        return next((category for category in self.categories if category.code == code), None)

    def product(self, code: str | None) -> Product | None:
        return next((product for product in self.products if product.code == code), None)


class Duty(Part):
    """Who must hear of a sign, who stands in for them, and where it is filed."""

    sign: Sign
    contact: Email
    stand_in: Email | None = None
    file_at: Web | None = None


class SignWords(Part):
    """Words of one language that may report something. `word*` is a beginning; `a | b + c` is `a` or `b`, near `c`.

    `not_before` are words that turn what follows into its opposite; of `harmless` phrases nothing is taken.
    """

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    adverse_event: tuple[str, ...] = ()
    complaint: tuple[str, ...] = ()
    off_label: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()

    def of(self, sign: Sign) -> tuple[str, ...]:
        return {
            Sign.ADVERSE_EVENT: self.adverse_event,
            Sign.COMPLAINT: self.complaint,
            Sign.OFF_LABEL: self.off_label,
        }[sign]


class Guard(Part):
    """Which texts may be for quality or medical affairs, and who hears of them within how many hours.

    `learned_from`: from how many hundredths of points on a text is looked at for its learned words; None for never.
    """

    hours: Annotated[int, Field(ge=1, le=24 * 14)] = 24
    learned_from: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    duties: tuple[Duty, ...] = ()
    words: tuple[SignWords, ...] = ()

    def duty(self, sign: str) -> Duty | None:
        return next((duty for duty in self.duties if duty.sign == sign), None)


def unheard_signs(guard: Guard) -> Iterator[tuple[Place, str]]:
    """Signs that are looked for and that nobody would hear of: the place in the file, and what to do."""
    known = {duty.sign for duty in guard.duties}
    for number, words in enumerate(guard.words):
        for sign in Sign:
            if words.of(sign) and sign not in known:
                where = ("guard", "words", number, sign.value)
                yield where, f"nobody hears of it: add [[guard.duties]] with sign = {sign.value!r}"
