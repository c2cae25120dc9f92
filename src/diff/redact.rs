//! Keeps the values of Secrets out of messages, such as that of a root that cannot be rendered.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::gathering::{Gathering, Presence};
use super::hidden::Hidden;
use super::mask::{Secrets, holds_secret, strip};
use crate::resource::Resource;
use crate::secret_words;

/// Replaces in a message what some files hold as values of Secrets by [`MASK`](super::MASK).
///
/// The files are those that a build has read: manifests, kustomizations with a `secretGenerator` and
/// what they name, patches of Secrets. What is no YAML holds no value that a message could show.
///
/// ```
/// let kustomization = b"secretGenerator:\n- name: a\n  literals: [hunter2]\n";
/// let files = [("/app/kustomization.yaml", &kustomization[..])];
/// let message = "invalid literal source hunter2, expected key=value";
/// assert_eq!(
///     kustom::diff::redact(message, files),
///     "invalid literal source ***, expected key=value"
/// );
/// ```
pub fn redact<P: AsRef<Path>>(
    message: &str,
    files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
) -> String {
    SecretValues::of(files).redact(message).unwrap_or_else(|| message.to_owned())
}

/// Values of Secrets, to be kept out of many texts; see [`redact()`].
pub struct SecretValues {
    secrets: Secrets,
    /// The parts of paths that may be values, and how they are shown.
    hidden_parts: FxHashMap<String, String>,
}

impl fmt::Debug for SecretValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValues(***)")
    }
}

impl SecretValues {
    /// Gathers what some files hold as values of Secrets.
    pub fn of<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
    ) -> SecretValues {
        Gathering::of(files, |_| true, &Presence::AmongGiven).into()
    }

    /// As [`of`](Self::of). What looks like the name of a file in an entry of a generator, such as `KEY=x`, is a
    /// value, also in parts, if `is_there` says that there is no such file; else it is if the file is not given.
    pub fn of_all<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        is_there: &dyn Fn(&Path) -> bool,
    ) -> SecretValues {
        Gathering::of(files, |_| true, &Presence::Asked(is_there)).into()
    }

    /// Gathers what some files and some resources hold as values of Secrets; names and the like that these have are
    /// none. See [`Diff::hide`](super::Diff::hide).
    pub fn with_resources<'r, P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        resources: impl Iterator<Item = &'r Resource> + Clone,
    ) -> SecretValues {
        let mut gathered = Gathering::of(files, |_| true, &Presence::AmongGiven);
        let mut nodes = resources.map(|resource| &resource.node);
        if !gathered.values.is_empty() || nodes.clone().any(holds_secret) {
            nodes.by_ref().for_each(|node| gathered.values.add_tree(node));
        }
        gathered.into()
    }

    /// Gathers what [`of`](Self::of) does, and with it values that everybody may know: only those files are
    /// looked into that may hold any. `all_can_be_read` says that there is none in broken YAML.
    pub(crate) fn at_most<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, impl AsRef<[u8]>)>,
        all_can_be_read: bool,
    ) -> SecretValues {
        let holds = if all_can_be_read { secret_words::may_define } else { secret_words::mentions };
        let Gathering { values, hidden_parts, .. } =
            Gathering::of(files, holds, &Presence::Asked(&|_| false));
        SecretValues { secrets: values.with_public(), hidden_parts }
    }

    /// Returns `true` if there is nothing to hide.
    pub(crate) fn is_empty(&self) -> bool {
        !self.secrets.is_any()
    }

    /// Puts the mask in the place of the values, wherever they are in an object, and returns what tells them apart.
    pub(super) fn hide(&self, object: &mut Value) -> Hidden {
        self.secrets.hide(object);
        let hidden = Hidden::of_value(object);
        strip(object);
        hidden
    }

    /// Puts tokens in the place of the values in what a field has; equal ones for equal values.
    pub(super) fn tokens(&self, value: &mut Value, field: &str) {
        self.secrets.hide_in(value, field);
    }

    /// Returns a path at which nothing is, with [`MASK`](super::MASK) in the place of what may be a value: an entry
    /// `files: [KEY=x]` of a generator of Secrets names the file `x`, or is a literal in the wrong list. `None` if
    /// nothing of the path is such.
    pub fn missing_path(&self, path: &Path) -> Option<PathBuf> {
        let mut hidden = Vec::new();
        let mut rest = path;
        while let Some(part) =
            rest.file_name().and_then(|name| self.hidden_parts.get(name.to_str()?))
        {
            hidden.push(part);
            rest = rest.parent()?;
        }
        if hidden.is_empty() {
            // An entry that is no path at all has been looked for, too.
            return self.redact(path.to_str()?).map(PathBuf::from);
        }
        let mut shown = rest.to_path_buf();
        shown.extend(hidden.iter().rev());
        Some(shown)
    }

    /// Returns a text with [`MASK`](super::MASK) in the place of the values; nothing if it has none.
    pub fn redact(&self, message: &str) -> Option<String> {
        match self.secrets.masked(message) {
            Cow::Owned(masked) if masked != message => Some(masked),
            _ => None,
        }
    }
}

