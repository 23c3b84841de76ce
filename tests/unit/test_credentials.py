"""Which account acts: the alicloud provider's own order, from settings to environment to profile to role."""

from __future__ import annotations

import json

import pytest

from dashlink.cloud.credentials import resolve_account
from dashlink.errors import ConfigError

KEYS = {"ALICLOUD_ACCESS_KEY": "env-key", "ALICLOUD_SECRET_KEY": "env-secret"}


def used(settings, environment):
    """Key, secret and token that requests would be signed with."""
    found = resolve_account(settings, environment).credentials.get_credential()
    return found.access_key_id, found.access_key_secret, found.security_token or ""


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
)
def test_every_name_that_the_provider_reads_is_read(environment):
    assert used({}, environment) == ("env-key", "env-secret", "")


def test_the_older_name_wins_where_two_are_set():
    both = {
        **KEYS,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "other",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "other",
    }
    assert used({}, both)[0] == "env-key"


def test_a_token_makes_the_keys_temporary():
    assert used({}, {**KEYS, "ALICLOUD_SECURITY_TOKEN": "env-token"}) == (
        "env-key",
        "env-secret",
        "env-token",
    )


def test_a_profile_gives_keys_and_region(home):
    account = resolve_account({"profile": "keys"}, home)
    assert account.region == "cn-hangzhou"
    assert used({"profile": "keys"}, home) == ("p-key", "p-secret", "")
    assert used({}, {**home, "ALICLOUD_PROFILE": "token"}) == ("t-key", "t-secret", "t-token")


def test_keys_of_the_environment_win_over_a_profile(home):
    assert used({"profile": "keys"}, {**home, **KEYS})[0] == "env-key"


def test_a_profile_of_a_machines_role_asks_the_machine(home):
    assert (
        type(provider_of({"profile": "machine"}, home)).__name__ == "EcsRamRoleCredentialsProvider"
    )


def test_roles_are_taken_with_the_keys_that_were_found(home):
    by_profile = provider_of({"profile": "role"}, home)
    by_settings = provider_of(
        {"assumeRole": {"roleArn": "acs:ram::1:role/x", "sessionName": "ci"}}, KEYS
    )
    assert (
        type(by_profile).__name__ == type(by_settings).__name__ == "RamRoleArnCredentialsProvider"
    )


def test_a_role_is_taken_on_top_of_whatever_was_found(home):
    role = {"assumeRole": {"roleArn": "acs:ram::1:role/x"}}
    machine = provider_of({**role, "ecsRoleName": "the-role"}, home)
    assert type(machine).__name__ == "RamRoleArnCredentialsProvider"
    assert type(machine._credentials_provider).__name__ == "EcsRamRoleCredentialsProvider"


def test_a_block_fills_a_profiles_role_and_does_not_replace_it(home):
    found = provider_of({"profile": "role", "assumeRole": {"sessionName": "ci"}}, home)
    assert (found._role_arn, found._role_session_name) == ("acs:ram::1:role/r", "ci")


def test_oidc_needs_no_keys_and_takes_what_is_missing_from_the_environment():
    environment = {
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/t",
    }
    found = provider_of({"assumeRoleWithOidc": {"roleArn": "acs:ram::1:role/x"}}, environment)
    assert type(found).__name__ == "OIDCRoleArnCredentialsProvider"


def test_a_role_in_the_environment_alone_is_not_taken():
    """The provider reads these names only inside a block that is there."""
    assert used({}, {**KEYS, "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/x"})[0] == "env-key"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {},
            "credentials: none found. Set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or a profile, a role or OIDC",
        ),
        ({"profile": "nobody"}, "has no such profile (got nobody)"),
        (
            {"profile": "keys", "sharedCredentialsFile": "/nowhere"},
            "/nowhere is not there or cannot be read (got keys)",
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
)
def test_what_is_missing_is_said(home, settings, said):
    with pytest.raises(ConfigError) as caught:
        resolve_account(settings, home)
    assert said in str(caught.value)


def test_the_region_is_found_like_the_keys():
    assert (
        resolve_account({"region": "cn-hangzhou"}, {**KEYS, "ALICLOUD_REGION": "x"}).region
        == "cn-hangzhou"
    )
    assert (
        resolve_account({}, {**KEYS, "ALIBABA_CLOUD_REGION": "cn-shanghai"}).region == "cn-shanghai"
    )
    assert resolve_account({}, KEYS).region == "cn-beijing"


def test_api_hosts_are_the_settings_then_the_environments():
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
