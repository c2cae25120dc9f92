"""Times the steps of a GitOps day on some trees: see gitops-day.sh."""
import glob, os, subprocess, sys, time

KUSTOM = os.environ["KUSTOM"]
RUNS = int(os.environ.get("RUNS", "41"))
LIMIT = 50.0
PAGE = "docs/benchmarks.md"
MARKS = ("<!-- gitops-day: begin -->", "<!-- gitops-day: end -->")

IMAGE = "registry.example.com/payments/api"
SETS = "clusters/*/apps.yaml"
# What the step is called, its command line, and the expected exit codes.
STEPS = [
    ("set an image in dev", ["set", "image", "DIR", "IMAGE:v9", "--check"], [1]),
    ("which version is where", ["images"], [0]),
    ("promote dev to staging", ["promote", "dev", "staging", "--check"], [1]),
    ("render all overlays", ["build", "apps/*/overlays/*"], [0]),
    ("preview all ApplicationSets", ["apps", SETS], [0]),
    ("render all Applications", ["apps", "render", SETS], [0]),
    ("lint all Applications", ["apps", "lint", SETS], [1]),
]


def words(line, tree):
    """The command line as a shell would make it of the patterns."""
    for word in line:
        if word == "DIR":
            yield sorted(glob.glob("apps/*/overlays/dev", root_dir=tree))[-1]
        elif "*" in word:
            yield from sorted(glob.glob(word, root_dir=tree))
        else:
            yield IMAGE + ":v9" if word == "IMAGE:v9" else word


def least(line, tree, codes):
    line = list(words(line, tree))
    walls, cpus = [], []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        ran = subprocess.Popen([KUSTOM, *line], cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(ran.pid, 0)
        walls.append((time.perf_counter() - start) * 1000)
        cpus.append((used.ru_utime + used.ru_stime) * 1000)
        code = os.waitstatus_to_exitcode(status)
        if code not in codes:
            sys.exit(f"kustom {' '.join(line)}: exit code {code}")
    # What else the machine does only adds.
    return min(walls[1:]), min(cpus[1:])


def main(trees):
    table = ["| step | command | the sample | 30 services × 3 |", "|---|---|--:|--:|"]
    slow = []
    for name, line, codes in STEPS:
        took = [least(line, tree, codes) for tree in trees]
        slow += [name for wall, _ in took if wall >= LIMIT]
        shown = " ".join(["kustom", *line])
        table.append(f"| {name} | `{shown}` | " + " | ".join(f"{wall:.1f} ms, {cpu:.1f} ms" for wall, cpu in took) + " |")
    text = "\n".join(table)
    print(text)
    if os.environ.get("UPDATE_DOCS"):
        with open(PAGE, encoding="utf-8") as file:
            text_of_page = file.read()
        (before, rest), end = text_of_page.split(MARKS[0], 1), MARKS[1]
        after = rest.split(end, 1)[1]
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(f"{before}{MARKS[0]}\n\n{text}\n\n{end}{after}")
    if slow:
        sys.exit(f"{LIMIT:.0f} ms or more: {', '.join(dict.fromkeys(slow))}")


main(sys.argv[1:])
