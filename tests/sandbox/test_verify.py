"""`dashlink verify` against sandbox clouds of several dialects: what it asks, says and writes."""

from __future__ import annotations

import json

import pytest
from support import clouds, gateways
from support.cli import dashlink

from dashlink_sandbox import Dialect, Sandbox

KEY = "sk-studio-0123456789abcdef"
PLAIN_SETTINGS = """\
# Our environment.
config:
  alicloud:region: cn-beijing
  dashlink:network:
    vpc_id: {vpc}
    zones: [cn-beijing-h, cn-beijing-k]
    vswitch_ids: {{cn-beijing-h: {first}, cn-beijing-k: {second}}}
  dashlink:endpoints: {{dashscope: {{service: com.aliyuncs.dashscope}}}}
  dashlink:gateway:
    id: {gateway}  # of the platform team
"""
DIALECTS = {
    "default": {},
    "other words": {
        "routing-by-model": "MultiServiceByModel",
        "protocol-anthropic": "anthropic/v1",
        "limit-global": "LimitByGlobal",
        "limit-requests": "QueryPerMinute",
        "cache-modes": "NORMAL",
        "service-keys": "masked",
        "dry-run-answer": "DryRunOperation",
    },
    "no checks": {"dry-run-checks": "structure"},
}
SPELLINGS = {
    "default": {"routing.by-model": "MultiServiceByContent"},
    "other words": {
        "routing.by-model": "MultiServiceByModel",
        "protocol.Anthropic": "anthropic/v1",
        "limit.global": "LimitByGlobal",
        "limit.requests-per-second": "QueryPerSecond",
        "limit.requests-per-minute": "QueryPerMinute",
        "limit.requests-per-hour": "QueryPerHour",
        "limit.requests-per-day": "QueryPerDay",
        "limit.requests-per-month": "QueryPerMonth",
        "cache.exact": "NORMAL",
        "cache.semantic": "SEMANTIC",
    },
    "no checks": {},
}
READS = ("Get", "List", "Describe", "Query")


class Verified:
    """A run of `dashlink verify` on a gateway that exists, in one dialect."""

    def __init__(self, folder, dialect):
        with Sandbox(dialect=Dialect.of(DIALECTS[dialect])) as cloud:
            network = clouds.create_network(cloud)
            gateway_id = clouds.create_gateway(cloud, network)
            gateways.create_service(cloud, gateway_id, "studio", apiKeys=[KEY])
            (folder / "stacks").mkdir()
            self.file = folder / "stacks" / "Pulumi.dev.yaml"
            first, second = network.vswitch_ids
            text = PLAIN_SETTINGS.format(
                vpc=network.vpc_id, first=first, second=second, gateway=gateway_id
            )
            self.file.write_text(text)
            before = cloud.state.model_copy(deep=True)
            self.calls_before = len(cloud.cloud.log())
            options = ("--write", "--report", "report.json")
            self.run = dashlink("verify", "dev", *options, cwd=folder, **cloud.env)
            self.calls = cloud.cloud.log()[self.calls_before :]
            self.is_unchanged = cloud.state == before
        self.report = json.loads((folder / "report.json").read_text())
        self.findings = {}
        for finding in self.report["findings"]:
            self.findings.setdefault(finding["subject"], finding)

    def outcomes(self):
        return {subject: finding["outcome"] for subject, finding in self.findings.items()}

    def spellings(self):
        spellings = {}
        for finding in self.report["findings"]:
            if finding["spelling"] is not None:
                spellings[finding["subject"]] = finding["spelling"]
        return spellings


@pytest.fixture(scope="module", params=DIALECTS, ids=list(DIALECTS))
def verified(request, tmp_path_factory):
    return request.param, Verified(tmp_path_factory.mktemp("verify"), request.param)


def test_words_that_the_cloud_refuses_are_contradicted(verified):
    dialect, run = verified
    assert run.spellings() == SPELLINGS[dialect]
    for subject in SPELLINGS[dialect]:
        assert run.outcomes()[subject] == "contradicted"


