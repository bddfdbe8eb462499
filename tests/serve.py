"""A server under test: started, asked, watched, ended. For tests/cli_serve*.sh."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys

failures = 0
checks = 0


def check(title, held, shown=""):
    global failures, checks
    checks += 1
    failures += not held
    print(("ok      " if held else "FAILED  ") + title + ("" if held else ": %r" % (shown,)))


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen([os.environ["KETSIM"], "serve", *(options or ("--port", "0"))],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])

    def ask(self, method, path, body=None, headers=None, host="127.0.0.1"):
        """Status, headers, body."""
        c = http.client.HTTPConnection(host, self.port, timeout=120)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        given = {"Content-Type": "application/json"} if body is not None else {}
        given.update(headers or {})
        try:
            c.request(method, path, body, given)
            answer = c.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            c.close()

    def simulate(self, *scenarios):
        status, _, body = self.ask("POST", "/api/simulate", {"scenarios": list(scenarios)})
        return status, json.loads(body)

    def raw(self, data, seconds=30):
        """All that comes back for bytes as they are; None if nothing does in so many seconds."""
        s = socket.create_connection(("127.0.0.1", self.port), timeout=seconds)
        got = b""
        try:
            s.sendall(data)
            while True:
                part = s.recv(65536)
                if not part:
                    return got
                got += part
        except socket.timeout:
            return None
        except ConnectionError:
            return got
        finally:
            s.close()

    def _stat(self):
        return open("/proc/%d/stat" % self.process.pid).read().rsplit(")", 1)[1].split()

    def processor_seconds(self):
        return (int(self._stat()[11]) + int(self._stat()[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident, in MB."""
        return int(open("/proc/%d/statm" % self.process.pid).read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def files(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def end(self, number=signal.SIGTERM):
        """Exit status, and what was written to stderr."""
        self.process.send_signal(number)
        said = self.process.stderr.read()
        return self.process.wait(60), said


def finish():
    print("%d checks, %d failed" % (checks, failures))
    sys.exit(failures > 0)
