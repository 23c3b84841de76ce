"""Requests: tried again where that can help, a bounded number of times; one line where it cannot."""

from __future__ import annotations

import pytest
from alibabacloud_tea_openapi.exceptions import (
    ClientException,
    ServerException,
    ThrottlingException,
)

from dashlink.cloud.retry import call
from dashlink.errors import CloudError


def refused(kind, code, status, message="Something is wrong."):
    return kind(
        code=code,
        message=f"code: {status}, {message} request id: REQ-1",
        status_code=status,
        request_id="REQ-1",
        data={"RequestId": "REQ-1", "Code": code, "AccessKeySecret": "never shown"},
    )


class Scripted:
    """Raises its errors one after another, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.tries = 0
        self.pauses = []

    def __call__(self):
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def run(self):
        return call("look", self, pause=self.pauses.append)


@pytest.mark.parametrize(
    "error",
    [
        refused(ThrottlingException, "Throttling.User", 400),
        refused(ServerException, "ServiceUnavailable", 503),
        refused(ServerException, "InternalError", 500),
        ConnectionResetError("connection reset by peer"),
    ],
    ids=lambda error: getattr(error, "code", "") or type(error).__name__,
)
def test_what_may_pass_is_tried_again(error):
    scripted = Scripted(error, error)
    assert scripted.run() == "done"
    assert (scripted.tries, len(scripted.pauses)) == (3, 2)


def test_a_refusal_is_not_repeated_and_keeps_code_and_request_id():
    scripted = Scripted(refused(ClientException, "InvalidParameter", 400, "The zone is wrong."))
    with pytest.raises(CloudError) as caught:
        scripted.run()
    assert scripted.tries == 1
    assert (caught.value.code, caught.value.request_id) == ("InvalidParameter", "REQ-1")
    assert (
        str(caught.value) == "cannot look: The zone is wrong. [InvalidParameter, request id REQ-1]"
    )


@pytest.mark.parametrize(
    ("code", "status", "tries"), [("Throttling", 400, 30), ("InternalError", 500, 6)]
)
def test_trying_has_an_end_which_is_later_where_the_cloud_only_says_too_many(code, status, tries):
    scripted = Scripted(*[refused(ThrottlingException, code, status) for _ in range(50)])
    with pytest.raises(CloudError, match=rf"^cannot look: .*\[{code}, request id REQ-1\]$"):
        scripted.run()
    assert scripted.tries == tries
    assert max(scripted.pauses) <= 20


def test_a_cloud_that_cannot_be_reached_is_said_in_one_line():
    scripted = Scripted(*[ConnectionRefusedError("refused") for _ in range(50)])
    with pytest.raises(CloudError) as caught:
        scripted.run()
    assert str(caught.value) == (
        "cannot look: the cloud cannot be reached (ConnectionRefusedError). Check the network and proxies."
    )