impl From<Gathering> for SecretValues {
    fn from(Gathering { values, hidden_parts, .. }: Gathering) -> SecretValues {
        SecretValues { secrets: values.secrets(), hidden_parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_hides_words_only_where_a_secret_may_be() {
        let hint = "put the value of pool into quotes: 1 token";
        let file = |lines: &str| format!("{lines}\n  literals:\n  - TOKEN=token\n value: x\n: [\n");
        let said = |lines: &str| redact(hint, [("kustomization.yaml", file(lines))]);
        let maps = "resources:\n- externalsecret.yaml\nconfigMapGenerator:\n- name: pool";
        assert_eq!(said(maps), hint);
        let masked = "put the value of pool into quotes: 1 ***";
        assert_eq!(said("secretGenerator:\n- name: a"), masked);
        assert_eq!(said("kind: Secret\ndata:\n  a: token"), masked);
    }

    #[test]
    fn names_of_objects_stay_though_a_secret_has_a_part_of_them() {
        let map = "configMapGenerator:\n- name: store-default-setting-v2\n";
        let secret = "kind: Secret\nstringData: {a: -default, b: -setting-v2, c: hunter2secret}\n";
        let files = || [("kustomization.yaml", map), ("secret.yaml", secret)];
        let said = "nothing refers to `store-default-setting-v2`";
        assert_eq!(redact(said, files()), said);
        assert_eq!(redact("a -default of -setting-v2", files()), "a -default of -setting-v2");
        assert_eq!(redact("a -setting-v3 hunter2secret", files()), "a -setting-v3 ***");
        let alone = redact(said, [("secret.yaml", secret)]);
        assert_eq!(alone, "nothing refers to `store-default***`");
    }

    #[test]
    fn generators_hold_values_in_every_form_and_spelling() {
        for text in [
            "secretGenerator: {name: s, literals: [a=hunter2secret]}",
            "secretGenerator: a=hunter2secret",
            "secretGenerator: [a=hunter2secret]",
            "secretGenerator: [[{name: s, literals: [a=hunter2secret]}]]",
            "secretGenerator: {s: {literals: [a=hunter2secret]}}",
            "secretGenerator: {s: {literals: {a: hunter2secret}}}",
            "secretGenerator: [{name: s, a=hunter2secret}]",
            "secretGenerator: [{name: s, literals: {a=hunter2secret}}]",
            "secretGenerator: [{name: [hunter2secret]}]",
            "secretGenerator: [{name: s, type: {a: hunter2secret}}]",
            "secretGenerator: [{name: s, options: {literals: [a=hunter2secret]}}]",
            "secretGenerator: [{name: s, options: [a=hunter2secret]}]",
            "secretGenerator:\n- name: s\nliterals:\n- a=hunter2secret",
            "secretGenerator:\n- name: s\nliteral: [a=hunter2secret]",
            "secretGenerators: {name: s, literals: [a=hunter2secret]}",
            "secret_generator: [{literals: [a=hunter2secret]}]",
            "sercetGenerator: [{literals: [a=hunter2secret]}]",
            "ſecretGenerator: [{literals: [a=hunter2secret]}]",
            "x: &a {literals: [a=hunter2secret]}\nsecretGenerator: *a",
            "kind: secretgenerator\nliterals: {a: hunter2secret}",
            "kind: SecretGenerator\nmetadata: {name: s, literals: [a=hunter2secret]}",
            "generators: ['{kind: SecretGenerator, metadata: {}, literals: [a=hunter2secret]}']",
            "generators:\n- |-\n  kind: SecretGenerator\n  metadata: {}\n  literals: [a=hunter2secret",
            "kind: Secret\nmetadata: {stringData: {a: hunter2secret}}",
            "kind: secret\nstringdata: [hunter2secret]",
            "kind: Secret\nmetadata: {name: s}\npassword: hunter2secret",
            "kind: SecretList\nitems: [{metadata: {name: s}, data: {a: hunter2secret}}]",
            "patches: [{target: {kind: Secret}, patch: 'data: {a: hunter2secret}'}]",
            "patches: [{target: {kind: Secret}, patch: '[{op: add, path: /x, value: hunter2secret}]'}]",
            // These cannot be read.
            "secretGenerator: {name: s, literals: [a=hunter2secret}",
            "secretGenerator: [{name: s, envs: [a=hunter2secret}",
            "secretGenerator:\n  - a=hunter2secret\n x: [",
            "secretGenerators:\n- literls:\n  - a=hunter2secret\n x: [",
            "\"kind\": \"\\x53ecret\"\ndata: {a: hunter2secret",
            "kind: ConfigMap\n--- {kind: Secret, metadata: {name: s}, stringData: {a: hunter2secret}}\n",
            "kind: ConfigMap\n--- {kind: Secret, data: {a: hunter2secret}}\n---\nkind: A\n",
            "kind: ConfigMap\n--- {\"kind\":\"Secret\",\"data\":{\"a\":\"hunter2secret\"}}",
            // Of these no build reads all.
            "kind: ConfigMap\n...\nkind: Secret\ndata: {a: hunter2secret}\n",
            "kind: ConfigMap\r---\rkind: Secret\rdata: {a: hunter2secret}\r",
            "kind: ConfigMap\n--- {kind: Secret, data: {a: hunter2secret}}",
            "a: [\nb: {kind: Secret, data: {a: hunter2secret}}",
            "{kind: Secret, data: {a: hunter2secret}} : : [",
            "- {kind: Secret, stringData: {a: hunter2secret}",
            "- - kind: Secret\n    stringData: {a: hunter2secret}\n  }",
            "secretGenerator: [a\n---{literals: [a=hunter2secret]}",
        ] {
            let said = redact("no hunter2secret here", [("kustomization.yaml", text)]);
            assert_eq!(said, "no *** here", "{text}");
            assert_eq!(
                redact("s of kind Opaque", [("k.yaml", text)]),
                "s of kind Opaque",
                "{text}"
            );
        }
        // What only refers to a Secret holds none of its values.
        let refers = "source: {kind: Secret, name: store, fieldPath: data.password-of-store}\n";
        let said = "nothing at data.password-of-store of store";
        assert_eq!(redact(said, [("kustomization.yaml", refers)]), said);
    }

    #[test]
    fn names_of_files_are_shown_where_there_are_files() {
        let text = "secretGenerator: [{name: s, files: [tls.crt=certs/server.crt, plain.txt], \
                    envs: [a=zq9x/up.env]}]";
        let said =
            "tls.crt=certs/server.crt plain.txt /app/certs: no such file; a=zq9x/up.env zq9x";
        let files = [("/app/kustomization.yaml", text.as_bytes())];
        let with = |there: &[&str]| {
            let is_there = |path: &Path| there.iter().any(|other| path == Path::new(other));
            let values = SecretValues::of_all(files, &is_there);
            (values.redact(said), values.missing_path(Path::new("/x/certs/server.crt")))
        };
        let (masked, path) = with(&[]);
        assert_eq!(
            masked.as_deref(),
            Some("tls.crt=*** plain.txt /app/***: no such file; a=*** ***")
        );
        assert_eq!(path.as_deref(), Some(Path::new("/x/***/***")));
        assert_eq!(with(&["/app/certs/server.crt", "/app/a=zq9x/up.env"]), (None, None));
        let values = SecretValues::of(files);
        assert_eq!(
            values.redact("at certs/server.crt of certs").as_deref(),
            Some("at *** of certs")
        );
        let env = values.missing_path(Path::new("/app/a=zq9x/up.env"));
        assert_eq!(env.as_deref(), Some(Path::new("/app/a=***/***")));
        assert_eq!(values.missing_path(Path::new("/app/certs/kustomization.yml")), None);
    }

    #[test]
    fn values_in_lists_of_files_are_hidden_though_they_have_an_equals_sign() {
        let text = "secretGenerator: [{name: s, files: [aHVudGVyMg==, ca.crt=], envs: [../zq9xkey=x8/y7w]}]";
        let files = [("/app/kustomization.yaml", text.as_bytes())];
        let said = "aHVudGVyMg== /app/aHVudGVyMg==: no file; key aHVudGVyMg; ../zq9xkey=x8/y7w zq9xkey; ca.crt=";
        let values = SecretValues::of_all(files, &|_| false);
        let masked = values.redact(said).expect("values");
        assert!(!masked.contains("aHVu") && !masked.contains("zq9x"), "{masked}");
        assert!(masked.ends_with("ca.crt="), "{masked}");
        let path = |path: &str| values.missing_path(Path::new(path));
        assert_eq!(path("/zq9xkey=x8/y7w").as_deref(), Some(Path::new("/***/***")));
        assert_eq!(path("/app/aHVudGVyMg==").as_deref(), Some(Path::new("/app/***")));
        let is_there = |path: &Path| path == Path::new("/app/aHVudGVyMg==");
        let values = SecretValues::of_all(files, &is_there);
        assert_eq!(values.redact("at aHVudGVyMg=="), None);
    }

    #[test]
    fn arguments_of_generators_are_values_in_every_wrong_form() {
        for argument in [
            "literals: [{a: hunter2secret}]",
            "literals: {a: [hunter2secret]}",
            "literals: hunter2secret",
            "literalz: [a=hunter2secret]",
            "data: {a: hunter2secret}",
            "files: ['a=b=hunter2secret']",
            "files: {a: hunter2secret}",
            "envs: [{a: hunter2secret}]",
            "envs: [a=hunter2secret]",
            "env: a=hunter2secret",
        ] {
            let text = format!("secretGenerator:\n- name: s\n  type: Opaque\n  {argument}\n");
            let said = |words: &str| redact(words, [("kustomization.yaml", &text)]);
            assert_eq!(said("no hunter2secret here"), "no *** here", "{argument}");
            assert_eq!(said("a generator s of type Opaque"), "a generator s of type Opaque");
        }
    }
}