def test_an_accepted_word_is_confirmed_only_where_it_is_checked(verified):
    dialect, run = verified
    finding = run.findings["protocol.DashScope"]
    if dialect == "no checks":
        assert finding["outcome"] == "not asked"
        assert "accepts any text" in finding["answer"]
    else:
        assert finding["outcome"] == "confirmed"
        assert len(finding["request_ids"]) >= 1


def test_the_form_of_keys_is_reported_without_a_key(verified):
    dialect, run = verified
    expected = "masked" if dialect == "other words" else "in full"
    assert run.findings["keys of AI services"]["answer"] == expected
    text = run.run.output + json.dumps(run.report)
    assert KEY not in text
    assert KEY[:8] not in text


def test_error_codes_of_missing_resources_are_confirmed(verified):
    _, run = verified
    for action in ("GetGateway", "GetService", "GetHttpApi", "GetDomain", "GetConsumer"):
        finding = run.findings[action]
        assert finding["outcome"] == "confirmed"
        assert finding["codes"] == [finding["answer"]]


def test_what_needs_a_deployed_stack_says_so(verified):
    _, run = verified
    assert run.outcomes()["upstream.model-studio"] == "not asked"
    assert "run `up` first" in run.run.stdout


def test_only_reads_and_dry_runs_are_sent(verified):
    _, run = verified
    written = {call["action"] for call in run.calls if not call["action"].startswith(READS)}
    assert written <= {"CreateHttpApi"}
    assert run.is_unchanged


def test_the_exit_code_and_the_last_line_sum_up(verified):
    dialect, run = verified
    assert run.run.returncode == (1 if SPELLINGS[dialect] else 0)
    assert f"{len(SPELLINGS[dialect])} contradicted" in run.run.stdout


def test_write_keeps_comments_and_adds_the_words(verified):
    dialect, run = verified
    text = run.file.read_text()
    assert "# Our environment." in text
    assert "# of the platform team" in text
    for term, value in SPELLINGS[dialect].items():
        assert f"{term}: {value}" in text


def test_a_second_run_with_the_words_contradicts_nothing(tmp_path):
    with Sandbox(dialect=Dialect.of(DIALECTS["other words"])) as cloud:
        network = clouds.create_network(cloud)
        gateway_id = clouds.create_gateway(cloud, network)
        gateways.create_service(cloud, gateway_id, "studio")
        (tmp_path / "stacks").mkdir()
        first, second = network.vswitch_ids
        text = PLAIN_SETTINGS.format(
            vpc=network.vpc_id, first=first, second=second, gateway=gateway_id
        )
        (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(text)
        dashlink("verify", "dev", "--write", cwd=tmp_path, **cloud.env)
        options = ("--json", "--report", "report.json")
        again = dashlink("verify", "dev", *options, cwd=tmp_path, **cloud.env)
    assert again.returncode == 0, again
    document = json.loads(again.stdout)
    assert {finding["outcome"] for finding in document["findings"]} == {"confirmed", "not asked"}
    assert document == json.loads((tmp_path / "report.json").read_text())


def test_without_credentials_it_says_what_is_missing(tmp_path):
    (tmp_path / "stacks").mkdir()
    text = PLAIN_SETTINGS.format(vpc="vpc-1", first="vsw-1", second="vsw-2", gateway="gw-1")
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(text)
    done = dashlink("verify", "dev", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.output
    assert "credentials" in done.output


def test_a_report_that_cannot_be_written_is_one_line(tmp_path):
    with Sandbox() as cloud:
        (tmp_path / "stacks").mkdir()
        text = PLAIN_SETTINGS.format(vpc="vpc-1", first="vsw-1", second="vsw-2", gateway="gw-1")
        (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(text)
        done = dashlink("verify", "dev", "--report", "no/such/r.json", cwd=tmp_path, **cloud.env)
    assert done.returncode == 1
    assert "no/such/r.json: cannot be written: No such file or directory." in done.output
