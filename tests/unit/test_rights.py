"""Rights on Model APIs and consumers in a cloud that shows each change some questions later."""

from __future__ import annotations

import pytest

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.gateway import authorization, consumer
from dashlink.provider.gateway.authorization import (
    ModelApiAuthorizationHandler,
    RetiredAuthorizationHandler,
)
from dashlink.provider.gateway.consumer import ConsumerHandler
from dashlink.provider.gateway.key_sets import matched_key_set, secret_type
from dashlink.provider.gateway.rights import rules_on, set_rights, withdraw_rights
from dashlink.provider.waiting import Operation
from dashlink.resources.models.authorization import (
    ConsumerAuthorizationInputs,
    ModelApiAuthorizationInputs,
)
from dashlink.resources.models.consumer import ConsumerInputs, ConsumerState

API = "api-1"
ENVIRONMENT = "env-1"
MARK = "dashlink: shop-dev"


class Late:
    """Records that a list shows some questions after they were changed.

    Attributes:
        delay: Questions before a change shows.
    """

    def __init__(self, delay):
        self.delay = delay
        self.actual = {}
        self._history = [{}]

    def change(self, **records):
        """Replace records; None removes one."""
        for name, record in records.items():
            self.actual.pop(name, None)
            if record is not None:
                self.actual[name] = record

    def shown(self):
        """One question: the records of `delay` questions ago."""
        self._history.append(dict(self.actual))
        return list(self._history[max(0, len(self._history) - 1 - self.delay)].values())


class PaperApi:
    """The actions of the API that concern consumers and their rules."""

    def __init__(self, delay=0):
        self.rules = Late(delay)
        self.consumers = Late(delay)
        self.requests = []

    # -- rules -----------------------------------------------------------------------------------

    def authorizations(self, *, consumer_id=None, api_id=None, environment_id=None):
        found = []
        for rule in self.rules.shown():
            asked = {"consumerId": consumer_id, "resourceId": api_id}
            if all(value in (None, rule.get(name)) for name, value in asked.items()):
                found.append(rule)
        return found

    def authorize(self, rules):
        consumer_ids = [rule["consumerId"] for rule in rules]
        self.requests.append(("authorize", consumer_ids))
        if any(f"car-{one}" in self.rules.actual for one in consumer_ids):
            return False
        for one in consumer_ids:
            self.grant(one)
        return True

    def withdraw(self, rule_ids):
        self.requests.append(("withdraw", list(rule_ids)))
        self.rules.change(**dict.fromkeys(rule_ids))

    def grant(self, consumer_id, api_id=API, **more):
        """Add a rule, as by hand."""
        rule_id = f"car-{consumer_id}"
        rule = {"consumerAuthorizationRuleId": rule_id, "consumerId": consumer_id}
        rule |= {"resourceId": api_id, "resourceType": "LLM", "principalType": "Consumer"}
        rule["environmentInfo"] = {"environmentId": ENVIRONMENT}
        self.rules.change(**{rule_id: {**rule, **more}})

    # -- consumers -------------------------------------------------------------------------------

    def consumer(self, consumer_id):
        return self.consumers.actual.get(consumer_id)

    def consumers_named_like(self, name):
        return [row for row in self.consumers.shown() if name in row["name"]]

    def consumer_named(self, name):
        rows = [row for row in self.consumers_named_like(name) if row["name"] == name]
        return rows[0] if rows else None

    def create_consumer(self, body, token):
        self.requests.append(("create", body["name"]))
        if any(row["name"] == body["name"] for row in self.consumers.actual.values()):
            raise CloudError("name in use", code="Conflict.ConsumerNameDuplicate")
        self.consumers.change(**{"cs-new": {"consumerId": "cs-new", **body}})
        return "cs-new"

    def update_consumer(self, consumer_id, body):
        self.requests.append(("update", consumer_id))
        self.consumers.change(**{consumer_id: {**self.consumers.actual[consumer_id], **body}})

    def delete_consumer(self, consumer_id):
        self.requests.append(("delete", consumer_id))
        self.consumers.change(**{consumer_id: None})


class Clock:
    """A clock that advances by pauses alone."""

    def __init__(self):
        self.seconds = 0.0
        self.messages = []

    def operation(self):
        return Operation(
            account=None,
            report=self.messages.append,
            cancelled=lambda: False,
            clock=lambda: self.seconds,
            pause=self.advance,
            urn="urn:it",
        )

    def advance(self, seconds):
        self.seconds += seconds


