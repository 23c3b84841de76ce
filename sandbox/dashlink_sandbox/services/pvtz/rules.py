"""Validation of PrivateZones and records. Pure: raises the cloud's error or returns nothing.

Sources: Alibaba Cloud's OpenAPI metadata of pvtz (2024-07-30: Zone.Invalid.Name, Zone.NotExists,
Zone.VpcExists, ZoneVpc.Zone.Repeated, Zone.Remark; values and defaults of parameters) and
help.aliyun.com, PrivateZone "AddZoneRecord" (2024). Codes of the form Record.Invalid.<Field> are
unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from dashlink_sandbox.state import DnsRecord, State
from dashlink_sandbox.wire.errors import ApiError

TYPES = ("A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*\.?")
_HOST = re.compile(rf"@|(?:\*|{_LABEL})(?:\.{_LABEL})*")
_ADDRESSES = {"A": IPv4Address, "AAAA": IPv6Address}
_NAMES = ("CNAME", "MX", "PTR")
# Priority, weight and port, then the target.
_SERVICE = re.compile(rf"(\d{{1,5}}) (\d{{1,5}}) (\d{{1,5}}) ({_LABEL}(?:\.{_LABEL})*\.?)")
_LONGEST_TEXT = 512  # unverified
# The metadata lists no space, but its own example of a remark has one.
_REMARK = re.compile(r"[0-9A-Za-z\u4e00-\u9fff_,.，。 -]{0,50}")  # noqa: RUF001 - full-width
AUTHORIZATION_TYPES = ("NORMAL", "CLOUD_PRODUCT")


def check_zone_name(name: str) -> None:
    """Refuse a zone name that is not a domain name."""
    if _NAME.fullmatch(name) is None:
        raise ApiError("Zone.Invalid.Name", "Zone name is invalid.")


def check_remark(remark: str) -> None:
    """Refuse a remark of a zone or record that is too long, or has other characters."""
    if _REMARK.fullmatch(remark) is None:
        message = (
            "50  characters long.  It can only contain numbers,Chinese,English and  special "
            "characters: _ - , . ，。"  # noqa: RUF001 - the cloud's own message
        )
        raise ApiError("Zone.Remark", message)


def may_bind(state: State, account_id: str, owner: str) -> bool:
    """Whether an account may bind its zones to the VPCs of ``owner``."""
    keys = {authorization_key(account_id, owner, kind) for kind in AUTHORIZATION_TYPES}
    return account_id == owner or not keys.isdisjoint(state.vpc_authorizations)


def authorization_key(account_id: str, user_id: str, kind: str) -> str:
    """Return the key of an account's authorization by the account ``user_id`` in the state."""
    return f"{account_id}/{user_id}/{kind}"


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
    if kind in _NAMES:
        return _NAME.fullmatch(value) is not None
    if kind == "SRV":
        return _SERVICE.fullmatch(value) is not None
    return 0 < len(value) <= _LONGEST_TEXT


def _conflict(record: DnsRecord, other: DnsRecord) -> bool:
    """Whether two records of one name exclude each other: a CNAME is alone, others are unique."""
    if "CNAME" in (record.type, other.type):
        return True
    return (record.type, record.value) == (other.type, other.value)
