"""The API keeps what its description promises, whatever is sent (schemathesis, seeded).

Run by ``python -m pytest tests/web -m api``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from served_site import AT, county, desk_at, make_project

from landuse.web.api import description

pytest.importorskip("schemathesis")
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

pytestmark = pytest.mark.api
HOST = "127.0.0.1:8000"
EXAMPLES = 6
THERE = {"run_id": "0000000258", "number": "2026-001", "review_id": 1, "event_id": 2, "seq": 1,
         "objection_id": 1, "form": "docx"}  # fmt: skip
"""What the server has; meetings have numbers of another kind."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """A server with an administrator, three cases in three states, a meeting; and a token."""
    from argon2 import PasswordHasher

    from landuse.ledger import accounts

    before = accounts._hasher
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    accounts._hasher = lambda: cheap  # type: ignore[assignment]
    desk = desk_at(make_project(tmp_path_factory.mktemp("api") / "县"))
    with desk.site.ledger().write() as session:
        accounts.create(session, "管理", "administrator", "correct horse 2026", by="t", at=AT)
    said = {"name": "管理", "password": "correct horse 2026"}
    token = desk.client.post("/api/v1/login", json=said).json()["token"]
    _fill(desk, token)
    yield desk.client.app, token
    desk.site.close()
    accounts._hasher = before


def _fill(desk: Any, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    (run,) = desk.client.get("/api/v1/runs", headers=headers).json()
    address = f"/api/v1/runs/{run['run_id']}/reviews"
    for place, verdict in ((1, "defer"), (2, "survey"), (3, "reject")):
        form = {"parcel_id": county().parcel(place), "verdict": verdict, "expected_revision": 0,
                "comment": "现场查看"}  # fmt: skip
        answer = desk.client.post(address, json=form, headers=headers)
        assert answer.status_code == 201, answer.text
    meeting = {"title": "第一次", "run_id": run["run_id"], "filter": "class=normal"}
    assert desk.client.post("/api/v1/meetings", json=meeting, headers=headers).status_code == 201


@pytest.fixture(scope="module")
def api(served: tuple[Any, str]) -> Any:
    """The description as the server gives it."""
    from schemathesis import openapi

    app, token = served
    headers = {"Authorization": f"Bearer {token}", "Host": HOST}
    return openapi.from_asgi("/openapi.json", app, headers=headers)


def operations() -> list[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = description()["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize("mode", ["right", "right about what is there", "wrong"])
@pytest.mark.parametrize(("path", "method"), operations())
def test_every_operation_keeps_its_word(
    served: tuple[Any, str], api: Any, path: str, method: str, mode: str
) -> None:
    """No fault of ours, only described answers, and what breaks the description is refused."""
    named = {name: value for name, value in THERE.items() if f"{{{name}}}" in path}
    if mode == "right about what is there" and not named:
        pytest.skip("names nothing")
    wanted = GenerationMode.NEGATIVE if mode == "wrong" else GenerationMode.POSITIVE
    more = {"path_parameters": named} if mode == "right about what is there" else {}
    headers = {"Authorization": f"Bearer {served[1]}", "Host": HOST}

    @seed(20260701)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method].as_strategy(wanted, **more))
    def sent(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    try:
        sent()
    except Unsatisfiable:
        assert mode == "wrong", "nothing that is right"
