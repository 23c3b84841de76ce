"""What a check of a deployed stack has found, and how findings are collected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from dashlink.errors import CloudError

State = Literal["ok", "failed", "not checked"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: What was checked, by its path in the settings: ``endpoints.dashscope``.
        check: Name of the check, stable for programs: ``zones``.
        state: ``ok``, ``failed``, or ``not checked`` where it is not permitted, not possible from
            here, or without meaning after another failure.
        message: What was observed, or the reason not to check; one line without a secret.
        advice: What to do, one line; empty unless failed.
        milliseconds: Time of a connection or response; None where nothing was timed.
    """

    subject: str
    check: str
    state: State
    message: str
    advice: str = ""
    milliseconds: float | None = None


@dataclass
class Findings:
    """The findings on one subject, in the order of the checks."""

    subject: str
    rows: list[Finding] = field(default_factory=list)

    def ok(self, check: str, message: str) -> None:
        """Add a check that passed."""
        self.rows.append(Finding(self.subject, check, "ok", message))

    def failed(self, check: str, message: str, advice: str) -> None:
        """Add a check that failed, with what to do."""
        self.rows.append(Finding(self.subject, check, "failed", message, advice))

    def not_checked(self, check: str, reason: str) -> None:
        """Add a check that was not made, with the reason."""
        self.rows.append(Finding(self.subject, check, "not checked", reason))

    def judge(self, check: str, problem: str, fine: str, advice: str) -> None:
        """Add a check that failed if there is a ``problem``; else ``fine`` is its message."""
        if problem:
            self.failed(check, problem, advice)
        else:
            self.ok(check, fine)

    def require(
        self, check: str, problem: str, missing: Collection[str], fine: str, advice: str
    ) -> None:
        """Add a check that failed if something is missing, which is listed after ``problem``."""
        if missing:
            self.failed(check, f"{problem} {', '.join(missing)}", advice)
        else:
            self.ok(check, fine)

    @contextmanager
    def reading(self, *checks: str) -> Iterator[None]:
        """Read the cloud for ``checks``; where it refuses, those without a result are not checked.

        A refusal for lack of rights, and a cloud that cannot be reached, is not the stack's fault.
        """
        try:
            yield
        except CloudError as error:
            made = {row.check for row in self.rows}
            for check in checks:
                if check not in made:
                    self.not_checked(check, str(error))


def is_selected(subject: str, only: str | None) -> bool:
    """Return whether a subject is the selected one, or in the selected section; None: all are."""
    return only is None or subject == only or subject.startswith(f"{only}.")
