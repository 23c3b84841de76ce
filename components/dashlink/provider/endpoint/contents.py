"""What a security group, private zones and endpoints have, and requests that remove some of it.

Sources: ECS 2014-05-26 (DescribeSecurityGroupAttribute; RevokeSecurityGroup and
RevokeSecurityGroupEgress by SecurityGroupRuleId, OpenAPI metadata 2024), PrivateZone 2018-01-01
(DescribeZoneRecords, DeleteZoneRecord), PrivateLink 2020-04-15 (GetVpcEndpointAttribute;
UpdateVpcEndpointAttribute with ResetPolicy: SDK 4.0.9).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError
from dashlink.resources.models.foreign_contents import rule_text

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account
    from dashlink.cloud.openapi import Json

_NO_GROUP = "InvalidSecurityGroupId.NotFound"
_NO_ZONE = "Zone.NotExists"
_NO_RECORD = "Record.NotExists"
_NO_ENDPOINT = "EndpointNotFound"
_RULES_PAGE_SIZE = 1000
_RECORDS_PAGE_SIZE = 100
_SOURCES = ("CidrIp", "GroupId", "PrefixListId")
_ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}
_REVOKE = {"ingress": "RevokeSecurityGroup", "egress": "RevokeSecurityGroupEgress"}


@dataclass(frozen=True)
class Rule:
    """A rule of a security group; ``text`` is that of `rule_text`."""

    rule_id: str
    direction: str
    text: str


@dataclass(frozen=True)
class Record:
    """A record of a private zone; ``host`` is its host and type, ``@ CNAME``."""

    record_id: str
    host: str
    value: str


class ContentsApi:
    """Requests of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account, region: str) -> None:
        """Send requests to `region`."""
        # The client is large: it is not imported when the plugin starts.
        from dashlink.cloud.openapi import OpenApi  # noqa: PLC0415 - above

        self._region = region
        self._ecs = OpenApi(account, "ecs")
        self._pvtz = OpenApi(account, "pvtz")
        self._privatelink = OpenApi(account, "privatelink")

    def rules(self, group_id: str) -> Iterator[Rule]:
        """DescribeSecurityGroupAttribute for every page; none of a group that does not exist."""
        token: str | None = None
        while True:
            parameters = {
                "RegionId": self._region,
                "SecurityGroupId": group_id,
                "Direction": "all",
                "NextToken": token,
                "MaxResults": _RULES_PAGE_SIZE,
            }
            action = "DescribeSecurityGroupAttribute"
            answer = _unless(_NO_GROUP, self._ecs, "read the rules", action, parameters)
            for row in (answer.get("Permissions") or {}).get("Permission", ()):
                yield _rule(row)
            token = answer.get("NextToken")
            if not token:
                return

    def revoke(self, group_id: str, rule: Rule) -> None:
        """RevokeSecurityGroup or RevokeSecurityGroupEgress of one rule."""
        parameters = {
            "RegionId": self._region,
            "SecurityGroupId": group_id,
            "SecurityGroupRuleId.1": rule.rule_id,
        }
        self._ecs.rpc("remove a foreign rule", _REVOKE[rule.direction], parameters)

    def records(self, zone_id: str) -> Iterator[Record]:
        """DescribeZoneRecords for every page; none of a zone that does not exist."""
        page = 1
        while True:
            parameters = {"ZoneId": zone_id, "PageNumber": page, "PageSize": _RECORDS_PAGE_SIZE}
            action = "DescribeZoneRecords"
            answer = _unless(_NO_ZONE, self._pvtz, "read the records", action, parameters)
            rows = (answer.get("Records") or {}).get("Record", ())
            for row in rows:
                host = f"{row.get('Rr')} {row.get('Type')}"
                yield Record(str(row.get("RecordId")), host, str(row.get("Value") or ""))
            if len(rows) < _RECORDS_PAGE_SIZE:
                return
            page += 1

    def delete_record(self, record: Record) -> None:
        """DeleteZoneRecord; no error if it does not exist."""
        parameters = {"RecordId": record.record_id}
        purpose = "remove a foreign record"
        _unless(_NO_RECORD, self._pvtz, purpose, "DeleteZoneRecord", parameters)

    def policy(self, endpoint_id: str) -> str:
        """GetVpcEndpointAttribute: the endpoint's policy, empty if it lets everything through."""
        parameters = {"RegionId": self._region, "EndpointId": endpoint_id}
        purpose, action = "read the endpoint's policy", "GetVpcEndpointAttribute"
        answer = _unless(_NO_ENDPOINT, self._privatelink, purpose, action, parameters)
        text = str(answer.get("PolicyDocument") or "")
        return "" if _allows_all(text) else text

    def reset_policy(self, endpoint_id: str) -> None:
        """UpdateVpcEndpointAttribute: give an endpoint the default policy."""
        parameters = {"RegionId": self._region, "EndpointId": endpoint_id, "ResetPolicy": "true"}
        purpose = "reset the endpoint's policy"
        self._privatelink.rpc(purpose, "UpdateVpcEndpointAttribute", parameters)


def _allows_all(text: str) -> bool:
    """Return whether a policy is the default one; its text is unverified."""
    try:
        statements = json.loads(text)["Statement"]
        return all(statement == {**statement, **_ALLOW_ALL} for statement in statements)
    except (ValueError, LookupError, TypeError):
        return not text


def _unless(code: str, api: Any, purpose: str, action: str, parameters: dict[str, Any]) -> Json:
    """Return the answer of a request; an empty one if the cloud refuses it with ``code``."""
    try:
        answer: Json = api.rpc(purpose, action, parameters)
    except CloudError as error:
        if error.code != code:
            raise
        return {}
    return answer


def _rule(row: Json) -> Rule:
    direction = str(row.get("Direction") or "ingress").lower()
    side = "Source" if direction == "ingress" else "Dest"
    sources = [row.get(f"{side}{kind}") for kind in _SOURCES] + [row.get(f"Ipv6{side}CidrIp")]
    text = rule_text(
        source=next((str(source) for source in sources if source), "anywhere"),
        ports=str(row.get("PortRange")),
        protocol=str(row.get("IpProtocol")),
        policy=str(row.get("Policy")),
        priority=int(row.get("Priority") or 1),
        direction=direction,
    )
    return Rule(str(row.get("SecurityGroupRuleId")), direction, text)
