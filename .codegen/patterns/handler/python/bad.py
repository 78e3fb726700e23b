"""Serves the user resource over HTTP, read-only."""

import json
import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

ITEM_PATH = re.compile(r"/users/([0-9]{1,18})")


@dataclass(frozen=True)
class User:
    """A user as clients see it."""

    id: int
    name: str


class UserService(Protocol):
    """What the handler needs from the application."""

    def get(self, user_id: int) -> User:
        """Return the user with the id."""


@dataclass(frozen=True)
class Answer:
    """A status, the value its JSON body is made of, and the allowed methods."""

    status: HTTPStatus
    body: object
    allow: str = ""


class UserHandler:
    """Serves /users/{id} as a WSGI application."""

    def __init__(self, service: UserService) -> None:
        """Create a handler that works through the service."""
        self._service = service

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request; errors are answers too."""
        try:
            answer = self._route(environ)
        except LookupError as error:
            if "not found" in str(error):
                answer = _error(HTTPStatus.NOT_FOUND, "user not found")
            else:
                answer = _error(HTTPStatus.CONFLICT, "user is locked")
        except Exception:
            logger.exception("request failed")
            answer = _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")
        headers = [("Content-Type", "application/json")]
        if answer.allow:
            headers.append(("Allow", answer.allow))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [json.dumps(answer.body).encode()]

    def _route(self, environ: WSGIEnvironment) -> Answer:
        match = ITEM_PATH.fullmatch(environ.get("PATH_INFO", ""))
        if match is None:
            return _error(HTTPStatus.NOT_FOUND, "not found")
        if environ["REQUEST_METHOD"] != "GET":
            body = {"error": "method not allowed"}
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, body, "GET")
        user = self._service.get(int(match.group(1)))
        return Answer(HTTPStatus.OK, asdict(user))


def _error(status: HTTPStatus, message: str) -> Answer:
    return Answer(status, {"error": message})
