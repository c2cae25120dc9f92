//! Generated ConfigMaps and Secrets: `add`, `set` and `remove configmap` and `secret`

use std::str::FromStr;

use rustc_hash::FxHashSet;

use super::{Edit, fields, invalid, printed, without_secrets};
use crate::diagnostics::hints::{EDIT_NO_GENERATOR, EDIT_NO_KEY};
use crate::diagnostics::{Error, Result};
use crate::diff::MASK;
use crate::generate;
use crate::kustomization::GeneratorArgs;
use crate::yaml::{Kept, Located, Mapping, Node, Pos};

/// Which of the two generator fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneratorKind {
    /// `configMapGenerator`
    ConfigMap,
    /// `secretGenerator`
    Secret,
}

/// What is added to an entry of a generator.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewSources {
    /// The namespace of the entry.
    pub namespace: Option<String>,
    /// `KEY=VALUE` each.
    pub literals: Vec<String>,
    /// `[KEY=]PATTERN` each.
    pub files: Vec<String>,
    /// A file of pairs, which nothing else can be given with.
    pub env_file: Option<String>,
    /// What is done with what a base generates under that name.
    pub behavior: Option<Behavior>,
    /// The type of a new Secret, in the place of `Opaque`.
    pub secret_type: Option<String>,
    /// No content hash after the name; replaces the other options of the entry.
    pub disable_name_suffix_hash: bool,
}

/// What is done with what a base generates under the same name.
///
/// ```
/// use kustom::edit::Behavior;
///
/// assert_eq!("merge".parse::<Behavior>()?, Behavior::Merge);
/// assert_eq!(Behavior::Merge.as_str(), "merge");
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behavior {
    /// It must not be there.
    Create,
    /// The new pairs are added to it.
    Merge,
    /// The new pairs take its place.
    Replace,
}

impl Behavior {
    const ALL: [Behavior; 3] = [Behavior::Create, Behavior::Merge, Behavior::Replace];

    /// Returns how it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Behavior::Create => "create",
            Behavior::Merge => "merge",
            Behavior::Replace => "replace",
        }
    }
}

impl FromStr for Behavior {
    type Err = Error;

    fn from_str(text: &str) -> Result<Behavior> {
        let known = Behavior::ALL.into_iter().find(|behavior| behavior.as_str() == text);
        known.ok_or_else(|| {
            invalid(format!("invalid behavior {text:?}: must be one of create, merge, replace"))
        })
    }
}

impl GeneratorKind {
    fn field(self) -> &'static str {
        match self {
            GeneratorKind::ConfigMap => "configMapGenerator",
            GeneratorKind::Secret => "secretGenerator",
        }
    }

    /// Returns what messages say in the place of a text that may be a value.
    fn shown(self, value: &str) -> &str {
        match self {
            GeneratorKind::ConfigMap => value,
            GeneratorKind::Secret => MASK,
        }
    }

    fn thing(self) -> &'static str {
        match self {
            GeneratorKind::ConfigMap => "configmap",
            GeneratorKind::Secret => "secret",
        }
    }
}

impl Edit {
    /// Adds sources to the entry of that name and namespace, or a new entry.
    ///
    /// # Errors
    /// If the sources are none, do not go together or cannot be read, or a key would come twice.
    pub fn add_generator(
        &mut self,
        kind: GeneratorKind,
        name: &str,
        sources: &NewSources,
    ) -> Result<()> {
        sources.check()?;
        let files = self.find_files(kind, &sources.files)?;
        if files.is_empty() && sources.literals.is_empty() && sources.env_file.is_none() {
            return Err(invalid("no file matches, so there is nothing to add"));
        }
        let place = self.find_entry(kind, name, sources.namespace.as_deref());
        let mut entry = match place {
            Some(i) => self.items(kind.field())[i].as_map().cloned().unwrap_or_default(),
            None => Mapping::new(),
        };
        let mut extend = |field: &str, new: &mut dyn Iterator<Item = &String>| {
            let new: Vec<Node> = new.map(Node::str).collect();
            if !new.is_empty()
                && let Some(items) = fields::list_mut(&mut entry, field)
            {
                items.extend(new);
            }
        };
        extend("envs", &mut sources.env_file.iter());
        extend("files", &mut files.iter());
        extend("literals", &mut sources.literals.iter());
        if place.is_none() {
            entry.set("name", Node::str(name));
            if let Some(namespace) = sources.namespace.as_deref().filter(|text| !text.is_empty()) {
                entry.set("namespace", Node::str(namespace));
            }
        }
        if let Some(behavior) = sources.behavior {
            fields::set_text(&mut entry, "behavior", behavior.as_str());
        }
        if sources.disable_name_suffix_hash {
            let mut options = Mapping::new();
            options.set("disableNameSuffixHash", Node::bool(true));
            fields::set(&mut entry, "options", Node::map(options));
        }
        // One that is there keeps its type, also none.
        if kind == GeneratorKind::Secret && place.is_none() {
            let given = sources.secret_type.as_deref().filter(|text| !text.is_empty());
            fields::set_text(&mut entry, "type", given.unwrap_or("Opaque"));
        }
        self.try_entry(kind, name, &entry)?;
        match place {
            Some(i) => self.replace_entry(kind, i, entry),
            None => self.append(kind.field(), [Node::map(entry)]),
        }
        Ok(())
    }

