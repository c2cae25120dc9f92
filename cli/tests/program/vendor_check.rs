//! What `vendor` and `vendor --check` see: all that kustomizations name, whatever is wrong with them.

use std::fs;

use crate::vendor::Fixture;
use crate::{Ran, config_map, folder, kustom, program, write};

const LIB: &str = "github.com/acme/lib?ref=v1";

/// Files of `c` with a fault before the URL of acme/lib.
const FAULTS: [(&str, &[(&str, &str)]); 9] = [
    ("a file that is not there", &[("kustomization.yaml", "resources: [none.yaml, 'URL']\n")]),
    ("a base that is not there", &[("kustomization.yaml", "resources: [../none, 'URL']\n")]),
    (
        "a field of another shape",
        &[("kustomization.yaml", "namePrefix: [x]\nresources: ['URL']\n")],
    ),
    ("a field that there is not", &[("kustomization.yaml", "nonsense: x\ncomponents: ['URL']\n")]),
    (
        "a function that is not run",
        &[
            (
                "kustomization.yaml",
                "generators: [fn.yaml]\npatches: [{path: p.yaml}]\nvalidators: ['URL']\n",
            ),
            (
                "fn.yaml",
                "apiVersion: x/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    \
                 config.kubernetes.io/function: |\n      container: {image: fn}\n",
            ),
            ("p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"),
        ],
    ),
    (
        "a chart that has no copy",
        &[(
            "kustomization.yaml",
            "helmCharts: [{name: web, repo: 'https://charts.example.com'}]\ncomponents: ['URL']\n",
        )],
    ),
    (
        "a fault of a base",
        &[
            ("kustomization.yaml", "resources: [base, 'URL']\n"),
            ("base/kustomization.yaml", "resources: [a.yaml]\nimages: 1\n"),
        ],
    ),
    (
        "a fault beside a base",
        &[
            ("kustomization.yaml", "resources: [none, base]\n"),
            ("base/kustomization.yaml", "transformers: ['URL']\n"),
        ],
    ),
    (
        "a file that is no YAML",
        &[("kustomization.yaml", "resources: [a.yaml, 'URL']\n"), ("a.yaml", "a: [\n")],
    ),
];

#[test]
fn no_fault_hides_what_comes_from_elsewhere() {
    let it = Fixture::new("faults");
    it.vendor(&[]).good();
    for (fault, files) in FAULTS {
        _ = fs::remove_dir_all(it.top.join("c"));
        for (path, text) in files {
            write(&it.top, &format!("c/{path}"), &text.replace("URL", LIB));
        }
        let lock = it.lock();
        let check = it.offline(&["vendor", "--check"]);
        let words = format!("'{LIB}' is not in ");
        assert!(check.code == Some(1) && check.err.contains(&words), "{fault}: {}", check.err);
        assert!(
            check.err.contains("c/kustomization.yaml") || check.err.contains("c/base"),
            "{fault}"
        );
        let vendored = it.vendor(&[]);
        assert_eq!(vendored.code, Some(1), "{fault}: {}", vendored.err);
        assert!(vendored.out.contains("added   https://github.com/acme/lib at v1"), "{fault}");
        let check = it.offline(&["vendor", "--check"]);
        assert!(!check.err.contains(&words), "{fault}: {}", check.err);
        write(&it.top, "kustom.lock", &lock);
    }
}

#[test]
fn what_is_not_read_to_the_end_is_told() {
    let it = Fixture::new("unread");
    it.vendor(&[]).good();
    for (text, why) in [
        ("resources: [../none]\n", "no such file or directory"),
        ("resources: [\n", "invalid Kustomization"),
        ("resource: []\n", "unknown field"),
        ("generators: [none.yaml]\n", "no such file or directory"),
        ("resources: [base]\n", "unable to find one of"),
    ] {
        write(&it.top, "c/kustomization.yaml", text);
        write(&it.top, "c/base/x", "");
        let check = it.offline(&["vendor", "--check"]);
        assert_eq!(check.code, Some(1), "{text}{}", check.out);
        for words in [
            "c could not be read to the end, so not all that it uses is known:",
            why,
            "leave it out by `exclude` of `[search]` in kustom.toml",
        ] {
            assert!(check.err.contains(words), "{text}{words}: {}", check.err);
        }
        assert!(!check.err.contains("run `kustom vendor`"), "{}", check.err);
    }
    it.elsewhere.git(&it.top, &["init", "--quiet"]);
    write(&it.top, "kustom.toml", "[search]\nexclude = [\"c\"]\n");
    assert_eq!(it.offline(&["vendor", "--check"]).code, Some(0));
    // What names all that it uses, and is wrong otherwise, is no fault of the lock.
    fs::remove_file(it.top.join("kustom.toml")).expect("it is there");
    write(&it.top, "c/kustomization.yaml", "resources: [map.yaml, map.yaml]\n");
    write(&it.top, "c/map.yaml", &config_map("c"));
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    assert!(check.err.contains("c cannot be built; all that it names is known"), "{}", check.err);
}

