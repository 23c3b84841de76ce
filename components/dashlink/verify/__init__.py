"""Ask the cloud what no source states, by requests that change nothing.

A question is asked by reading, or by a dry run (APIG: CreateHttpApi with `dryRun`, SDK 11.6.0: all
validations, no side effects). From inside the VPC some more are asked by connecting. Each answer is
a `Finding`: confirmed, contradicted, or not asked with the reason.
"""

from __future__ import annotations

from dashlink.verify.findings import Finding
from dashlink.verify.report import report_of
from dashlink.verify.subject import Subject
from dashlink.verify.survey import survey

__all__ = ["Finding", "Subject", "report_of", "survey"]
