//! Charts by programs that speak as helm does, and by helm itself where it is installed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test looks for what it needs

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kustom::{Builder, ErrorKind};
use kustom_host::cache::Cache;
use kustom_host::charts::Helm;
use kustom_host::process::Limits;
use tempfile::TempDir;

/// A folder with a tree in `app`, a chart, and a script in the place of helm that writes down what it
/// is asked.
struct Place(TempDir);

impl Place {
    fn new(script: &str) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        let text = format!(
            "#!/bin/sh\nhere={}\necho \"$*\" >> $here/log\n[ \"$1\" = version ] && {{ echo v4.3.1; exit; }}\n{script}\n",
            place.0.path().display()
        );
        place.write("helm", &text);
        fs::set_permissions(place.path("helm"), fs::Permissions::from_mode(0o755)).unwrap();
        place.write("app/kustomization.yaml", "helmCharts: [{name: web, releaseName: r}]\n");
        place.write("app/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        place.write("app/charts/web/values.yaml", "a: 1\n");
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn helm(&self) -> Helm {
        Helm::new(self.path("helm"))
    }

    fn build(&self, helm: Helm) -> kustom::Result<String> {
        let builder = Builder::new().charts(Arc::new(helm));
        builder.build(self.path("app")).map(|build| build.to_string())
    }

    /// Returns how often it was asked for something since the last time.
    fn asked(&self, what: &str) -> usize {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        fs::write(self.path("log"), "").unwrap();
        log.lines().filter(|line| line.starts_with(what)).count()
    }
}

const PRINT: &str = "cat <<E\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: $2}\ndata:\n  \
                     chart: \"$(ls $3 | tr '\\n' ' ')\"\n  plugins: \"$HELM_PLUGINS\"\n  home: \"$HELM_CONFIG_HOME\"\nE\n";

#[test]
fn helm_sees_a_copy_and_no_plugins() {
    let place = Place::new(PRINT);
    let text = place.build(place.helm()).unwrap();
    assert!(text.contains("chart: 'Chart.yaml values.yaml '"), "{text}");
    assert!(!text.contains(&place.path("app").display().to_string()), "{text}");
    let plugins = text.lines().find_map(|line| line.trim().strip_prefix("plugins: ")).unwrap();
    assert!(plugins.ends_with("/no-plugins") && !Path::new(plugins).exists(), "{plugins}");
}

#[test]
fn what_helm_says_names_places_of_the_tree() {
    let place = Place::new("echo \"Error: $3/templates/x.yaml: bad $7 $6 $5\" >&2; exit 1");
    let error = place.build(place.helm()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Generator);
    let chart = place.path("app/charts/web");
    assert!(error.message().contains(&format!("Error: {}/templates", chart.display())), "{error}");
    assert!(error.message().contains("exit status 1"), "{error}");
}

#[test]
fn the_command_that_failed_is_told_with_files_that_are_there() {
    let place = Place::new("echo \"Error: $5 and $7\" >&2; exit 1");
    let [helm, app] = ["helm", "app"].map(|path| place.path(path).display().to_string());
    let told = |more: &str, values: &str| {
        let text = format!(
            "helmCharts: [{{name: web, releaseName: r, additionalValuesFiles: [more.yaml]{more}}}]\n"
        );
        place.write("app/kustomization.yaml", &text);
        let error = place.build(place.helm()).unwrap_err();
        let command = format!("template r {app}/charts/web -f {values} -f {app}/more.yaml");
        let message = format!("'{helm} {command}': Error: {values} and {app}/more.yaml: exit");
        assert!(error.message().contains(&message), "{error}");
    };
    place.write("app/more.yaml", "a: 2\n");
    told("", &format!("{app}/charts/web/values.yaml"));
    told(", valuesFile: ./more.yaml", &format!("{app}/more.yaml"));
    told(", valuesInline: {a: 3}", "<values of the entry>");
}

#[test]
fn credentials_are_asked_for_where_helm_has_none() {
    let place = Place::new(
        "echo 'Error: failed to fetch https://c.example : 401 Unauthorized' >&2; exit 1",
    );
    let text = "helmCharts: [{name: db, repo: 'https://c.example', releaseName: r}]\n";
    place.write("app/kustomization.yaml", text);
    let error = place.build(place.helm()).unwrap_err();
    assert!(error.hint_text().is_some_and(|hint| hint.contains("HELM_REGISTRY_CONFIG")), "{error}");
}

#[test]
fn what_helm_says_of_equal_charts_names_the_place_of_each() {
    let place = Place::new("echo \"Error: $3/templates/x.yaml: bad $5\" >&2; exit 1");
    for (from, to) in [("Chart.yaml", "Chart.yaml"), ("values.yaml", "values.yaml")] {
        let text = fs::read_to_string(place.path("app/charts/web").join(from)).unwrap();
        place.write(&format!("other/charts/web/{to}"), &text);
    }
    let kustomization = "# Another line.\nhelmCharts: [{name: web, releaseName: r}]\n";
    place.write("other/kustomization.yaml", kustomization);
    let builder = Builder::new().charts(Arc::new(place.helm()));
    let built = builder.build_all(["app", "other"].map(|root| place.path(root)));
    assert_eq!(place.asked("template"), 1);
    for (build, (root, line)) in built.into_iter().zip([("app", 1), ("other", 2)]) {
        let error = build.unwrap_err();
        let at = error.location().unwrap();
        assert_eq!((&*at.file, at.line), (&*place.path(root).join("kustomization.yaml"), line));
        let chart = place.path(root).join("charts/web").display().to_string();
        assert_eq!(error.message().matches(&chart).count(), 4, "{error}");
        assert_eq!(error.message().matches("charts/web").count(), 4, "{error}");
    }
}

#[test]
fn a_missing_helm_is_named() {
    let place = Place::new("");
    let error = place.build(Helm::new("no-such-helm")).unwrap_err();
    assert!(error.message().contains("executable file not found in $PATH"), "{error}");
    assert!(error.hint_text().unwrap().contains("--helm-command"));
}

#[test]
fn time_output_and_fetched_files_are_bounded() {
    let start = Instant::now();
    let slow = Place::new("sleep 60");
    let limits = Limits::default().time(Duration::from_millis(200));
    let error = slow.build(slow.helm().limits(limits)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let loud = Place::new("yes");
    let error = loud.build(loud.helm().limits(Limits::default().output(1000))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let large = Place::new("mkdir -p $4 && truncate -s 1G $4/x && sleep 60");
    large.write(
        "app/kustomization.yaml",
        "helmCharts: [{name: db, repo: 'https://c.example', releaseName: r}]\n",
    );
    let error = large.build(large.helm()).unwrap_err();
    assert!(error.message().contains("what helm fetches has more than"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(30));
}

const PULL: &str =
    "if [ \"$1\" = pull ]; then mkdir -p $4/db; printf 'a: 1\\n' > $4/db/values.yaml; exit; fi\n";

#[test]
fn fetched_charts_stay_out_of_the_tree_unless_asked_for() {
    let place = Place::new(&format!("{PULL}{PRINT}"));
    let entry =
        "helmCharts: [{name: db, repo: 'https://c.example', version: 1.2.3, releaseName: r}]\n";
    place.write("app/kustomization.yaml", entry);
    assert!(place.build(place.helm()).is_ok());
    assert!(!place.path("app/charts/db-1.2.3").exists());
    assert_eq!(place.asked("pull"), 1);
    assert!(place.build(place.helm().write_charts(true)).is_ok());
    assert!(place.path("app/charts/db-1.2.3/db/values.yaml").exists());
    assert_eq!(place.asked("pull"), 1);
    assert!(place.build(place.helm()).is_ok());
    assert_eq!(place.asked("pull"), 0);
}

#[test]
fn a_cache_keeps_charts_and_renderings() {
    let place = Place::new(&format!("{PULL}{PRINT}"));
    let entry =
        "helmCharts: [{name: db, repo: 'https://c.example', version: 1.2.3, releaseName: r}]\n";
    place.write("app/kustomization.yaml", entry);
    let cached = || place.helm().cache(Cache::new(place.path("cache")));
    let first = place.build(cached()).unwrap();
    assert_eq!((place.asked("")), 3);
    assert_eq!(place.build(cached()).unwrap(), first);
    assert_eq!(place.asked(""), 1, "only the version is asked for again");
    // One that is not the same tomorrow is rendered each time.
    place.write("app/kustomization.yaml", "helmCharts: [{name: web, releaseName: r}]\n");
    place.write("app/charts/web/templates/s.yaml", "{{ randAlphaNum 8 }}\n");
    for _ in 0..2 {
        place.build(cached()).unwrap();
        assert_eq!(place.asked("template"), 1);
    }
}

#[test]
fn a_cache_tells_programs_apart() {
    let place = Place::new(PRINT);
    let cache = Cache::new(place.path("cache"));
    let build =
        |program: &str| place.build(Helm::new(place.path(program)).cache(cache.clone())).unwrap();
    let plain = build("helm");
    assert_eq!(place.asked("template"), 1);
    // One around it, which says it is the same version.
    let write = |label: &str| {
        let here = place.path("helm").display().to_string();
        let text = format!("#!/bin/sh\n{here} \"$@\" | sed 's/name: r/name: {label}/'\n");
        place.write("around", &text);
        fs::set_permissions(place.path("around"), fs::Permissions::from_mode(0o755)).unwrap();
    };
    for label in ["one", "two"] {
        write(label);
        let around = build("around");
        assert!(around.contains(&format!("name: {label}")) && around != plain, "{around}");
        assert_eq!(build("around"), around);
        assert_eq!(place.asked("template"), 1, "{label}");
    }
    assert_eq!(build("helm"), plain);
    assert_eq!(place.asked("template"), 0);
}

#[test]
fn a_changed_entry_of_a_cache_is_made_anew() {
    let place = Place::new(PRINT);
    let cached = || place.helm().cache(Cache::new(place.path("cache")));
    place.build(cached()).unwrap();
    let entry = fs::read_dir(place.path("cache/rendered")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, text.replace("name: r", "name: s")).unwrap();
    assert!(place.build(cached()).unwrap().contains("name: r"));
    assert_eq!(place.asked("template"), 2);
}

#[test]
fn the_real_helm_renders_the_sample() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata");
    let command = std::env::var_os("HELM").unwrap_or_else(|| "helm".into());
    let helm = Helm::new(command);
    let builder = Builder::new().charts(Arc::new(helm));
    let build = match builder.build(sample.join("infra-config/platform/heartbeat")) {
        Ok(build) => build,
        // Where helm is not installed there is nothing to compare.
        Err(e) if e.message().contains("$PATH") => return,
        Err(e) => panic!("{e}"),
    };
    let expected = sample.join("infra-config.expected/platform/heartbeat.yaml");
    assert_eq!(build.to_string(), fs::read_to_string(expected).unwrap());
}

/// Returns the refusal of an entry and what helm was asked to fetch.
fn refused(place: &Place, helm: Helm, globals: &str, entry: &str) -> (String, usize) {
    place.write(
        "app/kustomization.yaml",
        &format!("helmGlobals: {{{globals}}}\nhelmCharts: [{{{entry}, releaseName: r}}]\n"),
    );
    let error = place.build(helm).unwrap_err();
    (error.message().to_owned(), place.asked("pull"))
}

const DB: &str = "name: db, repo: 'https://c.example'";

#[test]
fn only_what_was_fetched_is_taken() {
    let place = Place::new(&format!("{PULL}{PRINT}"));
    place.write("secret/Chart.yaml", "name: secret\n");
    place.write("secret/values.yaml", "mine: 1\n");
    let secret = place.path("secret");
    for repo in ["https://c.example", "oci://c.example/x"] {
        for name in [
            format!("../../../../../../../..{}", secret.display()),
            secret.display().to_string(),
            "x/../db".to_owned(),
        ] {
            let entry = format!("name: '{name}', repo: '{repo}'");
            let (message, pulls) = refused(&place, place.helm(), "", &entry);
            assert!(message.contains("security; "), "{message}");
            assert_eq!(pulls, 0, "{name}");
        }
    }
    // Of a registry the last part is the chart; that upstream writes no values for it is its own matter.
    let (message, pulls) = refused(&place, place.helm(), "", "name: x/db, repo: 'oci://c.example'");
    assert!(message.contains("failed to write values file"), "{message}");
    assert_eq!(pulls, 1);
    let (message, _) = refused(&place, place.helm(), "", "name: x/db, repo: 'https://c.example'");
    assert!(message.contains("'x/db' is not the name of a chart alone"), "{message}");
    let link = "if [ \"$1\" = pull ]; then mkdir -p $4; ln -s $here/secret $4/db; exit; fi\n";
    let place = Place::new(&format!("{link}{PRINT}"));
    place.write("secret/values.yaml", "mine: 1\n");
    let (message, _) = refused(&place, place.helm(), "", DB);
    assert!(message.contains("what was fetched is no chart 'db'"), "{message}");
}

#[test]
fn charts_are_written_into_the_tree_and_nowhere_else() {
    use std::os::unix::fs::symlink;

    let place = Place::new(&format!("{PULL}{PRINT}"));
    let before = || {
        let names = fs::read_dir(place.path("")).unwrap();
        names.flatten().filter(|entry| entry.file_name() != "log").count()
    };
    place.write("outside/mine", "");
    symlink("../outside", place.path("app/linked")).unwrap();
    symlink("../new", place.path("app/nowhere")).unwrap();
    symlink("../../outside", place.path("app/charts/db-1.0.0")).unwrap();
    symlink("../../new", place.path("app/charts/db")).unwrap();
    let count = before();
    for (globals, entry) in [
        ("chartHome: ../outside", DB),
        ("chartHome: ../new/deep", DB),
        ("chartHome: ../../outside", DB),
        ("chartHome: /kustom-no-such-folder", DB),
        ("chartHome: linked", DB),
        ("chartHome: linked/deeper", DB),
        ("chartHome: nowhere", DB),
        ("chartHome: .git", DB),
        ("chartHome: .", "name: .git, repo: 'https://c.example'"),
        ("", "name: db, version: 1.0.0, repo: 'https://c.example'"),
        ("", DB),
    ] {
        let (message, pulls) = refused(&place, place.helm().write_charts(true), globals, entry);
        assert!(message.contains("security; nothing is written to '"), "{globals}: {message}");
        assert_eq!(pulls, 0, "{globals} {entry}");
        assert_eq!(before(), count, "{globals} {entry}");
        assert_eq!(fs::read_dir(place.path("outside")).unwrap().count(), 1);
    }
    // A link that stays in the tree is the user's own way of laying it out.
    fs::create_dir(place.path("app/real")).unwrap();
    symlink("real", place.path("app/inner")).unwrap();
    place.write(
        "app/kustomization.yaml",
        &format!("helmGlobals: {{chartHome: inner/x}}\nhelmCharts: [{{{DB}, releaseName: r}}]\n"),
    );
    place.build(place.helm().write_charts(true)).unwrap();
    assert!(place.path("app/real/x/db/values.yaml").exists());
    // Without, what is fetched goes nowhere, and a home elsewhere is as good as another, but for files that are read
    // from it: as upstream.
    for (values, is_read) in [("valuesMerge: replace, valuesInline: {a: 1}", false), ("", true)] {
        let text = format!(
            "helmGlobals: {{chartHome: ../new}}\nhelmCharts: [{{{DB}, releaseName: r, {values}}}]\n"
        );
        place.write("app/kustomization.yaml", &text);
        let refusal = place.build(place.helm()).err().map(|error| error.kind());
        assert_eq!(refusal, is_read.then_some(ErrorKind::Restricted));
        assert!(!place.path("new").exists());
    }
}

#[test]
fn no_chart_brings_a_repository_into_the_tree() {
    let pull = "if [ \"$1\" = pull ]; then mkdir -p $4/db/.git; echo > $4/db/.git/config; \
                echo 'a: 1' > $4/db/values.yaml; exit; fi\n";
    let place = Place::new(&format!("{pull}{PRINT}"));
    let (message, _) = refused(&place, place.helm().write_charts(true), "", DB);
    assert!(
        message.contains("/app/charts/db/.git/config would be a file of git's own"),
        "{message}"
    );
    assert!(!place.path("app/charts/db").exists());
}

#[test]
fn what_helm_made_of_templates_is_told_if_it_cannot_be_read() {
    let script =
        "echo 'a: {b'; echo 'Error: yaml: line 4: did not find expected comma' >&2; exit 1";
    let script = script.replace("expected comma", "expected \",\" or \"}\"").replace('"', "'\\''");
    let place = Place::new(&script);
    for (debug, is_told) in [("true", true), ("false", false)] {
        let entry = format!("helmCharts: [{{name: web, releaseName: r, debug: {debug}}}]\n");
        place.write("app/kustomization.yaml", &entry);
        let error = place.build(place.helm()).unwrap_err();
        let told = error.message().contains("\n\nHelm template:\na: {b");
        assert_eq!(told, is_told, "{error}");
        // It is about no bracket of the kustomization.
        assert_eq!(error.hint_text(), None, "{error}");
    }
}

#[test]
fn what_helm_leaves_out_of_a_chart_is_not_read() {
    let script =
        "[ -e $3/big ] || [ -e $3/dir ] || [ -e $3/out ] && exit 3; cat $3/templates/map.yaml";
    let place = Place::new(script);
    place.write(
        "app/charts/web/templates/map.yaml",
        "{apiVersion: v1, kind: A, metadata: {name: a}}\n",
    );
    place.write("app/charts/web/big", "big");
    place.write("app/charts/web/dir/file", "file");
    std::os::unix::fs::symlink("/etc", place.path("app/charts/web/out")).unwrap();
    // A link that leads out may be none of the chart.
    assert!(place.build(place.helm()).is_err());
    place.write("app/charts/web/.helmignore", "# all this\nbig\ndir/\nout/\n");
    assert!(place.build(place.helm()).unwrap().contains("kind: A"));
}