@pytest.fixture
def clock():
    return Clock()


def inputs_for(*consumer_ids):
    return ModelApiAuthorizationInputs(
        model_api_id=API, environment_id=ENVIRONMENT, consumer_ids=consumer_ids
    )


def ids(*numbers):
    return [f"cs-{number:03}" for number in numbers]


# -- rights ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0, 1, 7], ids=["at once", "a moment", "late"])
def test_many_rights_are_granted_by_one_request(clock, delay):
    api = PaperApi(delay)
    granted = set_rights(api, inputs_for(*ids(1, 2, 3)), clock.operation())
    assert granted == {one: f"car-{one}" for one in ids(1, 2, 3)}
    assert api.requests == [("authorize", ids(1, 2, 3))]


def test_rights_that_show_at_once_take_no_pause(clock):
    set_rights(PaperApi(), inputs_for("cs-1"), clock.operation())
    assert (clock.seconds, clock.messages) == (0.0, [])


@pytest.mark.parametrize("delay", [0, 5], ids=["at once", "late"])
def test_the_set_becomes_exact_missing_rights_first(clock, delay):
    api = PaperApi(delay)
    for one in ids(2, 8, 9):
        api.grant(one)
    for _ in range(delay):
        api.rules.shown()
    granted = set_rights(api, inputs_for(*ids(1, 2)), clock.operation())
    assert sorted(granted) == ids(1, 2)
    assert sorted(api.rules.actual) == [f"car-{one}" for one in ids(1, 2)]
    assert api.requests == [
        ("authorize", ids(1)),
        ("withdraw", [f"car-{one}" for one in ids(8, 9)]),
    ]


def test_an_exact_set_is_left_as_it_is(clock):
    api = PaperApi()
    api.grant("cs-1")
    assert set_rights(api, inputs_for("cs-1"), clock.operation()) == {"cs-1": "car-cs-1"}
    assert api.requests == []


def test_a_right_that_is_not_shown_yet_is_adopted(clock):
    """A killed run has granted it a moment ago: the cloud refuses it, and shows it later."""
    api = PaperApi(delay=4)
    api.grant("cs-2")
    granted = set_rights(api, inputs_for("cs-1", "cs-2", "cs-3"), clock.operation())
    assert sorted(granted) == ["cs-1", "cs-2", "cs-3"]
    assert [consumer_ids for _, consumer_ids in api.requests] == [
        ["cs-1", "cs-2", "cs-3"],
        ["cs-1"],
        ["cs-2"],
        ["cs-3"],
    ]


def test_hundreds_of_rights_are_granted_and_withdrawn_in_chunks(clock):
    api = PaperApi()
    set_rights(api, inputs_for(*ids(*range(120))), clock.operation())
    set_rights(api, inputs_for(*ids(0)), clock.operation())
    sizes = [(name, len(items)) for name, items in api.requests]
    assert sizes == [
        *(("authorize", size) for size in (50, 50, 20)),
        *(("withdraw", size) for size in (50, 50, 19)),
    ]


def test_rights_that_never_show_are_an_error(clock):
    with pytest.raises(CloudError) as caught:
        set_rights(PaperApi(delay=10_000), inputs_for("cs-1", "cs-2"), clock.operation())
    assert str(caught.value) == (
        "2 of the rights on api-1 are not shown yet, after 300 s. `up` again."
    )
    assert clock.seconds == 300
    assert clock.messages == ["waiting: 2 of the rights on api-1 are not shown yet"]


def test_rights_that_stay_are_an_error(clock, monkeypatch):
    api = PaperApi()
    api.grant("cs-1")
    monkeypatch.setattr(api, "withdraw", lambda rule_ids: None)
    with pytest.raises(CloudError, match="1 of the rights of cs-1 still exist, after 300 s"):
        withdraw_rights(api, clock.operation(), consumer_id="cs-1")


def test_rules_of_groups_and_other_environments_are_left(clock):
    api = PaperApi()
    api.grant("csg-1", principalType="ConsumerGroup", consumerId=None, consumerGroupId="csg-1")
    api.grant("cs-9", environmentInfo={"environmentId": "env-2"})
    assert rules_on(api, API, ENVIRONMENT) == []
    set_rights(api, inputs_for("cs-1"), clock.operation())
    assert api.requests == [("authorize", ["cs-1"])]
    withdraw_rights(api, clock.operation(), consumer_id="cs-1")
    assert api.requests[1:] == [("withdraw", ["car-cs-1"])]
    withdraw_rights(api, clock.operation(), api_id=API)
    assert api.rules.actual == {}


