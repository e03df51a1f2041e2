"""Who is let in: what the cookie holds, how the token is sent, and hosts that are no address."""

import pytest
from support.dashboard import running_dashboard

from streams.dashboard.access import COOKIE

TOKEN = "0123456789abcdef"
AWAY = {"Host": "tagwire.example"}


def form(dashboard, token=TOKEN, path="/", **options):
    return dashboard.post(path, data={"token": token}, allow_redirects=False, **options)


@pytest.mark.parametrize("host", ["localhost:99999", "[::1", "[v1.x]", "localhost:x", ":", "a b"])
async def test_a_host_that_is_not_an_address_is_refused(host):
    async with running_dashboard() as dashboard:
        assert (await dashboard.get("/", headers={"Host": host})).status == 403


@pytest.mark.parametrize("host", ["localhost:99999", "[::1"])
async def test_with_a_token_such_a_host_is_another_machine(host):
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        entered = await form(dashboard, headers={"Host": host})

    assert entered.cookies[COOKIE]["secure"]


async def test_the_form_sends_the_token_in_its_body_and_the_cookie_lets_in():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        page = await (await dashboard.get("/")).text()
        entered = await form(dashboard)
        cookie = entered.cookies[COOKIE]
        inside = await dashboard.get("/", headers={"Cookie": f"{COOKIE}={cookie.value}"})

    assert '<form action="/" method="post">' in page
    assert (entered.status, entered.headers["Location"]) == (303, "/")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert inside.status == 200


async def test_the_cookie_is_not_the_token_and_the_token_is_no_cookie():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        entered = [await form(dashboard), await dashboard.get(f"/?token={TOKEN}")]
        cookies = {response.cookies[COOKIE].value for response in entered}
        as_cookie = await dashboard.get("/", headers={"Cookie": f"{COOKIE}={TOKEN}"})
        [value] = cookies
        as_token = await dashboard.get("/", headers={"Authorization": f"Bearer {value}"})

    assert TOKEN not in value
    assert (as_cookie.status, as_token.status) == (401, 401)


async def test_another_token_has_another_cookie():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        value = (await form(dashboard)).cookies[COOKIE].value
    async with running_dashboard(dashboard_token=TOKEN[::-1]) as dashboard:
        response = await dashboard.get("/", headers={"Cookie": f"{COOKIE}={value}"})

    assert response.status == 401


@pytest.mark.parametrize(
    ("token", "options"),
    [
        ("wrong", {}),
        ("é", {}),
        ("", {}),
        (TOKEN, {"path": "/try"}),
        (TOKEN + "x" * 5000, {}),
    ],
)
async def test_a_wrong_form_is_refused(token, options):
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await form(dashboard, token, **options)

    assert response.status == 401
    assert "Set-Cookie" not in response.headers


async def test_a_form_that_is_not_text_is_refused():
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await dashboard.post("/", data=b"token=\xff%ff", headers=headers)

    assert response.status == 401


@pytest.mark.parametrize("host", ["localhost:6068", "127.0.0.1", "[::1]:6068"])
async def test_on_this_machine_the_cookie_goes_over_plain_http(host):
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await form(dashboard, headers={"Host": host})
        refused = await (await dashboard.get("/", headers={"Host": host})).text()

    assert not response.cookies[COOKIE]["secure"]
    assert "HTTPS" not in refused


async def test_from_other_machines_the_cookie_is_secure_and_the_page_says_what_that_needs():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await form(dashboard, headers=AWAY)
        refused = await (await dashboard.get("/", headers=AWAY)).text()

    assert response.cookies[COOKIE]["secure"]
    assert "open it over HTTPS" in refused


async def test_the_address_with_the_token_leads_to_this_server_only():
    async with running_dashboard(dashboard_token=TOKEN) as dashboard:
        response = await dashboard.get(f"//evil.example/?token={TOKEN}")

    assert response.headers["Location"] == "/"
