"""Credentials: resolved in the order of the alicloud provider."""

from __future__ import annotations

import json

import pytest

from dashlink.cloud.credentials import resolve_account
from dashlink.errors import ConfigError

KEYS = {"ALICLOUD_ACCESS_KEY": "env-key", "ALICLOUD_SECRET_KEY": "env-secret"}


def used(settings, environment):
    """Key, secret and token that sign the requests."""
    credential = resolve_account(settings, environment).credentials.get_credential()
    return (
        credential.access_key_id,
        credential.access_key_secret,
        credential.security_token or "",
    )


def provider_of(settings, environment):
    return resolve_account(settings, environment).credentials.cloud_credential.provider


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    profiles = [
        {
            "name": "keys",
            "mode": "AK",
            "access_key_id": "p-key",
            "access_key_secret": "p-secret",
            "region_id": "cn-hangzhou",
        },
        {
            "name": "token",
            "mode": "StsToken",
            "access_key_id": "t-key",
            "access_key_secret": "t-secret",
            "sts_token": "t-token",
        },
        {"name": "machine", "mode": "EcsRamRole", "ram_role_name": "the-role"},
        {
            "name": "role",
            "mode": "RamRoleArn",
            "access_key_id": "r-key",
            "access_key_secret": "r-secret",
            "ram_role_arn": "acs:ram::1:role/r",
            "ram_session_name": "s",
        },
    ]
    (folder / "config.json").write_text(json.dumps({"current": "keys", "profiles": profiles}))
    return {"HOME": str(tmp_path)}


def test_settings_win_over_the_environment():
    assert used({"accessKey": "own", "secretKey": "hidden"}, KEYS) == ("own", "hidden", "")


@pytest.mark.parametrize(
    "environment",
    [
        KEYS,
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-key", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret"},
        {"ALIBABACLOUD_ACCESS_KEY_ID": "env-key", "ALIBABACLOUD_ACCESS_KEY_SECRET": "env-secret"},
    ],
    ids=["ALICLOUD", "ALIBABA_CLOUD", "ALIBABACLOUD"],
)
def test_the_variables_of_the_provider_are_read(environment):
    assert used({}, environment) == ("env-key", "env-secret", "")


def test_the_first_variable_wins_where_two_are_set():
    both = {
        **KEYS,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "other",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "other",
    }
    assert used({}, both)[0] == "env-key"


def test_a_security_token_is_used_with_the_keys():
    assert used({}, {**KEYS, "ALICLOUD_SECURITY_TOKEN": "env-token"}) == (
        "env-key",
        "env-secret",
        "env-token",
    )


def test_a_profile_has_keys_and_region(home):
    account = resolve_account({"profile": "keys"}, home)
    assert account.region == "cn-hangzhou"
    assert used({"profile": "keys"}, home) == ("p-key", "p-secret", "")
    assert used({}, {**home, "ALICLOUD_PROFILE": "token"}) == ("t-key", "t-secret", "t-token")


def test_keys_of_the_environment_win_over_a_profile(home):
    assert used({"profile": "keys"}, {**home, **KEYS})[0] == "env-key"


def test_a_profile_of_an_ecs_role_uses_the_instance_metadata(home):
    assert (
        type(provider_of({"profile": "machine"}, home)).__name__ == "EcsRamRoleCredentialsProvider"
    )


def test_a_role_is_assumed_with_static_keys(home):
    by_profile = provider_of({"profile": "role"}, home)
    by_settings = provider_of(
        {"assumeRole": {"roleArn": "acs:ram::1:role/x", "sessionName": "ci"}}, KEYS
    )
    assert (
        type(by_profile).__name__ == type(by_settings).__name__ == "RamRoleArnCredentialsProvider"
    )


def test_a_role_is_assumed_on_top_of_another_role(home):
    role = {"assumeRole": {"roleArn": "acs:ram::1:role/x"}}
    machine = provider_of({**role, "ecsRoleName": "the-role"}, home)
    assert type(machine).__name__ == "RamRoleArnCredentialsProvider"
    assert type(machine._credentials_provider).__name__ == "EcsRamRoleCredentialsProvider"


def test_a_block_completes_the_role_of_a_profile(home):
    provider = provider_of({"profile": "role", "assumeRole": {"sessionName": "ci"}}, home)
    assert (provider._role_arn, provider._role_session_name) == ("acs:ram::1:role/r", "ci")


def test_oidc_needs_no_keys_and_reads_the_environment():
    environment = {
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/t",
    }
    provider = provider_of({"assumeRoleWithOidc": {"roleArn": "acs:ram::1:role/x"}}, environment)
    assert type(provider).__name__ == "OIDCRoleArnCredentialsProvider"


def test_a_role_in_the_environment_alone_is_not_assumed():
    """The provider reads these variables only where a block exists."""
    assert used({}, {**KEYS, "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/x"})[0] == "env-key"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {},
            "credentials: none found. Set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, "
            "or a profile, a role or OIDC",
        ),
        ({"profile": "unknown"}, "has no such profile (got unknown)"),
        (
            {"profile": "keys", "sharedCredentialsFile": "/nowhere"},
            "/nowhere does not exist or cannot be read (got keys)",
        ),
        (
            {"assumeRoleWithOidc": {"roleArn": "r"}},
            "alicloud:assumeRoleWithOidc: oidc_provider_arn is missing",
        ),
        (
            {"accessKey": "k", "secretKey": "s", "assumeRole": {"sessionName": "x"}},
            "alicloud:assumeRole: names no role",
        ),
    ],
    ids=["no-credentials", "no-such-profile", "no-file", "oidc-incomplete", "role-incomplete"],
)
def test_missing_credentials_are_reported(home, settings, message):
    with pytest.raises(ConfigError) as caught:
        resolve_account(settings, home)
    assert message in str(caught.value)


def test_the_region_is_resolved_like_the_keys():
    assert (
        resolve_account({"region": "cn-hangzhou"}, {**KEYS, "ALICLOUD_REGION": "x"}).region
        == "cn-hangzhou"
    )
    assert (
        resolve_account({}, {**KEYS, "ALIBABA_CLOUD_REGION": "cn-shanghai"}).region == "cn-shanghai"
    )
    assert resolve_account({}, KEYS).region == "cn-beijing"


def test_api_hosts_come_from_settings_then_environment():
    environment = {
        **KEYS,
        "ALIBABA_CLOUD_ENDPOINT_VPC": "one:1",
        "VPC_ENDPOINT": "two:2",
        "ECS_ENDPOINT": "three:3",
    }
    account = resolve_account({"endpoints": [{"privatelink": "own:9", "vpc": ""}]}, environment)
    assert [account.host(product) for product in ("privatelink", "vpc", "ecs", "sts")] == [
        "own:9",
        "one:1",
        "three:3",
        None,
    ]


def test_an_account_shows_no_secret():
    account = resolve_account({}, {**KEYS, "ALICLOUD_SECURITY_TOKEN": "env-token"})
    assert "env-" not in repr(account)
    assert "env-" not in str(account)