def test_rights_withdrawn_by_hand_are_a_missing_resource(clock, monkeypatch):
    api = PaperApi()
    monkeypatch.setattr(authorization, "apig", lambda account: api)
    handler = ModelApiAuthorizationHandler()
    identity, state = handler.create(inputs_for("cs-1"), clock.operation())
    assert (identity, state.rule_ids) == ("api-1/env-1", {"cs-1": "car-cs-1"})
    api.grant("cs-0")
    current, _ = handler.read(identity, inputs_for("cs-1"), state, clock.operation())
    assert current.consumer_ids == ("cs-0", "cs-1")
    handler.delete(identity, clock.operation())
    assert handler.read(identity, inputs_for("cs-1"), state, clock.operation()) is None


def test_an_import_needs_the_environment_in_the_id(clock):
    with pytest.raises(DashlinkError, match="an id without an environment"):
        ModelApiAuthorizationHandler().read("api-1", None, None, clock.operation())


def test_the_type_of_api_stays_as_it_was_sent(clock, monkeypatch):
    api = PaperApi()
    api.grant("cs-1", resourceType="Llm")
    monkeypatch.setattr(authorization, "apig", lambda account: api)
    handler = ModelApiAuthorizationHandler()
    known, _ = handler.read("api-1/env-1", inputs_for("cs-1"), None, clock.operation())
    imported, _ = handler.read("api-1/env-1", None, None, clock.operation())
    assert (known.resource_type, imported.resource_type) == ("LLM", "Llm")


# -- states of 0.1.0.dev1 --------------------------------------------------------------------------


def test_a_retired_authorization_is_read_and_forgotten(clock, monkeypatch):
    api = PaperApi()
    api.grant("cs-1")
    monkeypatch.setattr(authorization, "apig", lambda account: api)
    handler = RetiredAuthorizationHandler()
    inputs = ConsumerAuthorizationInputs(
        consumer_id="cs-1", model_api_id=API, environment_id=ENVIRONMENT
    )
    current, state = handler.read("cs-1/car-cs-1", inputs, None, clock.operation())
    assert (current, state.rule_id) == (inputs, "car-cs-1")
    assert handler.read("cs-1/car-other", inputs, None, clock.operation()) is None
    handler.delete("cs-1/car-cs-1", clock.operation())
    assert (api.requests, list(api.rules.actual)) == ([], ["car-cs-1"])
    with pytest.raises(DashlinkError) as caught:
        handler.create(inputs, clock.operation())
    assert str(caught.value) == (
        "dashlink:gateway:ConsumerAuthorization is retired. "
        "Declare one `ModelApiAuthorization` for the Model API."
    )


# -- consumers -------------------------------------------------------------------------------------


@pytest.fixture
def consumers(monkeypatch):
    """A handler of consumers and a function that gives it a cloud."""

    def of(api):
        monkeypatch.setattr(consumer, "apig", lambda account: api)
        return ConsumerHandler()

    return of


def team(**changed):
    fields = {"name": "team", "description": MARK, "api_keys": ("ck-1",)}
    return ConsumerInputs(**{**fields, **changed})


@pytest.mark.parametrize("delay", [0, 6], ids=["at once", "late"])
def test_a_consumer_is_followed_until_it_is_listed(consumers, clock, delay):
    api = PaperApi(delay)
    handler = consumers(api)
    identity, state = handler.create(team(), clock.operation())
    assert api.consumer_named("team")["consumerId"] == identity == "cs-new"
    handler.update(identity, team(enabled=False, description="d"), state, clock.operation())
    row = api.consumer_named("team")
    assert (row["enable"], row["description"]) == (False, "d")
    handler.delete(identity, clock.operation())
    assert api.consumer_named("team") is None
    assert api.requests == [("create", "team"), ("update", "cs-new"), ("delete", "cs-new")]


def test_a_consumer_that_is_never_listed_is_an_error(consumers, clock):
    with pytest.raises(CloudError) as caught:
        consumers(PaperApi(delay=10_000)).create(team(), clock.operation())
    assert str(caught.value) == (
        "the consumer team is not shown as it was sent, after 300 s. `up` again."
    )


