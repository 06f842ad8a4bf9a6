#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
#
# browse.py BROWSER PROFILE URL WIDTH HEIGHT dark|light SLOWER SCRIPT - opens the page in a headless
# chromium whose processor is SLOWER times slower, and prints in JSON what the script's last
# value is, the seconds of processor time until the page was ready (ready), and requests that
# went elsewhere; for tests.  keys(NAME...) in the script types them.
import json
import os
import re
import subprocess
import sys

browser, profile, url, width, height, scheme, slower, script = sys.argv[1:]


class Page:
    """A tab of the browser, spoken to by its debugging protocol over two pipes."""

    def __init__(self):
        ours, its = os.pipe(), os.pipe()

        def wire():
            # Neither may be in the other's place.
            low, high = os.dup(ours[0]), os.dup(its[1])
            a, b = os.dup(low), os.dup(high)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--user-data-dir=" + profile, f"--window-size={width},{height}", "about:blank"],
            preexec_fn=wire, close_fds=False, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.to, self.back = ours[1], os.fdopen(its[0], "rb")
        os.close(ours[0])
        os.close(its[1])
        self.number, self.session, self.events, self.rest = 0, None, [], b""

    def read(self):
        while b"\0" not in self.rest:
            more = os.read(self.back.fileno(), 65536)
            if not more:
                sys.exit("the browser has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def value(self, text):
        answer = self.ask("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(json.dumps(answer["exceptionDetails"]["exception"]))
        return answer["result"].get("value")

    def key(self, name):
        text = {"Enter": "\r"}.get(name, name if len(name) == 1 else "")
        code = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        some = {"key": name, "windowsVirtualKeyCode": code.get(name, ord(name[0]))}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **some, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **some)


page = Page()
target = page.ask("Target.createTarget", url="about:blank")["targetId"]
page.session = page.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
for method, params in (("Page.enable", {}), ("Network.enable", {}), ("Runtime.enable", {}),
                       ("Performance.enable", {"timeDomain": "threadTicks"}),
                       ("Emulation.setDeviceMetricsOverride", {"width": int(width), "height": int(height),
                                                               "deviceScaleFactor": 1, "mobile": False}),
                       ("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
                       ("Emulation.setCPUThrottlingRate", {"rate": float(slower)})):
    page.ask(method, **params)


def busy():
    return {one["name"]: one["value"] for one in page.ask("Performance.getMetrics")["metrics"]}["TaskDuration"]


before = busy()
page.ask("Page.navigate", url=url)
page.wait("Page.domContentEventFired")
found = {"ready": busy() - before}
page.wait("Page.loadEventFired")
for part in re.split(r"(^keys\(.*\)$)", script, flags=re.M):
    if part.startswith("keys("):
        for name in part[5:-1].split():
            page.key(name)
        page.value("new Promise((done) => setTimeout(done))")
    elif part.strip():
        found["value"] = page.value(part)
if os.environ.get("PICTURE"):
    import base64
    with open(os.environ["PICTURE"], "wb") as file:
        file.write(base64.b64decode(page.ask("Page.captureScreenshot")["data"]))
found["elsewhere"] = [event["params"]["request"]["url"][:80] for event in page.events
                      if event.get("method") == "Network.requestWillBeSent"
                      and not event["params"]["request"]["url"].startswith(("file:", "data:"))]
found["errors"] = sum(event.get("method") == "Runtime.exceptionThrown" for event in page.events)
page.ask("Page.close")
page.session = None
page.ask("Browser.close")
page.process.wait()
print(json.dumps(found))