#[test]
fn a_component_is_looked_at_as_it_is_built() {
    let it = Fixture::new("component");
    let text = format!(
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: ['{LIB}']\n\
         patches: [{{target: {{name: other}}, patch: '[{{\"op\": \"remove\", \"path\": \"/a\"}}]'}}]\n"
    );
    write(&it.top, "c/kustomization.yaml", &text);
    let refused = it.offline(&["build", "c"]);
    assert_eq!(refused.code, Some(1), "{}", refused.out);
    assert!(it.vendor(&[]).good().contains("added   https://github.com/acme/lib at v1"));
    assert_eq!(it.offline(&["build", "c"]).good(), config_map("lib"));
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.good().as_str(), "kustom.lock is complete: 3 entries\n");
    // One that needs what it is used with is nobody's fault.
    write(
        &it.top,
        "c/kustomization.yaml",
        &text.replace("patches", "patchesStrategicMerge: [p.yaml]\n#"),
    );
    write(&it.top, "c/p.yaml", &config_map("base"));
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!((check.code, check.err.as_str()), (Some(0), ""));
}

#[test]
fn parts_of_entries_that_nobody_uses_are_told_and_go() {
    let it = Fixture::new("spare");
    let infra = "https://github.com/acme/infra at v1";
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/infra//linked?ref=v1']\n");
    it.vendor(&[]).good();
    let linked = it.top.join(".kustom/vendor/github.com/acme/infra@v1/linked");
    assert!(fs::symlink_metadata(&linked).is_ok());
    fs::remove_dir_all(it.top.join("c")).expect("it is there");
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.out);
    assert_eq!(
        check.err,
        format!(
            "kustom.lock: 'github.com/acme/infra//linked?ref=v1' is listed and not used\n\
             kustom.lock: linked of {infra} is listed and not used\n\
             kustom.lock is not complete; run `kustom vendor`\n"
        )
    );
    // Others may use it, or what cannot be built.
    assert_eq!(it.offline(&["vendor", "--check", "a"]).code, Some(0));
    write(&it.top, "c/kustomization.yaml", "resources: [none.yaml, '../a', '../a']\n");
    let check = it.offline(&["vendor", "--check"]);
    assert!(!check.err.contains("not used"), "{}", check.err);
    fs::remove_dir_all(it.top.join("c")).expect("it is there");
    // That takes no network.
    let shrunk = it.offline(&["vendor"]).good();
    assert!(shrunk.starts_with(&format!("changed {infra} ")), "{shrunk}");
    assert!(shrunk.ends_with(": other files are copied\nkustom.lock: 2 entries\n"), "{shrunk}");
    assert!(fs::symlink_metadata(&linked).is_err());
    assert!(!it.lock().contains("linked"), "{}", it.lock());
    assert_eq!(it.offline(&["vendor", "--check"]).good(), "kustom.lock is complete: 2 entries\n");
    assert_eq!(it.offline(&["vendor"]).good(), "kustom.lock is complete: 2 entries\n");
}

#[cfg(unix)]
#[test]
fn a_path_that_a_lock_cannot_list_is_told() {
    let it = Fixture::new("unlistable");
    let files = [("kustomization.yaml", "resources: ['c:/m.yaml']\n"), ("c:/m.yaml", "a: b\n")];
    it.elsewhere.commit("acme/lib", "v1", &files);
    write(&it.top, "c/kustomization.yaml", "resources: ['github.com/acme/lib?ref=v1']\n");
    let ran = it.vendor(&[]);
    let words =
        "https://github.com/acme/lib at v1 has 'c:/m.yaml', a path that not all systems take";
    assert!(ran.code == Some(1) && ran.err.contains(words), "{}", ran.err);
    // The others are copied, and the lock can be read.
    assert_eq!(it.offline(&["build", "a"]).code, Some(0));
    assert!(!it.lock().contains("acme/lib"), "{}", it.lock());
}