def test_a_consumer_left_by_a_killed_run_is_adopted_late(consumers, clock):
    """The name is taken, although the list does not show by whom yet."""
    api = PaperApi(delay=5)
    api.consumers.change(
        **{"cs-left": {"consumerId": "cs-left", "name": "team", "description": MARK}}
    )
    identity, _ = consumers(api).create(team(), clock.operation())
    assert identity == "cs-left"
    assert api.requests == [("create", "team"), ("update", "cs-left")]


def test_a_name_of_another_kind_of_consumer_is_an_error(consumers, clock):
    """The account has the name, and no list of consumers of AI gateways shows it."""
    api = PaperApi(delay=10_000)
    api.consumers.change(**{"cs-api": {"consumerId": "cs-api", "name": "team"}})
    with pytest.raises(CloudError) as caught:
        consumers(api).create(team(), clock.operation())
    assert str(caught.value) == "name in use [Conflict.ConsumerNameDuplicate]"
    assert clock.seconds == 30


def test_a_deleted_consumer_leaves_no_rule(consumers, clock):
    api = PaperApi()
    handler = consumers(api)
    identity, _ = handler.create(team(), clock.operation())
    api.grant(identity)
    api.grant("cs-other")
    handler.delete(identity, clock.operation())
    assert list(api.rules.actual) == ["car-cs-other"]
    assert api.requests[1:] == [("withdraw", ["car-cs-new"]), ("delete", "cs-new")]
    handler.delete(identity, clock.operation())  # a second deletion is no error
    assert len(api.requests) == 3


CREDENTIALS = {
    "API keys": ("apiKeyIdentityConfig", {"credentials": [{"apikey": "ck-old-in-plain"}]}),
    "access keys": ("akSkIdentityConfigs", [{"ak": "ak", "sk": "sk-old-in-plain"}]),
    "key set of JSON Web Tokens": ("jwtIdentityConfig", {"jwks": '{"keys": ["old-in-plain"]}'}),
}


@pytest.mark.parametrize(("kind", "returned"), CREDENTIALS.items(), ids=CREDENTIALS)
def test_a_credential_that_the_cloud_retains_is_an_error(
    consumers, clock, monkeypatch, kind, returned
):
    name, value = returned
    api = PaperApi()
    handler = consumers(api)
    monkeypatch.setattr(api, "update_consumer", lambda consumer_id, body: None)
    api.consumers.change(**{"cs-1": {"consumerId": "cs-1", "name": "team", name: value}})
    state = ConsumerState(consumer_id="cs-1")
    with pytest.raises(CloudError) as caught:
        handler.update("cs-1", team(api_keys=()), state, clock.operation())
    assert str(caught.value) == (
        f"cs-1: the cloud retains the {kind} of the consumer team, which stay valid although the "
        "settings have none. Delete and create it: `up --replace URN`."
    )


# -- key sets --------------------------------------------------------------------------------------

OCT = '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'
RSA = '{"keys": [{"kty": "RSA", "n": "0vx7", "e": "AQAB"}]}'


@pytest.mark.parametrize(
    ("jwks", "expected"),
    [
        (OCT, "Symmetry"),
        (RSA, "Asymmetry"),
        ('{"keys": [{"kty": "RSA"}, {"kty": "oct"}]}', "Symmetry"),
        ('{"keys": ["oct"]}', "Asymmetry"),
        ('{"keys": "oct"}', "Asymmetry"),
        ("[]", "Asymmetry"),
        ("no JSON", "Asymmetry"),
        (UNKNOWN_KEY, "Asymmetry"),
    ],
    ids=["oct", "RSA", "both", "text", "no list", "list", "no JSON", "placeholder"],
)
def test_the_type_of_a_key_set_follows_from_its_keys(jwks, expected):
    assert secret_type(jwks) == expected


@pytest.mark.parametrize(
    ("known", "returned", "expected"),
    [
        (OCT, OCT, OCT),
        (OCT, '{"keys":[{"k":"c2VjcmV0","kty":"oct"}]}', OCT),
        (OCT, RSA, UNKNOWN_KEY),
        (OCT, None, OCT),
        (OCT, "", OCT),
        (OCT, "****", OCT),
        ("no JSON", "no JSON", "no JSON"),
        ("no JSON", "other", UNKNOWN_KEY),
        (None, OCT, UNKNOWN_KEY),
        (None, None, UNKNOWN_KEY),
    ],
    ids=[
        *("as written", "other form", "another", "none", "empty", "masked"),
        *("no JSON", "other text", "import", "import of none"),
    ],
)
def test_a_returned_key_set_is_compared_as_json(known, returned, expected):
    assert matched_key_set(known, returned) == expected
