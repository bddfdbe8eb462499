"""`ketsim serve` under hostile and under many clients; run by cli_serve_load.sh."""
import json
import os
import socket
import subprocess
import threading
import time

import serve
from serve import check

server = serve.Server()
port = server.port
# Sanitizers take ten times as long.
instrumented = any("KETSIM_SANITIZE:" in line and not line.rstrip().endswith("=")
                   for line in open(os.path.join(os.environ["BINARY_DIR"], "CMakeCache.txt")))
host = "Host: 127.0.0.1:%d\r\n" % port


def error_of(body):
    return json.loads(body)["error"]


# --- What every answer carries ---

for method, path, body in (("GET", "/", None), ("GET", "/api/choices", None), ("POST", "/api/study", {}), ("GET", "/nothing", None)):
    status, headers, _ = server.ask(method, path, body)
    title = "%s %s" % (method, path)
    check(title + " has a policy", "default-src 'self'" in headers["content-security-policy"], headers)
    check(title + " keeps nothing", headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer" and
          headers["x-content-type-options"] == "nosniff", headers)
status, headers, body = server.ask("HEAD", "/api/choices")
check("HEAD has no body", status == 200 and body == b"" and int(headers["content-length"]) > 1000, (status, headers))

# --- Who is answered ---

for name, allowed in {"127.0.0.1": True, "127.0.0.1:%d" % port: True, "localhost": True, "localhost:9": True, "LOCALHOST": True,
                      "127.9.9.9": True, "[::1]:80": True, "evil.example": False, "evil.example:%d" % port: False,
                      "127.0.0.1.evil.example": False, "localhost.evil.example": False, "127.0.0.1:80@evil.example": False,
                      "127.0.0.1:": True, "127.0.0.1:80x": False, "192.0.2.1": False, "[::1": False, "[::1]x": False, "": False,
                      "localhost:8080, evil.example": False, "x" * 5000: False}.items():
    status, _, body = server.ask("GET", "/api/choices", headers={"Host": name})
    check("a request for %.40r is %s" % (name, "answered" if allowed else "refused"), (status == 200) == allowed and status in (200, 403),
          (status, body[:100]))
check("without a host", b" 403 " in server.raw(b"GET /api/choices HTTP/1.0\r\n\r\n").split(b"\r\n")[0])
check("with two hosts", not server.raw(("GET /api/choices HTTP/1.1\r\n%sHost: evil.example\r\n\r\n" % host).encode()).startswith(b"HTTP/1.1 200"))

for kind, allowed in {"application/json": True, "application/json; charset=utf-8": True, "Application/JSON": True, "text/plain": False,
                      "application/x-www-form-urlencoded": False, "multipart/form-data": False, "application/jsonx": False,
                      "text/plain; application/json": False, "": False}.items():
    status, _, body = server.ask("POST", "/api/study", b"{}", {"Content-Type": kind})
    check("a body of the type %r is %s" % (kind, "taken" if allowed else "refused"), status == (200 if allowed else 415), (status, body))

for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"):
    status, headers, body = server.ask(method, "/api/simulate")
    check("%s is no method" % method, status == 405 and headers.get("allow") == "GET, HEAD, POST", (status, headers))
for method, path in (("GET", "/api/simulate"), ("POST", "/api/choices"), ("POST", "/")):
    status, headers, body = server.ask(method, path, b"{}" if method == "POST" else None)
    check("%s %s" % (method, path), status == 405 and method not in headers["allow"].split(", ") and error_of(body), (status, headers))

for path in ("/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/../../etc/passwd", "//etc/passwd",
             "/page.js/../../etc/passwd", "/api/simulate/", "/api/simulate%00", "/.git/config", "/index.html%00.js", "/" + "a" * 9000):
    status, _, body = server.ask("GET", path)
    check("nothing at %.40s" % path, status == 404 and b"root:" not in body and error_of(body), (status, body[:100]))

# --- What is no request ---