#[test]
fn what_is_listed_twice_is_told_and_goes() {
    let it = Fixture::new("twice");
    it.vendor(&[]).good();
    let lock = it.lock();
    let entries = lock.find("- repository").expect("entries");
    // As two sides of a merge may leave it; the first counts.
    write(&it.top, "kustom.lock", &format!("{lock}{}", &lock[entries..]));
    let check = it.offline(&["vendor", "--check"]);
    let words = "another entry of https://github.com/acme/infra at v1 is listed and not used";
    assert!(check.code == Some(1) && check.err.contains(words), "{}", check.err);
    it.offline(&["vendor"]).good();
    assert_eq!(it.lock(), lock);
    let refused = it.vendor(&["--update", ""]);
    assert!(refused.code == Some(2) && refused.err.contains("says nothing"), "{}", refused.err);
}

#[test]
fn a_circle_is_looked_at() {
    let it = Fixture::new("circle");
    it.vendor(&[]).good();
    write(&it.top, "c/kustomization.yaml", &format!("resources: [../d, '{LIB}']\n"));
    write(&it.top, "d/kustomization.yaml", "resources: [../c]\n");
    let check = it.offline(&["vendor", "--check"]);
    assert!(check.err.contains(&format!("'{LIB}' is not in ")), "{}", check.err);
}

#[test]
fn what_cannot_be_fetched_does_not_stop_the_rest() {
    let it = Fixture::new("some");
    it.vendor(&[]).good();
    let before = it.lock();
    let none = "github.com/acme/none?ref=v1";
    let private = "http://127.0.0.1:1/crds.yaml";
    write(
        &it.top,
        "c/kustomization.yaml",
        &format!("resources: ['{none}', '{private}', '{LIB}']\n"),
    );
    write(&it.top, "d/kustomization.yaml", &format!("resources: ['{none}']\n"));
    let ran = it.vendor(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.starts_with("added   https://github.com/acme/lib at v1 "), "{}", ran.out);
    assert!(ran.out.ends_with("kustom.lock: 3 entries\n"), "{}", ran.out);
    // Both roots name it, and it is told once.
    assert_eq!(ran.err.matches("Error: ").count(), 2, "{}", ran.err);
    assert!(ran.err.contains(&format!("'{none}'")), "{}", ran.err);
    assert!(ran.err.contains("its host is not a public one"), "{}", ran.err);
    for entry in before.split("- repository: ").skip(1) {
        assert!(it.lock().contains(entry.trim_end()), "{entry}");
    }
    let check = it.offline(&["vendor", "--check"]).err;
    for url in [none, private] {
        assert!(check.contains(&format!("'{url}' is not in ")), "{check}");
    }
    assert!(!check.contains(&format!("'{LIB}' is not in ")), "{check}");
}

#[test]
fn a_ref_that_is_not_there_is_what_is_told() {
    let it = Fixture::new("no-ref");
    let url = "https://github.com/acme/infra//base?ref=none";
    write(&it.top, "a/kustomization.yaml", &format!("resources: ['{url}']\n"));
    // That the web does not answer for the same address says nothing.
    let built = it.elsewhere.kustom(&it.top, &["build", "--allow-remote", "a"]).err;
    let vendored = it.vendor(&[]).err;
    for said in [built, vendored] {
        for words in
            ["couldn't find remote ref none", "hint: name a branch, a tag or a full commit"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!said.contains("connection refused"), "{said}");
    }
}

