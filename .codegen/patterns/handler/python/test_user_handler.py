import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from shop.user_handler import (
    EmailTakenError,
    User,
    UserHandler,
    UserInput,
    UserNotFoundError,
)

ADA = User(id=1, name="Ada", email="ada@example.com", role="admin")
ADA_JSON = {"id": 1, "name": "Ada", "email": "ada@example.com", "role": "admin"}
VALID = {"name": "Bob", "email": "bob@example.com", "role": "admin"}
TAKEN = {"name": "Bob", "email": "taken@example.com"}


class StubService:
    """Knows ADA, fails for id 500, and treats taken@example.com as taken."""

    def __init__(self, users: Sequence[User]) -> None:
        self.users = users

    def list_all(self) -> Sequence[User]:
        return self.users

    def create(self, fields: UserInput) -> User:
        if fields.email == "taken@example.com":
            raise EmailTakenError
        return User(2, fields.name, fields.email, fields.role)

    def get(self, user_id: int) -> User:
        if user_id == 500:
            raise RuntimeError("secret database failure")
        if user_id != 1:
            raise UserNotFoundError
        return ADA

    def update(self, user_id: int, fields: UserInput) -> User:
        self.get(user_id)
        return User(user_id, fields.name, fields.email, fields.role)

    def delete(self, user_id: int) -> None:
        self.get(user_id)


def send_raw(
    method: str, path: str, content: bytes = b"", users: Sequence[User] = (ADA,)
) -> tuple[int, dict[str, str], Any]:
    """Send one request; return the status, the headers and the decoded body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
    }

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Any:
        started.append((status, headers))

    handler = UserHandler(StubService(users))
    body = b"".join(handler(environ, start_response))
    status, headers = started[0]
    return int(status.split()[0]), dict(headers), json.loads(body) if body else None


def send(method: str, path: str, fields: Any = None) -> tuple[int, Any]:
    """Send one request with a JSON body; return the status and decoded body."""
    content = json.dumps(fields).encode() if fields is not None else b""
    status, _, body = send_raw(method, path, content)
    return status, body


# happy path: every operation answers with its status and JSON body.
@pytest.mark.parametrize(
    ("method", "path", "fields", "status", "body"),
    [
        ("GET", "/users", None, 200, [ADA_JSON]),
        ("POST", "/users", VALID, 201, {"id": 2, **VALID}),
        ("GET", "/users/1", None, 200, ADA_JSON),
        ("PUT", "/users/1", VALID, 200, {"id": 1, **VALID}),
        ("DELETE", "/users/1", None, 204, None),
    ],
)
def test_operations(
    method: str, path: str, fields: Any, status: int, body: Any
) -> None:
    assert send(method, path, fields) == (status, body)


# error: a body that is not a JSON object is refused.
@pytest.mark.parametrize("content", [b"", b'{"name":', b"[]", b"\xff"])
def test_malformed_body(content: bytes) -> None:
    status, headers, body = send_raw("POST", "/users", content)
    assert status == 400
    assert headers["Content-Type"] == "application/json"
    assert body["error"]


# error: invalid fields are refused: a name that is no string, blank or above 100
# characters, an email without @, another role.
@pytest.mark.parametrize(
    "fields",
    [
        {"name": "  ", "email": "ada@example.com"},
        {"name": 7, "email": "ada@example.com"},
        {"name": "Ada"},
        {"name": "Ada", "email": "ada"},
        {"name": "Ada", "email": "ada@example.com", "role": "owner"},
    ],
)
def test_invalid_fields(fields: Any) -> None:
    for method, path in [("POST", "/users"), ("PUT", "/users/1")]:
        status, body = send(method, path, fields)
        assert status == 422
        assert body["error"]


# error: the errors of the service have their status and show no detail.
@pytest.mark.parametrize(
    ("method", "path", "fields", "expected"),
    [
        ("GET", "/users/9", None, 404),
        ("PUT", "/users/9", VALID, 404),
        ("DELETE", "/users/9", None, 404),
        ("POST", "/users", TAKEN, 409),
        ("GET", "/users/500", None, 500),
    ],
)
def test_service_errors(method: str, path: str, fields: Any, expected: int) -> None:
    status, body = send(method, path, fields)
    assert status == expected
    assert body["error"]
    assert "secret" not in body["error"]


# error: an unknown path is not found.
@pytest.mark.parametrize("path", ["/other", "/users/", "/users/abc", "/users/1/2"])
def test_unknown_path(path: str) -> None:
    status, body = send("GET", path)
    assert status == 404
    assert body["error"]


# error: an unknown method is refused and the allowed ones are named.
@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/users", "GET, POST"),
        ("POST", "/users/1", "GET, PUT, DELETE"),
    ],
)
def test_unknown_method(method: str, path: str, allow: str) -> None:
    status, headers, body = send_raw(method, path)
    assert status == 405
    assert headers["Allow"] == allow
    assert body["error"]


# error: a body above 1 MiB is refused.
def test_large_body() -> None:
    status, _, body = send_raw("POST", "/users", b" " * (1024 * 1024 + 1))
    assert status == 413
    assert body["error"]


# edge case: an empty list is an empty array.
def test_no_users() -> None:
    status, _, body = send_raw("GET", "/users", users=())
    assert (status, body) == (200, [])


# edge case: a name of 100 characters is accepted, one of 101 is not.
@pytest.mark.parametrize(("length", "expected"), [(100, 201), (101, 422)])
def test_name_length(length: int, expected: int) -> None:
    fields = {"name": "ä" * length, "email": "ada@example.com"}
    status, _ = send("POST", "/users", fields)
    assert status == expected


# edge case: a role that is left out is member.
def test_role_is_member_when_left_out() -> None:
    fields = {"name": "Bob", "email": "bob@example.com"}
    expected = {"id": 2, **fields, "role": "member"}
    assert send("POST", "/users", fields) == (201, expected)


# edge case: spaces around the fields are removed.
def test_trimmed_fields() -> None:
    fields = {"name": " Bob ", "email": " bob@example.com ", "role": "admin"}
    assert send("POST", "/users", fields) == (201, {"id": 2, **VALID})
