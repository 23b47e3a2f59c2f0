# Saves a file to disk with Chromium, without a window: python save_with_chromium.py URL FOLDER
import json
import os
import subprocess
import sys
import tempfile

url, folder = sys.argv[1:3]
# Chromium reads commands from descriptor 3, and writes answers and events to descriptor 4.
(theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"]
options += ["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]


def descriptors():
    source, sink = os.dup(theirs_in), os.dup(theirs_out)
    os.dup2(source, 3)
    os.dup2(sink, 4)


def send(method, **parameters):
    message = {"id": 1, "method": method, "params": parameters, **session}
    os.write(ours_out, json.dumps(message).encode() + b"\0")


def events():
    buffer = b""
    while data := os.read(ours_in, 65536):
        *messages, buffer = (buffer + data).split(b"\0")
        yield from map(json.loads, messages)


session = {}
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    command = ["chromium", *options, f"--user-data-dir={profile}", "about:blank"]
    browser = subprocess.Popen(
        command, preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(theirs_in)
    os.close(theirs_out)
    send("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder, eventsEnabled=True)
    send("Target.getTargets")
    state = "no download"
    for event in events():
        result, parameters = event.get("result", {}), event.get("params", {})
        if pages := [each for each in result.get("targetInfos", []) if each["type"] == "page"]:
            send("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        elif "sessionId" in result:
            session = {"sessionId": result["sessionId"]}
            send("Page.navigate", url=url)
        elif event.get("method") == "Browser.downloadProgress" and parameters["state"] != "inProgress":
            state = parameters["state"]
            break
        elif "errorText" in result and result["errorText"] != "net::ERR_ABORTED":
            state = result["errorText"]
            break
        elif "frameId" in result and "errorText" not in result:
            state = "the page was shown, and not saved"
            break
    browser.kill()
    browser.wait()
print(state)
sys.exit(0 if state == "completed" else 1)
