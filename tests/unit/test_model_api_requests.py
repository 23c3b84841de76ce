"""Requests that write a Model API, against a client that records them."""

from __future__ import annotations

import pytest
from support.gateway_wire import API, PRODUCT_FIELDS

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.cloud.words import NO_WORD
from dashlink.errors import CloudError
from dashlink.provider.gateway.candidates import GatewayWords
from dashlink.provider.gateway.model_api_requests import ModelApiRequests
from dashlink.provider.waiting import Operation
from dashlink.resources.models.model_api import ModelApiState, RouteState
from dashlink.resources.models.verified_word import VerifiedWord

CHAT = RouteState(name="create-chat-completion", path="/v1/chat/completions")
KNOWN = ModelApiState(http_api_id="api-1", routes=(CHAT,))
PLAIN = API.model_copy(update={"fields": (), "log_bodies": False})


class Recording:
    """The API: it accepts everything, and may create what a dry run only asks about."""

    def __init__(self, *, creates_in_dry_runs=False, log_fields=PRODUCT_FIELDS):
        self.creates = creates_in_dry_runs
        self.fields = log_fields
        self.apis = set()
        self.sent = []

    def roa(self, purpose, action, method, path, *, query=None, body=None):
        self.sent.append((action, dict(query or {}), dict(body or {})))
        answer = getattr(self, action, None)
        return {"data": answer(path.rpartition("/")[2], body or {}) if answer else {}}

    def CreateHttpApi(self, _, body):  # noqa: N802 - the action's name
        if body.get("dryRun") and not self.creates:
            return {}
        self.apis.add(f"api-{len(self.sent)}")
        return {"httpApiId": f"api-{len(self.sent)}"}

    def GetHttpApi(self, api_id, _):  # noqa: N802 - the action's name
        if api_id not in self.apis:
            raise CloudError("gone", code="DatabaseError.RecordNotFound")
        return {"httpApiId": api_id}

    def DeleteHttpApi(self, api_id, _):  # noqa: N802 - the action's name
        self.apis.remove(api_id)
        return {}

    def GetApiPathFieldConfig(self, _, __):  # noqa: N802 - the action's name
        return {"pathConfigs": self.fields}

    def of(self, action):
        return [(query, body) for name, query, body in self.sent if name == action]


@pytest.fixture
def requests_to(monkeypatch):
    """A function that returns the requests of an operation on an API."""

    def to(recording):
        account = Account("cn-beijing", credentials=None)
        api = ApigApi(account)
        monkeypatch.setattr(api, "_api", recording)
        operation = Operation(account, report=lambda text: None, cancelled=lambda: False, urn="u")
        return ModelApiRequests(api, GatewayWords(), operation)

    return to


def test_a_dry_run_of_a_creation_is_in_the_body(requests_to):
    recording = Recording()
    requests_to(recording).create(PLAIN)
    (asked, question), (_, created) = recording.of("CreateHttpApi")
    assert question["dryRun"] is True
    assert "clientToken" not in asked
    assert NO_WORD in str(question)
    assert "dryRun" not in created
    assert NO_WORD not in str(created)


def test_a_dry_run_deploys_nothing(requests_to):
    recording = Recording()
    requests_to(recording).create(PLAIN)
    deployed = [body["deployConfigs"][0]["autoDeploy"] for _, body in recording.of("CreateHttpApi")]
    assert deployed == [False, True]


def test_what_a_dry_run_creates_all_the_same_is_deleted(requests_to):
    recording = Recording(creates_in_dry_runs=True)
    sent = requests_to(recording).create(PLAIN)
    assert recording.apis == {sent.result}


def test_a_dry_run_of_an_update_is_in_the_query(requests_to):
    recording = Recording()
    requests_to(recording).change("api-1", PLAIN, KNOWN)
    (asked, question), (query, body) = recording.of("UpdateHttpApi")
    assert asked == {"dryRun": "true"}
    assert question["deployConfigs"][0]["autoDeploy"] is False
    assert query == {}
    assert NO_WORD not in str(body)


def test_a_verified_word_of_the_state_is_sent_without_a_dry_run(requests_to):
    words = []
    for term, value in {
        "routing.by-model": "MultiServiceByContent",
        "limit.global": "Global",
        "cache.semantic": "semantic",
        "cache-key.last-question": "lastQuestion",
    }.items():
        words.append(VerifiedWord(term=term, value=value, when="then", how="dry run"))
    recording = Recording()
    state = KNOWN.model_copy(update={"verified": tuple(words)})
    requests_to(recording).change("api-1", PLAIN, state)
    ((_, body),) = recording.of("UpdateHttpApi")
    assert body["deployConfigs"][0]["backendScene"] == "MultiServiceByContent"


def log_fields_in(body):
    for policy in body["deployConfigs"][0]["policyConfigs"]:
        if policy["type"] == "AiStatistics":
            return policy["aiStatisticsConfig"].get("pathFieldConfigs")
    return None


def test_a_new_api_gets_its_log_fields_afterwards(requests_to):
    recording = Recording()
    requests = requests_to(recording)
    sent = requests.create(API)
    assert all(log_fields_in(body) is None for _, body in recording.of("CreateHttpApi"))
    assert requests.write_log_fields(sent.result, sent.inputs, [CHAT])
    ((_, body),) = recording.of("UpdateHttpApi")
    (fields,) = log_fields_in(body)
    assert fields["fieldPaths"]["basic"] == PRODUCT_FIELDS[0]["fieldPaths"]["basic"]


def test_an_api_without_log_fields_is_not_written_again(requests_to):
    recording = Recording()
    assert not requests_to(recording).write_log_fields("api-1", PLAIN, [CHAT])
    assert recording.sent == []


def test_log_fields_without_a_path_are_an_error(requests_to):
    requests = requests_to(Recording(log_fields=[]))
    with pytest.raises(CloudError, match="neither log fields nor routes"):
        requests.write_log_fields("api-1", API, ())