    /// Sets literals that the entry of that name and namespace has, each given as `KEY=VALUE`, or its
    /// namespace.
    ///
    /// # Errors
    /// If there is no such entry or key, or nothing is given.
    pub fn set_generator<S: AsRef<str>>(
        &mut self,
        kind: GeneratorKind,
        name: &str,
        namespace: Option<&str>,
        literals: &[S],
        new_namespace: Option<&str>,
    ) -> Result<()> {
        if literals.is_empty() && new_namespace.is_none() {
            return Err(invalid("neither a literal nor a namespace is given"));
        }
        let thing = kind.thing();
        let Some(place) = self.find_entry(kind, name, namespace) else {
            return Err(self.no_entry(kind, name, namespace));
        };
        let mut entry = self.items(kind.field())[place].as_map().cloned().unwrap_or_default();
        for literal in literals.iter().map(AsRef::as_ref) {
            let (key, value) = match literal.split_once('=') {
                Some((key, value)) if !key.is_empty() && !value.contains('=') => (key, value),
                _ => {
                    let shown = kind.shown(literal);
                    return Err(invalid(format!(
                        "literal values must be specified in the key=value format, not {shown:?}"
                    )));
                }
            };
            let is_it = |item: &Node| {
                item.text().and_then(|text| text.split_once('=')).is_some_and(|(k, _)| k == key)
            };
            let items = fields::get_mut(&mut entry, "literals").and_then(Node::as_seq_mut);
            let there =
                items.and_then(|items| items.make_mut().iter_mut().find(|item| is_it(item)));
            let Some(old) = there else {
                return Err(invalid(format!("key {key:?} not found in {thing} {name:?}"))
                    .hint(EDIT_NO_KEY.with(format!("`kustom edit add {thing}` adds a key"))));
            };
            let text = format!("{key}={value}");
            if old.text() != Some(text.as_str()) {
                *old = Node::str(text).at(old.pos());
            }
        }
        if let Some(new_namespace) = new_namespace {
            fields::set_text(&mut entry, "namespace", new_namespace);
        }
        self.replace_entry(kind, place, entry);
        Ok(())
    }

    /// Removes the entries with these names in that namespace.
    ///
    /// # Errors
    /// If there is none of them.
    pub fn remove_generators<S: AsRef<str>>(
        &mut self,
        kind: GeneratorKind,
        names: &[S],
        namespace: Option<&str>,
    ) -> Result<()> {
        let thing = kind.thing();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let maps = self.items(kind.field()).iter().filter_map(Node::as_map);
        let there: FxHashSet<&str> = maps
            .filter(|map| is_namespace(map, namespace))
            .map(|map| fields::text(map, "name"))
            .collect();
        let missing: Vec<&str> =
            names.iter().copied().filter(|name| !there.contains(name)).collect();
        let found = missing.len() < names.len();
        let names: FxHashSet<&str> = names.into_iter().collect();
        if !found {
            return Err(self.no_entry(
                kind,
                missing.first().copied().unwrap_or_default(),
                namespace,
            ));
        }
        for name in missing {
            self.note(format_args!("{thing} {name} doesn't exist in kustomization file"));
        }
        self.remove_items(kind.field(), |item| {
            item.as_map().is_some_and(|map| {
                names.contains(fields::text(map, "name")) && is_namespace(map, namespace)
            })
        });
        Ok(())
    }

