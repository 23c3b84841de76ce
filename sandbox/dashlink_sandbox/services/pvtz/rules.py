"""Validation of PrivateZones and records. Pure: raises the cloud's error or returns nothing.

Sources: the pvtz API's published error codes (2018-01-01; Zone.Invalid.Name, Zone.NotExists,
Zone.VpcExists, Record.Invalid.Conflict) and help.aliyun.com, PrivateZone "AddZoneRecord" (2024).
Codes of the form Record.Invalid.<Field> are unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from dashlink_sandbox.state import DnsRecord
from dashlink_sandbox.wire.errors import ApiError

TYPES = ("A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*\.?")
_HOST = re.compile(rf"@|(?:\*|{_LABEL})(?:\.{_LABEL})*")
_ADDRESSES = {"A": IPv4Address, "AAAA": IPv6Address}


def check_zone_name(name: str) -> None:
    """Refuse a zone name that is not a domain name."""
    if _NAME.fullmatch(name) is None:
        raise ApiError("Zone.Invalid.Name", "Zone name is invalid.")


def check_record(record: DnsRecord, others: Iterable[DnsRecord]) -> None:
    """Refuse a record that is malformed, or conflicts with one of the ``others`` of its zone."""
    if _HOST.fullmatch(record.rr) is None:
        raise ApiError("Record.Invalid.Rr", "The Rr of the record is invalid.")
    if record.type not in TYPES:
        raise ApiError("Record.Invalid.Type", "The type of the record is invalid.")
    if not _value_fits(record.type, record.value):
        raise ApiError("Record.Invalid.Value", "The value of the record is invalid.")
    for other in others:
        if other.rr == record.rr and _conflict(record, other):
            message = "The record conflicts with an existing one."
            raise ApiError("Record.Invalid.Conflict", message)


def _value_fits(kind: str, value: str) -> bool:
    if kind in _ADDRESSES:
        try:
            _ADDRESSES[kind](value)
        except ValueError:
            return False
        return True
    return kind not in ("CNAME", "PTR") or _NAME.fullmatch(value) is not None


def _conflict(record: DnsRecord, other: DnsRecord) -> bool:
    """Whether two records of one name exclude each other: a CNAME is alone, others are unique."""
    if "CNAME" in (record.type, other.type):
        return True
    return (record.type, record.value) == (other.type, other.value)
