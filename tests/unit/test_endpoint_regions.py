"""What the outputs of an endpoint of Model Studio say about its region."""

from __future__ import annotations

import pytest

from dashlink.endpoint.catalog import NEW_ENDPOINTS, WORKSPACE_REGIONS, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.types import is_region

STUDIO = "com.aliyuncs.dashscope"
NAME = {"mode": "private-zone", "domain": "vpc-other.dashscope.aliyuncs.com"}


def new_endpoints(region, **settings):
    """The sentences about new endpoints."""
    endpoint = EndpointSettings(**{"service": STUDIO, "private_name": NAME, **settings})
    sentences = resolve_endpoint(endpoint, region).unverified
    return [sentence for sentence in sentences if sentence.startswith("new endpoints ")]


@pytest.mark.parametrize(
    ("region", "fact"),
    [
        ("cn-beijing", "2026-07-19"),
        ("ap-southeast-1", "second-hand"),
        ("cn-hongkong", "no document names the service in this region"),
        ("cn-hangzhou", "no document names the service in this region"),
    ],
    ids=str,
)
def test_the_outputs_say_what_is_known_of_the_region(region, fact):
    (sentence,) = new_endpoints(region)
    assert sentence.startswith(f"new endpoints in {region}: ")
    assert fact in sentence


def test_the_region_of_the_service_counts():
    (sentence,) = new_endpoints("cn-hangzhou", service_region="cn-beijing")
    assert sentence.startswith("new endpoints in cn-beijing: ")


def test_other_services_have_no_facts_about_regions():
    assert new_endpoints("cn-beijing", service="com.aliyuncs.other") == []
    assert new_endpoints("cn-shanghai-finance-1", service=None, service_id="epsrv-1") == []


def test_every_fact_has_a_region_and_a_date():
    assert all(map(is_region, (*NEW_ENDPOINTS, *WORKSPACE_REGIONS)))
    assert all("202" in fact for fact in NEW_ENDPOINTS.values())
