"""What cannot be done in the council's room, each with what its sentence needs."""


class CouncilError(Exception):
    """Something about the council cannot be done as asked."""


class NotCouncil(CouncilError):
    """Only members of the council may; `names` are those to turn to."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__("not of the council")


class DoneAlready(CouncilError):
    """A decision that was ended before, by whom."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        super().__init__("done already")


class NoSuchDecision(CouncilError):
    """There is no such decision."""
