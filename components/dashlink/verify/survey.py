"""All questions in one order: words, routes, endpoints, keys, codes, and those from inside."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.verify import account, inside, words
from dashlink.verify.findings import Finding
from dashlink.verify.subject import Subject


def survey(subject: Subject, *, from_inside: bool, timeout_seconds: float) -> Iterator[Finding]:
    """Ask every question, one after the other.

    Args:
        subject: The stack that the questions are about.
        from_inside: Whether this machine is in the stack's VPC, so that it may connect.
        timeout_seconds: Time limit of each connection.
    """
    yield from words.word_findings(subject)
    yield from account.route_findings(subject)
    yield from account.endpoint_findings(subject)
    yield from account.key_findings(subject)
    yield from account.code_findings(subject)
    yield from inside.connection_findings(
        subject, from_inside=from_inside, timeout_seconds=timeout_seconds
    )