for title, data in {"noise": os.urandom(2000) + b"\r\n\r\n", "an endless header": b"GET / HTTP/1.1\r\nX: " + b"a" * 200000,
                    "thousands of headers": b"GET / HTTP/1.1\r\n" + host.encode() + b"A: b\r\n" * 20000 + b"\r\n",
                    "a length that is none": ("POST /api/study HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}" % host).encode(),
                    "two lengths": ("POST /api/study HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" % host).encode(),
                    "a chunk that is none": ("POST /api/study HTTP/1.1\r\n%sContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" % host).encode(),
                    }.items():
    answer = server.raw(data)
    check(title + " is refused", answer is not None and not answer.startswith(b"HTTP/1.1 200"), answer and answer[:100])
    check("after %s it goes on" % title, server.ask("GET", "/")[0] == 200)
chunked = server.raw(("POST /api/study HTTP/1.1\r\n%sContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % host).encode())
check("a body in chunks", chunked.startswith(b"HTTP/1.1 200"), chunked[:100])

# --- A body that is too long ---

def peak():
    for line in open("/proc/%d/status" % server.process.pid):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1e3


server.simulate({})
before = peak()
status, _, body = server.ask("POST", "/api/simulate", b" " * 100_000_000)
check("a body of 100 MB", status == 413 and "65536" in error_of(body), (status, body[:100]))
endless = server.raw(("POST /api/simulate HTTP/1.1\r\n%sContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" % host).encode() +
                     b"10000\r\n" + b" " * 65536 + b"\r\n" + b"10000\r\n" + b" " * 65536 + b"\r\n0\r\n\r\n")
check("a long body in chunks", b" 413 " in endless.split(b"\r\n")[0], endless[:100])
check("one byte too long", server.ask("POST", "/api/study", b"{}" + b" " * 65535)[0] == 413)
check("as long as allowed", server.ask("POST", "/api/study", b"{}" + b" " * 65534)[0] == 200)
check("nothing of it is kept (%.1f MB, then %.1f)" % (before, peak()), instrumented or peak() < before + 5, (before, peak()))

# --- Slow clients do not delay others, and are not waited for ---

slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
for i, s in enumerate(slow):
    s.sendall((b"GET / HT", b"POST /api/simulate HTTP/1.1\r\n", ("POST /api/simulate HTTP/1.1\r\n%sContent-Type: application/json\r\n"
              "Content-Length: 60000\r\n\r\n{" % host).encode(), b"")[i % 4])
begun = time.monotonic()
check("answered beside 100 slow clients", server.ask("GET", "/")[0] == 200 and server.simulate({})[0] == 200)
check("at once", time.monotonic() - begun < 8, time.monotonic() - begun)
dripping = 0
while time.monotonic() - begun < 9:  # a byte a second keeps nobody alive
    for i, s in enumerate(slow):
        try:
            s.sendall(b"x" if i % 4 else b"")
            dripping += 1
        except OSError:
            pass
    time.sleep(1)


def is_closed(s):
    s.settimeout(20)
    try:
        while s.recv(65536):
            pass
        return True
    except socket.timeout:
        return False
    except OSError:
        return True


check("all of them were ended (%d bytes dripped)" % dripping, all([is_closed(s) for s in slow]))
for s in slow:
    s.close()

# Who does not read the answer holds a connection, and nothing else, for as long.
lazy = []
for _ in range(20):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", port))
    body = b'{"scenarios": [{"patients": 5, "schedule": {"every": "24 h", "times": 60}}]}'
    s.sendall(("POST /api/simulate HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (host, len(body))).encode() + body)
    lazy.append(s)
check("answered beside who does not read", server.simulate({})[0] == 200)
begun = time.monotonic()
while server.files() >= 20 and time.monotonic() - begun < 60:
    time.sleep(0.5)
check("who does not read is let go", server.files() < 20, server.files())
for s in lazy:
    s.close()

# --- 200 at once ---

scenarios = [{"dose": "%d mg" % (28 * (1 + i % 3)), "seed": i % 4, "patients": 2 if instrumented else 20} for i in range(12)]
expected = [server.simulate(s)[1]["results"][0]["series"] for s in scenarios]


def many(count, requests):
    """All of them begin together; what went wrong, and seconds."""
    wrong = []
    barrier = threading.Barrier(count)

    def work(i):
        try:
            barrier.wait(60)
            for k in range(requests):
                which = (i + k) % len(scenarios)
                status, answer = server.simulate(scenarios[which])
                if status != 200 or answer["results"][0]["series"] != expected[which]:
                    wrong.append((i, status, str(answer)[:200]))
        except Exception as e:
            wrong.append((i, repr(e)))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    begun = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return wrong, time.monotonic() - begun


wrong, seconds = many(200, 1)
check("200 requests at once: all right, in %.1f s" % seconds, not wrong, wrong[:3])
memory = []
for _ in range(2 if instrumented else 6):
    wrong, seconds = many(200, 1)
    check("once more, in %.1f s" % seconds, not wrong, wrong[:3])
    memory.append(server.memory())
# What the allocator keeps for a crowd it has after the first of them; 600 answers would be 20 MB.
if not instrumented: # they keep what was freed
    check("memory is flat over 600 requests more (%.1f MB, then %.1f)" % (memory[2], memory[5]), memory[5] < memory[2] + 6, memory)
wrong, seconds = many(400, 1)
check("more at once than there are connections: they wait, in %.1f s" % seconds, not wrong, wrong[:3])

memory = server.memory()
for i in range(300):
    server.ask("POST", "/api/simulate", b'{"scenarios": [{"dose": 1, "doze": 2}, ' + b"[" * (i * 7) + b"{}")
    server.ask("POST", "/api/study", {"age": "12 years", "models": ["perez-ruixo-2021"]})
check("and over 600 mistakes (%.1f MB, then %.1f)" % (memory, server.memory()), instrumented or server.memory() < memory + 2,
      (memory, server.memory()))
check("no connection is left open", server.files() < 40, server.files())

# --- How long it takes ---

server.simulate({})
before = server.processor_seconds()
for _ in range(10):
    status, answer = server.simulate({"patients": 200})
taken = (server.processor_seconds() - before) / 10
check("200 patients in less than 0.1 s of processor time (%.0f ms)" % (1e3 * taken), status == 200 and taken < (2 if instrumented else 0.1),
      taken)
status, answer = server.simulate({"patients": 2000, "to": "240 h", "models": ["flint-2017", "simons-2022"], "age": "20 years", "route": "iv", "dose": "1 mg/kg"})
check("what takes too long is told", status in (422, 503), (status, str(answer)[:200]))
begun = time.monotonic()
status, answer = server.simulate({"patients": 2000, "models": ["ashraf-2018", "simons-2022"], "age": "20 years", "route": "iv", "dose": "1 mg/kg"})
check("and where it is let go it ends (%.1f s)" % (time.monotonic() - begun), status in (200, 503), (status, str(answer)[:200]))

# --- The end ---

waiting = [threading.Thread(target=lambda: many(1, 1)) for _ in range(30)]
for t in waiting:
    t.start()
status, said = server.end(2)
check("ended by Ctrl-C among requests", status == 0 and said == "", (status, said))
for t in waiting:
    t.join()


def run(*options):
    done = subprocess.run([os.environ["KETSIM"], "serve", *options], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


busy = socket.create_server(("127.0.0.1", 0))
status, said = run("--port", str(busy.getsockname()[1]))
check("a port in use", status == 1 and "--port 0 takes one that is free" in said, (status, said))
for options, text in ((("--port", "65536"), "--port"), (("--port", "x"), "--port"), (("--address", "localhost"), "numeric address"),
                      (("study.yaml",), "unexpected argument"), (("--address", "192.0.2.1"), "cannot be listened on")):
    status, said = run(*options)
    check("serve " + " ".join(options), status == (1 if "192" in str(options) else 2) and text in said, (status, said))
everywhere = serve.Server("--port", "0", "--address", "0.0.0.0")
check("any numeric address where it listens on all", everywhere.ask("GET", "/", headers={"Host": "192.0.2.1"})[0] == 200)
check("but no name", everywhere.ask("GET", "/", headers={"Host": "evil.example"})[0] == 403)
status, said = everywhere.end()
check("with a warning", status == 0 and "warning: whoever reaches 0.0.0.0" in said, (status, said))
if os.path.exists("/proc/net/if_inet6") and open("/proc/net/if_inet6").read():
    six = serve.Server("--port", "0", "--address", "::1")
    check("on ::1", six.url.startswith("http://[::1]:") and six.ask("GET", "/", host="::1")[0] == 200, six.url)
    check("without a warning", six.end() == (0, ""))
serve.finish()
