"""A program before the API: its token, and the plots of the small project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from httpx import Response
from served_site import Desk, county

RUN = "0000000258"
API = "/api/v1"
PUBLISHED = {"publication_from": "2026-07-01", "publication_to": "2026-07-08"}
DECIDED = {"deciding_authority": "县自然资源局", "document": "认定书〔2026〕1号"}


def plot(number: int) -> str:
    """The code of a plot; the run finds something on the first alone."""
    code: str = county().parcel(number)
    return code


@dataclass
class Program:
    """Requests with a token, or with the header of a page."""

    desk: Desk
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **params: Any) -> Response:
        """Read, with fields of the address."""
        return self.desk.client.get(f"{API}{path}", headers=self.headers, params=params)

    def post(self, path: str, method: str = "POST", **form: Any) -> Response:
        """Write."""
        return self.desk.client.request(method, f"{API}{path}", headers=self.headers, json=form)

    def give(self, number: int, verdict: str, seen: int = 0, **more: Any) -> Response:
        """A verdict on a plot."""
        form = {"parcel_id": plot(number), "verdict": verdict, "expected_revision": seen, **more}
        return self.post(f"/runs/{RUN}/reviews", **form)


def with_token(desk: Desk, role: str) -> Program:
    """The program of an account named as its role."""
    said = {"name": role, "password": f"{role} 2026 long"}
    answer = desk.client.post(f"{API}/login", json=said)
    assert answer.status_code == 200, answer.text
    return Program(desk, {"Authorization": f"Bearer {answer.json()['token']}"})


def with_page(desk: Desk) -> Program:
    """What a page of the browser that stands before ``desk`` sends."""
    token = desk.client.get(f"{API}/session").json()["csrf"]
    return Program(desk, {"X-CSRF-Token": token})


def codes(answer: Response) -> list[str]:
    """The codes of a refusal, which is whole and in both languages."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said: dict[str, Any] = answer.json()
    assert said["status"] == answer.status_code
    assert said["code"] == said["errors"][0]["code"]
    for one in said["errors"]:
        assert set(one["message"]) == set(one["hint"]) == {"zh", "en"}
        assert all(one["message"].values())
    return [one["code"] for one in said["errors"]]
