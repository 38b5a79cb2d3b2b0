"""Every page: its code prints what it says, its commands are read, its links lead somewhere, its tables hold."""

import ast
import copy
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from pages import PAGES, ROOT, blocks, check_output, commands, name_of, run_page

from netpyne_model import Cell
from netpyne_model.commands import COMMANDS, app
from netpyne_model.configuration import load_configuration
from netpyne_model.simulation import check_trial
from netpyne_model.simulation.run import clear
from netpyne_model.studies.command import chosen_study

RUN_HERE = (
    "README.md",
    "docs/channels.md",
    "docs/currentscape.md",
    "docs/explore.md",
    "docs/morphologies.md",
    "docs/protocols.md",
    "docs/recipes.md",
)
RUN_BY = {
    "docs/arbor.md": "test_arbor_trial.py",
    "docs/cluster.md": "test_pages.py",
    "docs/experiments.md": "test_guide.py",
    "docs/guide.md": "test_guide.py",
    "docs/networks.md": "test_network.py",
    "docs/studies.md": "test_studies_page.py",
}
"""Pages whose code a test of its own runs, to look at more than what is printed; those of docs/extend: test_extend_pages.py."""
GENERATED = {
    "docs/channels.md": "channels_page.py",
    "docs/in_vivo.md": "in_vivo_page.py",
    "docs/protocols.md": "protocols_page.py",
}
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def with_code(page: Path) -> bool:
    return bool(blocks(page)) and "extend" not in page.parts


# -- code --------------------------------------------------------------------------------------------------------------


def test_every_page_with_code_is_run_by_a_test():
    assert {name_of(page) for page in PAGES if with_code(page)} == {*RUN_HERE, *RUN_BY}
    for page, test in RUN_BY.items():
        assert Path(page).name in (ROOT / "tests" / test).read_text(encoding="utf-8"), page


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN_HERE)
def test_the_code_prints_what_the_page_says(name, tmp_path, loaded):
    page = ROOT / name
    check_output(page, run_page(page, tmp_path))
    clear()  # NetPyNE's network


@pytest.fixture
def dask_as_before():
    """What a page sets in Dask's configuration is not for the tests that come after."""
    import dask
    import dask_jobqueue  # noqa: F401  # it puts its defaults there, once

    before = copy.deepcopy(dask.config.config)
    yield
    dask.config.config.clear()
    dask.config.config.update(before)


@pytest.mark.usefixtures("dask_as_before")
@pytest.mark.parametrize("block", blocks(ROOT / "docs" / "cluster.md"))
def test_the_scripts_of_the_cluster_page_make_jobs(block, tmp_path, monkeypatch):
    """Imports and settings run; what the cluster is given makes the script of a job. Jobs themselves need a scheduler."""
    monkeypatch.chdir(tmp_path)  # a job makes the folder of its logs
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(block.code, "docs/cluster.md", "exec"), names)
    (call,) = (
        node
        for node in ast.walk(ast.parse(block.code))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Cluster")
    )
    options = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
    del options["scheduler_options"]
    job = names[call.func.id].job_cls("tcp://127.0.0.1:8786", name="worker", **options)
    assert "--lifetime 50m" in job.job_script()


# -- commands ----------------------------------------------------------------------------------------------------------