    fn find_entry(
        &self,
        kind: GeneratorKind,
        name: &str,
        namespace: Option<&str>,
    ) -> Option<usize> {
        self.items(kind.field()).iter().position(|item| {
            item.as_map().is_some_and(|map| {
                fields::text(map, "name") == name && is_namespace(map, namespace)
            })
        })
    }

    fn no_entry(&self, kind: GeneratorKind, name: &str, namespace: Option<&str>) -> Error {
        let thing = kind.thing();
        let place = match namespace {
            None | Some("") => String::new(),
            Some(namespace) => format!(" in namespace {namespace:?}"),
        };
        let error = invalid(format!("unable to find {thing} with name {name:?}{place}"));
        let maps = self.items(kind.field()).iter().filter_map(Node::as_map);
        match crate::yaml::nearest(maps.map(|map| fields::text(map, "name")), name) {
            Some(near) if near != name => {
                error.hint(EDIT_NO_GENERATOR.with(format!("did you mean {near}?")))
            }
            Some(_) => error.hint(&EDIT_NO_GENERATOR),
            None => error,
        }
    }

    fn replace_entry(&mut self, kind: GeneratorKind, place: usize, entry: Mapping) {
        self.kept = self.kept.max(Kept::Fields);
        let items = fields::list_mut(self.fields(), kind.field());
        if let Some(item) = items.and_then(|items| items.make_mut().get_mut(place)) {
            *item = Node::map(entry).at(item.pos());
        }
    }

    /// Finds the files that `[KEY=]PATTERN` means.
    fn find_files(&mut self, kind: GeneratorKind, args: &[String]) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for arg in args {
            let (key, pattern) = match arg.split_once('=') {
                Some((key, pattern)) => (Some(key), pattern),
                None => (None, arg.as_str()),
            };
            let found = self.matching(pattern)?;
            match (key, found.as_slice()) {
                (None, []) => self.note(format_args!("{pattern} has no match")),
                (Some(key), [file]) => files.push(format!("{key}={file}")),
                (Some(key), several) => {
                    let n = several.len();
                    // What matches nothing may be a literal.
                    let pattern = if n == 0 { kind.shown(pattern) } else { pattern };
                    return Err(invalid(format!(
                        "the key {key:?} needs one file, but {pattern:?} matches {n}"
                    )));
                }
                (None, _) => files.extend(found),
            }
        }
        Ok(files)
    }

    /// Generates from an entry, to see whether that works.
    fn try_entry(&self, kind: GeneratorKind, name: &str, entry: &Mapping) -> Result<()> {
        let texts = |field| -> Vec<Located<String>> {
            let texts = fields::items(entry, field).iter().filter_map(Node::text);
            texts.map(|text| Located { value: text.to_owned(), pos: Pos::NONE }).collect()
        };
        let mut args = GeneratorArgs {
            name: name.to_owned(),
            literals: texts("literals"),
            files: texts("files"),
            envs: texts("envs"),
            ..GeneratorArgs::default()
        };
        let env = fields::text(entry, "env");
        if !env.is_empty() {
            args.envs.push(Located { value: env.to_owned(), pos: Pos::NONE });
        }
        let mut read = |path: &str| Ok((self.read(path)?, Pos::NONE));
        generate::pairs(&args, &mut read).map(drop).map_err(|error| {
            let mut whole = Mapping::new();
            whole.set(kind.field(), Node::seq([Node::map(entry.clone())].into()));
            without_secrets(error, &[self.source.text(), &printed(&Node::map(whole))])
        })
    }
}

impl NewSources {
    fn check(&self) -> Result<()> {
        let has_others = !self.literals.is_empty() || !self.files.is_empty();
        match &self.env_file {
            Some(_) if has_others => {
                return Err(invalid("an env file goes with neither files nor literals"));
            }
            None if !has_others => {
                return Err(invalid("neither an env file nor files nor literals are given"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Returns `true` if an entry is in that namespace; none and `default` are the same.
fn is_namespace(map: &Mapping, namespace: Option<&str>) -> bool {
    fn normal(namespace: &str) -> &str {
        if namespace.is_empty() { "default" } else { namespace }
    }
    normal(fields::text(map, "namespace")) == normal(namespace.unwrap_or_default())
}
