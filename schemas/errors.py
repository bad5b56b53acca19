"""The error tree: whose fault it was decides the exit code."""

from __future__ import annotations


class BitseamError(Exception):
    """A failure with a message meant for the user: found, expected, what to do. Exit code 1."""

    exit_code = 1


class UserError(BitseamError):
    """The user's mistake: a wrong flag, a missing file, a folder of another run. Exit code 2."""

    exit_code = 2


class DamagedInputError(BitseamError):
    """An input that cannot be read past a point: a truncated archive, an XML bomb.

    Readers turn it into a counted reject; it never escapes a pipeline.
    """

    def __init__(self, reason: str, source: str, position: str, detail: str = "") -> None:
        self.reason, self.source, self.position, self.detail = reason, source, position, detail
        super().__init__(f"{source}, {position}: {reason}{': ' + detail if detail else ''}")