ON_PAGES = sorted({line for page in PAGES for line in commands(page)})
CA1 = [line for line in ON_PAGES if line.startswith("ca1 ") or line == "ca1"]
FILES = {"FOLDER": "folder", "FILE": "file"}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """What the pages' commands name: cells, events, tables."""
    folder = tmp_path_factory.mktemp("commands")
    reduced = Cell().with_rule("soma", "nas.gbar", value=0.02)
    for name in ("my_cell", "reduced", "graded"):
        reduced.save(folder / f"{name}.yaml", changes_only=True)
    (folder / "conditions.csv").write_text("condition,drugs\ncontrol,\nhalf,[TTX]\n")
    header = "synapse,group,section,x,kind,ampa_weight,gmax_uS,time_ms"
    (folder / "trial.csv").write_text(f"{header}\n0,CA3,118,0.5,exc,1,0.00079,300\n")
    for name in ("NetPyNE", "morphologies"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    """The command and its options, as typer reads them: an unknown one is refused."""
    _, name, *arguments = shlex.split(line)
    group: Any = typer.main.get_command(app)
    if name.startswith("--"):  # of ca1 itself, such as --install-completion, which would do it
        assert name in [option for one in group.params for option in one.opts]
        return name, {}
    context = group.make_context("ca1", [name, *arguments])
    command = group.get_command(context, name)
    if "--list-fields" in arguments or "--help" in arguments:
        assert {*arguments} <= {"--list-fields", "--help"}
        return name, {}
    while hasattr(command, "commands"):
        word, *arguments = arguments
        command = command.commands[word]
    return name, command.make_context(name, arguments).params


@pytest.mark.parametrize("line", CA1)
def test_a_command_of_a_page_is_one_that_holds(line, files, monkeypatch):
    monkeypatch.chdir(files)
    name, options = parsed(line)
    if name == "run" and options and options["model"] == "full":
        fields = {"cell_file": "cell", "setup": "setup", "events_file": "events"}
        given = {field: options[key] for field, key in fields.items() if options[key] is not None}
        settings = list(options["settings"] or [])
        settings += [
            f"{field}={options[key]}"
            for field, key in {"dc_nA": "dc", "duration_ms": "duration", "seed": "seed"}.items()
            if options[key] is not None
        ]
        check_trial(load_configuration(options["config"], given, settings))
    elif name == "study" and any(options[key] for key in ("name", "sweep", "table")):
        # Of the study that draws samples the fewest: each of its trials is checked, as those of others are.
        samples = 2 if options["name"] == "sensitivity" else options["samples"]
        chosen = chosen_study(
            options["name"],
            list(options["sweep"] or []),
            options["table"],
            list(options["settings"] or []),
            options["trials"],
            samples=samples,
        )
        assert chosen.trial_list()


def test_scripts_and_targets_that_pages_name_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in ON_PAGES:
        words = line.split()
        if words[0] == "make":
            targets = [word for word in words[1:2] if word.isidentifier() or "-" in word]
            for target in targets:
                assert re.search(rf"^{re.escape(target)}:", makefile, flags=re.MULTILINE), line
        if words[0] == "python" and words[1].startswith("scripts/"):
            assert (ROOT / words[1]).is_file(), line


def test_the_page_of_commands_has_every_command():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, one in COMMANDS.items():
        assert f"| `ca1 {name}` | {one.summary} |" in page


# -- tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "script"), GENERATED.items())
def test_a_generated_table_is_up_to_date(name, script):
    text = (ROOT / name).read_text(encoding="utf-8")
    updated = runpy.run_path(str(ROOT / "scripts" / script))["updated"]
    assert updated(text) == text, f"run: python scripts/{script}"


def test_what_the_page_of_protocols_says_of_the_amplification_is_what_the_experiments_page_says():
    protocols, experiments = (
        (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        for name in ("protocols", "experiments")
    )
    assert "| the paper's 5 | 1.99 mV | 3.91 mV | 1.96 |" in protocols
    assert "the EPSP at -56 mV is 1.96 times that at -62 mV" in experiments


# -- links -------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Where a link may lead on a page: its headings, as GitHub and the site name them, and its own anchors."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.DOTALL)
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", bare).replace(" ", "-"))
    return found


def test_links_lead_somewhere(capsys):
    internal, external = 0, set()
    for page in PAGES:
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.DOTALL)
        for link in LINK.findall(text) + PICTURE.findall(text):
            if re.match(r"https?:", link):
                external.add(link)
                continue
            internal += 1
            path, _, anchor = link.partition("#")
            there = page.parent / path if path else page
            assert there.exists(), f"{name_of(page)}: {link}"
            if anchor:
                assert anchor in anchors(there), f"{name_of(page)}: {link}"
    for link in external:
        assert re.fullmatch(r"https://[\w.-]+\.\w+(/[^\s<>\"]*)?", link), link
    assert internal > 200
    with capsys.disabled():
        n_blocks = sum(len(blocks(page)) for page in PAGES)
        print(
            f"\n{len(PAGES)} pages, {n_blocks} blocks of code, {len(ON_PAGES)} commands,"
            f" {internal} internal links; external, not called: {len(external)}"
        )


def test_the_front_page_stays_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") < 150
    assert PICTURE.search(text).start() < text.index("## ")
