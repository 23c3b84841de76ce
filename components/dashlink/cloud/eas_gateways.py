"""The API of dedicated gateways of PAI-EAS (2021-07-01), one method for each action.

Paths, places of the parameters and fields of the answers are those of the SDK models (repository
aliyun/alibabacloud-sdk, eas-20210701/main.tea, 2026-08): lists and objects are JSON in the query.
A resource that does not exist is None, or is not in the list.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi, path_of
from dashlink.errors import CloudError

APPLICATION = "Application"
"""GatewayType of ALB gateways in ListGateway: an example of the SDK model, no list of values."""
_GONE_CODE = "InvalidGateway.NotFound"  # unverified; the status 404 is another sign
_NOT_FOUND = 404
_PAGE_SIZE = 100
_LINKED = "intranet_endpoint_linked_vpc"
_PEERS = "intranet_endpoint_linked_vpc_peer"


class EasGatewayApi:
    """The dedicated gateways of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the client."""
        self._region = account.region
        self._api = OpenApi(account, "eas")

    def create(self, body: Mapping[str, Any], resource_name: str | None) -> str:
        """CreateGateway; returns the gateway's id.

        Sent once: the API has no client token, and two gateways may have one name.
        """
        purpose, path = "create the EAS gateway", path_of("api", "v2", "gateways")
        query = {"ResourceName": resource_name}
        answer = self._api.roa(
            purpose, "CreateGateway", "POST", path, query=query, body=body, once=True
        )
        return str(answer["GatewayId"])

    def update(self, gateway_id: str, body: Mapping[str, Any]) -> None:
        """UpdateGateway: absent fields change nothing."""
        path = self._path(gateway_id)
        self._api.roa("update the EAS gateway", "UpdateGateway", "PUT", path, body=body)

    def gateway(self, gateway_id: str) -> Json | None:
        """DescribeGateway."""
        purpose, path = "read the EAS gateway", self._path(gateway_id)
        try:
            data = self._api.roa(purpose, "DescribeGateway", "GET", path)
        except CloudError as error:
            if error.code == _GONE_CODE or error.status == _NOT_FOUND:
                return None
            raise
        return None if data.get("Status") == "Deleted" else data

    def gateways(self, **filters: str) -> Iterator[Json]:
        """ListGateway for every page; filters by their API names, e.g. ``GatewayName``."""
        path = path_of("api", "v2", "gateways")
        page, seen = 1, 0
        while True:
            query = {"PageNumber": page, "PageSize": _PAGE_SIZE, **filters}
            answer = self._api.roa("list EAS gateways", "ListGateway", "GET", path, query=query)
            rows = answer.get("Gateways") or []
            yield from rows
            seen += len(rows)
            if not rows or seen >= int(answer.get("TotalCount") or 0):
                return
            page += 1

    def is_application(self, gateway_id: str) -> bool:
        """Return whether ListGateway lists the gateway as one of the ALB kind."""
        rows = self.gateways(GatewayId=gateway_id, GatewayType=APPLICATION)
        return any(row.get("GatewayId") == gateway_id for row in rows)

    def delete(self, gateway_id: str) -> None:
        """DeleteGateway; a gateway that does not exist is no error."""
        try:
            path = self._path(gateway_id)
            self._api.roa("delete the EAS gateway", "DeleteGateway", "DELETE", path)
        except CloudError as error:
            if error.code != _GONE_CODE and error.status != _NOT_FOUND:
                raise

    def set_labels(self, gateway_id: str, labels: Mapping[str, str]) -> None:
        """UpdateGatewayLabel: adds and replaces labels."""
        path, body = self._path(gateway_id, "label"), {"Labels": dict(labels)}
        self._api.roa("label the EAS gateway", "UpdateGatewayLabel", "PUT", path, body=body)

    def remove_labels(self, gateway_id: str, keys: Collection[str]) -> None:
        """DeleteGatewayLabel."""
        path, query = self._path(gateway_id, "label"), {"LabelKeys": _text(sorted(keys))}
        purpose = "remove labels of the EAS gateway"
        self._api.roa(purpose, "DeleteGatewayLabel", "DELETE", path, query=query)

    def supported_zones(self, gateway_id: str) -> tuple[str, ...]:
        """ListGatewayIntranetSupportedZone: zones of the gateway's region that take links."""
        purpose, action = "list the zones for links", "ListGatewayIntranetSupportedZone"
        answer = self._api.roa(
            purpose, action, "GET", self._path(gateway_id, "intranet_supported_zone")
        )
        return tuple(answer.get("Zones") or ())

    def linked_vpcs(self, gateway_id: str) -> list[Json]:
        """ListGatewayIntranetLinkedVpc."""
        path = self._path(gateway_id, _LINKED)
        answer = self._api.roa("list linked VPCs", "ListGatewayIntranetLinkedVpc", "GET", path)
        return list(answer.get("IntranetLinkedVpcList") or ())

    def linked_vpc(self, gateway_id: str, vpc_id: str) -> Json | None:
        """Return the row of one linked VPC."""
        for row in self.linked_vpcs(gateway_id):
            if row.get("VpcId") == vpc_id:
                return row
        return None

    def link(
        self,
        gateway_id: str,
        vpc_id: str,
        vswitch_id: str,
        *,
        account_id: str | None,
        authoritative_dns: bool,
    ) -> None:
        """CreateGatewayIntranetLinkedVpc."""
        query = {
            "VpcId": vpc_id,
            "VSwitchId": vswitch_id,
            "AccountId": account_id,
            "EnableAuthoritativeDns": str(authoritative_dns).lower(),
        }
        action, path = "CreateGatewayIntranetLinkedVpc", self._path(gateway_id, _LINKED)
        self._api.roa("link the VPC", action, "POST", path, query=query, once=True)

    def unlink(self, gateway_id: str, vpc_id: str, vswitch_id: str | None) -> None:
        """DeleteGatewayIntranetLinkedVpc."""
        query = {"VpcId": vpc_id, "VSwitchId": vswitch_id}
        action, path = "DeleteGatewayIntranetLinkedVpc", self._path(gateway_id, _LINKED)
        self._api.roa("unlink the VPC", action, "DELETE", path, query=query)

    def peers(self, gateway_id: str, vpc_id: str) -> list[Json]:
        """ListGatewayIntranetLinkedVpcPeer of one linked VPC."""
        path, query = self._path(gateway_id, _PEERS), {"VpcId": vpc_id}
        action = "ListGatewayIntranetLinkedVpcPeer"
        answer = self._api.roa("list peer VPCs", action, "GET", path, query=query)
        peers: list[Json] = []
        for row in answer.get("PeerVpcList") or ():
            if row.get("VpcId") == vpc_id:
                peers += row.get("PeerVpcs") or ()
        return peers

    def add_peers(self, gateway_id: str, vpc_id: str, peers: Sequence[Mapping[str, str]]) -> None:
        """CreateGatewayIntranetLinkedVpcPeer; peers have Region and VpcId."""
        self._send_peers("CreateGatewayIntranetLinkedVpcPeer", "POST", gateway_id, vpc_id, peers)

    def remove_peers(
        self, gateway_id: str, vpc_id: str, peers: Sequence[Mapping[str, str]]
    ) -> None:
        """DeleteGatewayIntranetLinkedVpcPeer; peers have Region and VpcId."""
        self._send_peers("DeleteGatewayIntranetLinkedVpcPeer", "DELETE", gateway_id, vpc_id, peers)

    def acl(self, gateway_id: str, vpc_id: str | None) -> list[Json]:
        """ListAclPolicy: Entry and Comment of the list of a linked VPC, or of the internet."""
        path, query = self._path(gateway_id, "acl_policy"), {"VpcId": vpc_id}
        answer = self._api.roa("read the access list", "ListAclPolicy", "GET", path, query=query)
        rows = answer.get("IntranetVpcAclPolicyList") or ()
        if vpc_id is None:
            rows = answer.get("InternetAclPolicyList") or ()
        entries: list[Json] = []
        for row in rows:
            if vpc_id is None or row.get("VpcId") == vpc_id:
                entries += row.get("AclPolicyList") or ()
        return entries

    def add_to_acl(
        self, gateway_id: str, vpc_id: str | None, entries: Sequence[Mapping[str, str]]
    ) -> None:
        """CreateAclPolicy; entries have Entry and Comment."""
        self._send_acl("CreateAclPolicy", "POST", gateway_id, vpc_id, entries)

    def remove_from_acl(
        self, gateway_id: str, vpc_id: str | None, entries: Sequence[Mapping[str, str]]
    ) -> None:
        """DeleteAclPolicy; entries have Entry and Comment."""
        self._send_acl("DeleteAclPolicy", "DELETE", gateway_id, vpc_id, entries)

    def domains(self, gateway_id: str) -> list[Json]:
        """ListGatewayDomains."""
        path = self._path(gateway_id, "domains")
        answer = self._api.roa("list the custom domains", "ListGatewayDomains", "GET", path)
        return list(answer.get("CustomDomains") or ())

    def attach_domain(self, gateway_id: str, domain: Mapping[str, str]) -> None:
        """AttachGatewayDomain; Domain, Type and CertificateId."""
        path, query = self._path(gateway_id, "domain", "attach"), {"CustomDomain": _text(domain)}
        self._api.roa("attach the domain", "AttachGatewayDomain", "PUT", path, query=query)

    def detach_domain(self, gateway_id: str, domain: Mapping[str, str]) -> None:
        """DetachGatewayDomain; Domain and Type."""
        path, query = self._path(gateway_id, "domain", "detach"), {"CustomDomain": _text(domain)}
        self._api.roa("detach the domain", "DetachGatewayDomain", "PUT", path, query=query)

    def _send_peers(
        self,
        action: str,
        method: str,
        gateway_id: str,
        vpc_id: str,
        peers: Sequence[Mapping[str, str]],
    ) -> None:
        query = {"VpcId": vpc_id, "PeerVpcs": _text(peers)}
        path = self._path(gateway_id, _PEERS)
        self._api.roa("change the peer VPCs", action, method, path, query=query)

    def _send_acl(
        self,
        action: str,
        method: str,
        gateway_id: str,
        vpc_id: str | None,
        entries: Sequence[Mapping[str, str]],
    ) -> None:
        query = {"VpcId": vpc_id, "AclPolicyList": _text(entries)}
        path = self._path(gateway_id, "acl_policy")
        self._api.roa("change the access list", action, method, path, query=query)

    def _path(self, gateway_id: str, *more: str) -> str:
        return path_of("api", "v2", "gateways", self._region, gateway_id, *more)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
