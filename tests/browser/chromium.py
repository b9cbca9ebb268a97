"""A headless Chromium that is spoken to over a pipe in its DevTools protocol: pages are opened at a
given width and theme, asked questions in JavaScript and photographed, and everything that goes
wrong in them is kept. Needs nothing but Debian's chromium.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile


class Chromium:
    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="strobe-chromium-")
        to_browser, self._commands = os.pipe()
        self._answers, from_browser = os.pipe()

        def as_three_and_four():
            # The ends of these very pipes may be 3 and 4 already: first well out of the way.
            source, sink = os.dup2(to_browser, 60), os.dup2(from_browser, 61)
            os.dup2(source, 3)
            os.dup2(sink, 4)

        self._browser = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={self._folder}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=as_three_and_four, close_fds=False)
        os.close(to_browser)
        os.close(from_browser)
        self._read = b""
        self._count = 0
        self.events = []
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = None
        self._session = self.ask("Target.attachToTarget",
                                 {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._browser.terminate()
        self._browser.wait()
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _receive(self):
        while b"\0" not in self._read:
            part = os.read(self._answers, 1 << 20)
            if not part:
                raise RuntimeError("chromium has ended")
            self._read += part
        message, self._read = self._read.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, parameters=None):
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters or {}}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") != self._count:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def open(self, path, width, theme):
        """Opens a file `width` pixels wide in the theme "light" or "dark"."""
        self.events = []
        self.ask("Emulation.setDeviceMetricsOverride",
                 {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.ask("Emulation.setEmulatedMedia",
                 {"features": [{"name": "prefers-color-scheme", "value": theme}]})
        self.ask("Page.navigate", {"url": "file://" + os.path.abspath(path)})
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._receive())
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def value(self, expression):
        """What a JavaScript expression of the page comes to."""
        result = self.ask("Runtime.evaluate", {"expression": expression, "returnByValue": True,
                                               "awaitPromise": True})
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def problems(self):
        """What was thrown, warned of on the console, or asked of the network."""
        found = []
        for event in self.events:
            what = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(what["exceptionDetails"].get("exception", {}).get("description", "?"))
            elif event["method"] == "Runtime.consoleAPICalled" and what["type"] != "log":
                found.append(f"console.{what['type']}: {what['args']}")
            elif event["method"] == "Log.entryAdded":
                found.append(what["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                address = what["request"]["url"]
                if not address.startswith(("file://", "data:")):
                    found.append(f"asked for {address}")
        return found

    def photograph(self, path):
        """The whole page, however long, as PNG."""
        height = self.value("document.documentElement.scrollHeight")
        width = self.value("window.innerWidth")
        shot = self.ask("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
