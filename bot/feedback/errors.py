"""What can be wrong with what somebody asks of a report."""

from datetime import datetime


class FieldError(Exception):
    """Something about a report cannot be done as asked."""


class NoSuchReport(FieldError):
    """There is none, or it is not theirs to see."""


class TalkOver(FieldError):
    """What was written is kept no longer."""


class UndoOver(FieldError):
    """It was told to others by now."""


class NotTheirs(FieldError):
    """Somebody else answers for it: `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class FurtherAlready(FieldError):
    """It is not where this step begins any more: `step` was made by `by`."""

    def __init__(self, step: str, by: str, at: datetime) -> None:
        self.step, self.by, self.at = step, by, at
        super().__init__(step)


class CannotTake(FieldError):
    """Who it was to be passed on to is away, or does not answer for reports."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)