#[test]
fn what_lies_behind_a_copy_is_not_called_unused() {
    let it = Fixture::new("behind");
    write(&it.top, "b/kustomization.yaml", "resources: ['github.com/acme/infra//other?ref=v1']\n");
    it.vendor(&[]).good();
    let copy = it.top.join(".kustom/vendor/github.com/acme/infra@v1");
    let check = |what: &str| {
        let check = it.offline(&["vendor", "--check"]);
        assert_eq!(check.code, Some(1));
        assert!(check.err.contains(what), "{}", check.err);
        let words =
            "https://github.com/acme/lib at v1 is not checked, for what is told above may use it";
        assert!(check.err.contains(words), "{}", check.err);
        for not in ["is listed and not used", "charts", "cannot be built", "mend"] {
            assert!(!check.err.contains(not), "{not}: {}", check.err);
        }
        // Both roots use it, and it is told once.
        assert_eq!(check.err.matches(what).count(), 1, "{}", check.err);
        assert!(check.err.ends_with("kustom.lock is not complete; run `kustom vendor`\n"));
    };
    write(&copy, "other/kustomization.yaml", "resources: []\n");
    check("it was changed on disk");
    fs::remove_dir_all(&copy).expect("it is there");
    check("is missing");
}

#[test]
fn there_need_be_no_lock_to_check() {
    let it = Fixture::new("no-lock");
    let check = it.offline(&["vendor", "--check"]);
    assert_eq!(check.code, Some(1));
    assert!(
        check.err.contains("'github.com/acme/infra//base?ref=main' is not in "),
        "{}",
        check.err
    );
    assert!(
        check.err.ends_with("kustom.lock is not there; run `kustom vendor`\n"),
        "{}",
        check.err
    );
    assert!(!check.err.contains("--allow-remote"), "{}", check.err);
}

#[test]
fn helm_is_named_where_it_is_needed() {
    let chart = "- {name: web, repo: 'https://charts.example.com', resolved: 1.0.0, hash: h, path: v/charts/web/1.0.0}";
    let lock = format!("version: 1\ncopies: v\ncharts:\n{chart}\n");
    let top = folder(
        "vendor-helm-named",
        &[("kustomization.yaml", "namePrefix: a-\n"), ("kustom.lock", &lock)],
    );
    let check = |args: &[&str]| -> Ran {
        program(&top, &[&["vendor", "--check"], args].concat())
            .env("PATH", "")
            .output()
            .expect("it runs")
            .into()
    };
    for args in [&[], &["--enable-helm"] as &[&str]] {
        let ran = check(args);
        let words = "chart web of https://charts.example.com is listed and not used";
        assert!(ran.code == Some(1) && ran.err.contains(words), "{}", ran.err);
        assert!(
            ran.err.ends_with("is not complete; run `kustom vendor --enable-helm`\n"),
            "{}",
            ran.err
        );
    }
    // A chart that cannot be fetched without helm stops nothing else.
    write(
        &top,
        "kustomization.yaml",
        "helmCharts: [{name: api, repo: 'https://charts.example.com'}]\n",
    );
    let ran = kustom(&top, &["vendor"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("charts are fetched only with --enable-helm"), "{}", ran.err);
}

#[test]
fn nothing_is_left_when_nothing_is_used() {
    let it = Fixture::new("left");
    it.vendor(&["--to", "third_party/kustomize"]).good();
    it.vendor(&["--to", ".kustom/vendor"]).good();
    assert!(!it.top.join("third_party").exists());
    for root in ["a", "b"] {
        write(&it.top, &format!("{root}/kustomization.yaml"), "namePrefix: x-\n");
    }
    let said = it.vendor(&[]).good();
    assert!(said.contains("kustom.lock: removed, for nothing is used from elsewhere\n"), "{said}");
    assert!(!it.top.join(".kustom").exists() && !it.top.join("kustom.lock").exists());
    let refused = it.vendor(&["--to", "."]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("copies have a directory of their own"), "{}", refused.err);
}

#[cfg(unix)]
#[test]
fn only_a_file_is_a_lock() {
    let it = Fixture::new("no-file");
    let lock = it.top.join("kustom.lock");
    let check = |words: &str| {
        for args in [["build", "a"].as_slice(), &["vendor"], &["vendor", "--check"]] {
            let refused = it.elsewhere.kustom(&it.top, args);
            assert_eq!(refused.code, Some(1), "{args:?}");
            assert!(refused.err.contains(words), "{args:?}: {}", refused.err);
        }
    };
    fs::create_dir(&lock).expect("a directory");
    check("is a directory, and no lock file");
    fs::remove_dir(&lock).expect("it is there");
    write(&it.top, "elsewhere", "precious\n");
    std::os::unix::fs::symlink("elsewhere", &lock).expect("a link");
    check("is a link, which is not followed");
    assert_eq!(fs::read_to_string(it.top.join("elsewhere")).expect("a file"), "precious\n");
}
