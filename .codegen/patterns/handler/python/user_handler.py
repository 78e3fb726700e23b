"""Serves the user resource over HTTP."""

import json
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

COLLECTION_PATH = "/users"
ITEM_PATH = re.compile(r"/users/([0-9]{1,18})")
MAX_NAME_LENGTH = 100
DEFAULT_ROLE = "member"
ROLES = (DEFAULT_ROLE, "admin")
MAX_BODY_BYTES = 1024 * 1024


class UserNotFoundError(Exception):
    """Raised by a service when no user has the id."""


class EmailTakenError(Exception):
    """Raised by a service when another user has the email."""


@dataclass(frozen=True)
class User:
    """A user as clients see it."""

    id: int
    name: str
    email: str
    role: str


@dataclass(frozen=True)
class UserInput:
    """The fields a client sends to create or update a user."""

    name: str
    email: str
    role: str


class UserService(Protocol):
    """What the handler needs from the application."""

    def list_all(self) -> Sequence[User]:
        """Return all users."""

    def create(self, fields: UserInput) -> User:
        """Create a user with a new id."""

    def get(self, user_id: int) -> User:
        """Return the user with the id."""

    def update(self, user_id: int, fields: UserInput) -> User:
        """Replace the fields of the user with the id."""

    def delete(self, user_id: int) -> None:
        """Remove the user with the id."""


class RequestError(Exception):
    """Raised when a request body is refused, with the status to answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A status, the value its JSON body is made of, and the allowed methods."""

    status: HTTPStatus
    body: object = None
    allow: str = ""


class UserHandler:
    """Serves /users and /users/{id} as a WSGI application."""

    def __init__(self, service: UserService) -> None:
        """Create a handler that works through the service."""
        self._service = service

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request; errors are answers too."""
        try:
            answer = self._route(environ)
        except RequestError as error:
            answer = _error(error.status, str(error))
        except UserNotFoundError:
            answer = _error(HTTPStatus.NOT_FOUND, "user not found")
        except EmailTakenError:
            answer = _error(HTTPStatus.CONFLICT, "email already taken")
        except Exception:
            logger.exception("request failed")
            answer = _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        return _send(answer, start_response)

    def _route(self, environ: WSGIEnvironment) -> Answer:
        path = environ.get("PATH_INFO", "")
        if path == COLLECTION_PATH:
            return self._answer_collection(environ)
        match = ITEM_PATH.fullmatch(path)
        if match is None:
            return _error(HTTPStatus.NOT_FOUND, "not found")
        return self._answer_item(environ, int(match.group(1)))

    def _answer_collection(self, environ: WSGIEnvironment) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "GET":
            users = self._service.list_all()
            return Answer(HTTPStatus.OK, [asdict(user) for user in users])
        if method == "POST":
            user = self._service.create(_read_input(environ))
            return Answer(HTTPStatus.CREATED, asdict(user))
        return _method_not_allowed("GET, POST")

    def _answer_item(self, environ: WSGIEnvironment, user_id: int) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "GET":
            user = self._service.get(user_id)
            return Answer(HTTPStatus.OK, asdict(user))
        if method == "PUT":
            user = self._service.update(user_id, _read_input(environ))
            return Answer(HTTPStatus.OK, asdict(user))
        if method == "DELETE":
            self._service.delete(user_id)
            return Answer(HTTPStatus.NO_CONTENT)
        return _method_not_allowed("GET, PUT, DELETE")


def _read_input(environ: WSGIEnvironment) -> UserInput:
    """Decode, trim and validate the fields in the request body."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not 0 <= length <= MAX_BODY_BYTES:
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body is too large")
        body = json.loads(environ["wsgi.input"].read(length))
    except ValueError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, "body must be valid JSON") from error
    if not isinstance(body, dict):
        raise RequestError(HTTPStatus.BAD_REQUEST, "body must be a JSON object")
    name = _read_text(body, "name")
    email = _read_text(body, "email")
    role = body.get("role", DEFAULT_ROLE)
    if not name:
        raise _invalid("name must not be blank")
    if len(name) > MAX_NAME_LENGTH:
        raise _invalid("name must not exceed 100 characters")
    if "@" not in email:
        raise _invalid("email must contain @")
    if role not in ROLES:
        raise _invalid("role must be member or admin")
    return UserInput(name=name, email=email, role=role)


def _read_text(body: dict[str, object], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise _invalid(f"{field} must be a string")
    return value.strip()


def _invalid(message: str) -> RequestError:
    return RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def _error(status: HTTPStatus, message: str) -> Answer:
    return Answer(status, {"error": message})


def _method_not_allowed(allow: str) -> Answer:
    body = {"error": "method not allowed"}
    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, body, allow)


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = []
    chunks = []
    if answer.allow:
        headers.append(("Allow", answer.allow))
    if answer.body is not None:
        headers.append(("Content-Type", "application/json"))
        chunks.append(json.dumps(answer.body).encode())
    start_response(f"{answer.status.value} {answer.status.phrase}", headers)
    return chunks
