//! What becomes of the files that are edited.

use std::fs;
use std::path::PathBuf;

use super::{config_map, folder, kustom, write};

#[cfg(unix)]
#[test]
fn the_owner_stays() {
    use std::os::unix::fs::{MetadataExt, chown};
    let text = "images:\n- name: web\n  newTag: v1\n";
    let dir = folder("edit-owner", &[("kustomization.yaml", text)]);
    let file = dir.join("kustomization.yaml");
    if chown(&file, Some(65534), Some(65533)).is_err() {
        // Only root gives files away, and only of root are they taken away.
        return;
    }
    for (number, args) in [
        (2, &["edit", "set", "image", "web:v2"][..]),
        (3, &["set", "image", "web:v3", "--add"]),
        (3, &["edit", "set", "nameprefix", "a-"]),
        (3, &["edit", "fix"]),
    ] {
        kustom(&dir, args).good();
        let there = fs::metadata(&file).expect("a file");
        assert_eq!((there.uid(), there.gid()), (65534, 65533), "{args:?}");
        let text = fs::read_to_string(&file).expect("a file");
        assert!(text.contains(&format!("newTag: v{number}")), "{text}");
    }
}

const VARS: &str = "namePrefix: x-\nresources: [s.yaml, p1.yaml, p2.yaml]\nvars:\n- name: SVC\n  \
                    objref: {kind: Service, name: svc, apiVersion: v1}\n";

/// Makes a kustomization with a variable in two files.
fn with_vars(test: &str) -> PathBuf {
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {ports: [{port: 80}]}\n";
    let dir = folder(test, &[("kustomization.yaml", VARS), ("s.yaml", service)]);
    for (name, value) in [("p1", "$(SVC)"), ("p2", "http/$(SVC)/a/$(SVC)")] {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a, image: i, args: \
             ['{value}']}}]}}\n"
        );
        write(&dir, &format!("{name}.yaml"), &pod);
    }
    fs::create_dir(dir.join(".git")).expect("a directory");
    dir
}

#[test]
fn an_interrupted_fix_of_vars_builds_the_same() {
    let dir = with_vars("fix-vars-order");
    let read = |name: &str| fs::read_to_string(dir.join(name)).expect("a file");
    let built = || kustom(&dir, &["build"]).out;
    let (before, pods) = (built(), ["p1.yaml", "p2.yaml"].map(read));
    kustom(&dir, &["edit", "fix", "--vars"]).good();
    assert_eq!(built(), before);
    let fixed = ["p1.yaml", "p2.yaml"].map(read);
    assert!(fixed.iter().all(|text| text.contains("SVC_PLACEHOLDER")), "{fixed:?}");
    // The kustomization is written first; then there is only some of the others.
    for (first, second) in [(&pods[0], &pods[1]), (&fixed[0], &pods[1]), (&pods[0], &fixed[1])] {
        write(&dir, "p1.yaml", first);
        write(&dir, "p2.yaml", second);
        assert_eq!(built(), before);
    }
}

#[test]
fn what_a_variable_becomes_is_not_there_before() {
    let dir = with_vars("fix-vars-again");
    let pod = fs::read_to_string(dir.join("p1.yaml")).expect("a file");
    write(&dir, "p1.yaml", &pod.replace("$(SVC)", "SVC_PLACEHOLDER"));
    let ran = kustom(&dir, &["edit", "fix", "--vars"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let said = "error with p1.yaml: SVC_PLACEHOLDER is there already, and nothing would fill it in";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.join("kustomization.yaml")).expect("a file"), VARS);
    // Another word is another word, and a comment says nothing.
    let other = pod.replace("$(SVC)", "$(SVC)', 'MY_SVC_PLACEHOLDER");
    write(&dir, "p1.yaml", &format!("# was SVC_PLACEHOLDER\n{other}# SVC_PLACEHOLDER\n"));
    kustom(&dir, &["edit", "fix", "--vars"]).good();
}

#[test]
fn variables_stay_where_nothing_can_be_proven() {
    let dir = with_vars("fix-vars-unproven");
    let read = |name: &str| fs::read_to_string(dir.join(name)).expect("a file");
    let pods = ["p1.yaml", "p2.yaml"].map(read);
    let remote = "https://github.com/o/r//x?ref=v1";
    for (lacking, said) in [
        (VARS.replace("p2.yaml", "p2.yaml, gone.yaml"), "gone.yaml"),
        (VARS.replace("p2.yaml", &format!("p2.yaml, '{remote}'")), "--allow-remote"),
        (format!("{VARS}helmCharts: [{{name: c}}]\n"), "--enable-helm"),
    ] {
        write(&dir, "kustomization.yaml", &lacking);
        let ran = kustom(&dir, &["edit", "fix", "--vars"]);
        assert_eq!(ran.code, Some(1), "{}", ran.out);
        assert!(ran.err.contains(said) && ran.err.contains("nothing was written"), "{}", ran.err);
        assert_eq!(read("kustomization.yaml"), lacking);
        assert_eq!(["p1.yaml", "p2.yaml"].map(read), pods);
    }
}

#[test]
fn the_top_of_a_repository_has_a_name() {
    let dir = with_vars("fix-vars-top");
    let base = dir.join("base");
    fs::create_dir(&base).expect("a directory");
    for file in ["kustomization.yaml", "s.yaml", "p1.yaml", "p2.yaml"] {
        fs::rename(dir.join(file), base.join(file)).expect("a file");
    }
    let top = "resources: [base]\npatches: [{patch: '{apiVersion: v1, kind: Pod, metadata: {name: p1}, spec: {hostname: \
               $(SVC)}}'}]\nconfigurations: [more.yaml]\n";
    write(&dir, "more.yaml", "varReference: [{path: spec/hostname, kind: Pod}]\n");
    write(&dir, "kustomization.yaml", top);
    let ran = kustom(&base, &["edit", "fix", "--vars"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let said = "would build something else: the top of the repository\n";
    assert!(ran.err.contains(said), "{}", ran.err);
    // What only a switch would show of it is not known.
    write(&dir, "kustomization.yaml", "resources: [base]\nhelmCharts: [{name: c}]\n");
    let ran = kustom(&base, &["edit", "fix", "--vars"]);
    assert!(ran.code == Some(1) && ran.err.contains("--enable-helm"), "{}", ran.err);
    assert!(ran.err.contains("nothing was written"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn changes_of_one_file_at_the_same_time_are_all_kept() {
    const COUNT: usize = 8;
    // In a repository, and without one.
    for is_repository in [true, false] {
        let dir = std::env::temp_dir().join(format!("kustom-turns-{}", std::process::id()));
        _ = fs::remove_dir_all(&dir);
        let pods: String = (0..COUNT)
            .map(|i| {
                format!(
                    "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec: {{containers: [{{name: c, image: \
                     i{i}}}]}}\n"
                )
            })
            .collect();
        write(&dir, "pods.yaml", &pods);
        write(&dir, "kustomization.yaml", "resources: [pods.yaml]\n");
        if is_repository {
            fs::create_dir(dir.join(".git")).expect("a directory");
        }
        let args = |i: usize| match i % 2 {
            0 => vec!["set".to_owned(), "image".to_owned(), format!("i{i}:new")],
            _ => ["edit", "set", "image"]
                .into_iter()
                .map(str::to_owned)
                .chain([format!("i{i}:new")])
                .collect(),
        };
        std::thread::scope(|scope| {
            for i in 0..COUNT {
                let (dir, args) = (&dir, args(i));
                scope.spawn(move || {
                    let args: Vec<&str> = args.iter().map(String::as_str).collect();
                    assert_eq!(kustom(dir, &args).code, Some(0));
                });
            }
        });
        let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
        _ = fs::remove_dir_all(&dir);
        assert_eq!(text.matches("newTag: new").count(), COUNT, "{text}");
    }
}

#[test]
fn the_kustomization_is_written_before_the_files_of_its_variables() {
    // So many that the clock of the file system goes on while they are written.
    const COUNT: usize = 120;
    let dir = with_vars("fix-vars-first");
    let pod = fs::read_to_string(dir.join("p1.yaml")).expect("a file");
    let mut resources = String::new();
    for i in 0..COUNT {
        write(&dir, &format!("q{i}.yaml"), &pod.replace("name: p1", &format!("name: q{i}")));
        resources += &format!(", q{i}.yaml");
    }
    write(&dir, "kustomization.yaml", &VARS.replace(", p2.yaml", &resources));
    kustom(&dir, &["edit", "fix", "--vars"]).good();
    let written = |name: &str| {
        let file = fs::metadata(dir.join(name)).expect("a file");
        file.modified().expect("a time")
    };
    let first = written("kustomization.yaml");
    assert!((0..COUNT).all(|i| first <= written(&format!("q{i}.yaml"))));
}

#[test]
fn fix_loses_no_comment() {
    let dir = with_vars("fix-comments");
    write(&dir, "b/kustomization.yaml", "resources: [m.yaml]\n");
    write(&dir, "b/m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n");
    write(&dir, "a.env", "k=v\n");
    let text = "\
bases: [b] # shared with team x
resources: [s.yaml, p1.yaml, p2.yaml] # rr
commonLabels: # on all
  # the team
  team: x # y
configMapGenerator:
- name: c
  env: a.env # of the app
  envs: [] # none
vars: # old
# the address of the service
- name: SVC # why it is needed
  objref: {kind: Service, name: svc, apiVersion: v1} # obj
- name: UNUSED # nobody uses it
  objref: {kind: Service, name: svc, apiVersion: v1}
# the end
";
    for line_end in ["\n", "\r\n"] {
        write(&dir, "kustomization.yaml", &text.replace('\n', line_end));
        let before = kustom(&dir, &["build"]).out;
        let pods = ["p1.yaml", "p2.yaml"]
            .map(|name| (name, fs::read_to_string(dir.join(name)).expect("a file")));
        kustom(&dir, &["edit", "fix", "--vars"]).good();
        assert_eq!(kustom(&dir, &["build"]).good(), before);
        let fixed = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
        for comment in text.split('\n').filter_map(|line| Some(&line[line.find('#')?..])) {
            let lines = fixed.lines().filter(|line| line.ends_with(comment));
            assert_eq!(lines.count(), 1, "{comment}: {fixed}");
        }
        assert_eq!(fixed.matches("\r\n").count() == fixed.matches('\n').count(), line_end != "\n");
        assert!(fixed.contains("# why it is needed"), "{fixed}");
        if line_end == "\n" {
            insta::assert_snapshot!(fixed);
        }
        pods.iter().for_each(|(name, text)| write(&dir, name, text));
        let again = kustom(&dir, &["edit", "fix"]).good();
        assert!(again.contains("nothing to fix"), "{again}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_in_a_folder_that_takes_no_others_can_be_edited() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let text = "images:\n- name: web\n  newTag: v1\n";
    let dir = folder("edit-closed", &[("kustomization.yaml", text)]);
    let file = dir.join("kustomization.yaml");
    let allow = |path: &std::path::Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("they are ours");
    };
    for (mode, wanted) in [(0o666, "v2"), (0o444, "v1")] {
        allow(&file, mode);
        allow(&dir, 0o555);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kustom"));
        command.current_dir(&dir).args(["edit", "set", "image", "web:v2"]);
        // To root all folders are open.
        let output = command.uid(65534).output().or_else(|_| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kustom"));
            command.current_dir(&dir).args(["edit", "set", "image", "web:v2"]).output()
        });
        allow(&dir, 0o755);
        let output = output.expect("it runs");
        assert_eq!(output.status.success(), wanted == "v2", "{output:?}");
        let now = fs::read_to_string(&file).expect("a file");
        assert_eq!(now, text.replace("v1", wanted));
        allow(&file, 0o644);
        write(&dir, "kustomization.yaml", text);
    }
}

#[test]
fn create_finds_what_there_is() {
    let dir = folder(
        "create",
        &[
            ("a.yaml", &config_map("a")),
            ("notes.txt", "notes"),
            ("d/b.yaml", &config_map("b")),
            (".git/info/exclude", "# nothing\n"),
            ("d/.git/b.yaml", &config_map("b")),
        ],
    );
    kustom(&dir, &["create", "--autodetect", "--recursive", "--namespace", "shop"]).good();
    let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert!(text.ends_with("resources:\n- a.yaml\n- d/b.yaml\nnamespace: shop\n"), "{text}");
    assert_eq!(kustom(&dir, &["create"]).code, Some(1));
    fs::remove_file(dir.join("kustomization.yaml")).expect("a file");
    for (flag, said) in [
        ("--labels=,", "invalid label: ''"),
        ("--labels=a:b,", "invalid label: ''"),
        ("--annotations=,a:b", "invalid annotation: ''"),
        ("--resources=,", "an empty path is no resource"),
        ("--resources=a.yaml,", "an empty path is no resource"),
    ] {
        let ran = kustom(&dir, &["create", flag]);
        assert!(ran.code == Some(1) && ran.err.contains(said), "{flag}: {}", ran.err);
        assert!(!dir.join("kustomization.yaml").exists(), "{flag}");
    }
    kustom(&dir, &["create", "--labels=", "--resources="]).good();
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_not_listed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = folder("edit-no-text", &[("kustomization.yaml", "# mine\n")]);
    let name = OsStr::from_bytes(b"caf\xe9.yaml");
    if fs::write(dir.join(name), config_map("a")).is_err() {
        // Some file systems have no such names.
        return;
    }
    for args in [
        &["edit", "add", "resource", "*.yaml"][..],
        &["edit", "add", "configmap", "m", "--from-file=*.yaml"],
    ] {
        let ran = kustom(&dir, args);
        assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("whose name is no UTF-8"), "{}", ran.err);
    }
    let text = fs::read_to_string(dir.join("kustomization.yaml")).expect("a file");
    assert_eq!(text, "# mine\n");
}
