//! `set image`, as a bot wants it: tag and digest change, and everything else stays.

use rustc_hash::FxHashMap;

use super::arg::ImageArg;
use super::entry::{given, name_of, set_version, version};
use crate::edit::{Edit, fields};
use crate::yaml::{Mapping, Node, Pos};

/// What [`Edit::update_image`] did to one entry of `images`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageChange {
    /// The image.
    pub name: String,
    /// Tag and digest before, as `v1`, `@sha256:…` or `v1@sha256:…`, or `*-slim` for a suffix behind the tag
    /// that there is; nothing if the entry is new.
    pub old: Option<String>,
    /// Tag and digest afterwards.
    pub new: String,
    /// The new name before; empty if there was none.
    pub old_name: String,
    /// The new name afterwards.
    pub new_name: String,
    /// The line of the version in the file as it was, or of the entry, from 1; nothing if it is new.
    pub line: Option<usize>,
}

impl ImageChange {
    /// Returns `true` if the entry said that already.
    pub fn is_unchanged(&self) -> bool {
        self.old.as_deref() == Some(self.new.as_str()) && self.old_name == self.new_name
    }
}

/// What [`Edit::update_image`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateOutcome {
    /// The entries of that name, changed or not.
    Updated(Vec<ImageChange>),
    /// There is none; nothing was changed.
    Missing,
    /// One of them has a template where the change would write: a text that some program fills in later, as
    /// `newTag: ${TAG}`, or a mapping or a list, as `newTag: {{ .tag }}`; nothing was changed.
    Template {
        /// The line of the value, from 1, as far as it is known.
        line: Option<usize>,
        /// The field and the template, such as `newTag: ${TAG}`; only the field if that is no text.
        text: String,
    },
}

impl Edit {
    /// Sets tag and digest of an image and keeps everything else: a new name stays unless the argument
    /// gives one, and a tag takes the place of a digest and the other way round. All entries of that name
    /// change.
    ///
    /// ```
    /// use kustom::edit::Edit;
    ///
    /// let mut files = kustom::MemoryFs::new();
    /// let text = "images:\n- name: web\n  newName: example.com/web # mirror\n  newTag: v1\n";
    /// files.insert("/app/kustomization.yaml", text);
    /// let mut edit = Edit::open(files, "/app")?;
    /// edit.update_image(&"web:v2".parse()?);
    /// assert_eq!(edit.finish()?.text, text.replace("v1", "v2"));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn update_image(&mut self, arg: &ImageArg) -> UpdateOutcome {
        let all_places = self.image_places();
        let kept = match all_places.get(&arg.name) {
            Some(places) => self.update_image_at(places, arg),
            None => UpdateOutcome::Missing,
        };
        // Names stay where they are.
        self.image_places = Some(all_places);
        kept
    }

    /// Takes the places of the entries of each name.
    fn image_places(&mut self) -> FxHashMap<String, Vec<usize>> {
        self.image_places.take().unwrap_or_else(|| {
            let mut places: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (i, item) in self.image_entries().enumerate() {
                if item.as_map().is_some() {
                    places.entry(name_of(item).to_owned()).or_default().push(i);
                }
            }
            places
        })
    }

    /// Sets the entries of an image as [`update_image`](Self::update_image) does.
    fn update_image_at(&mut self, places: &[usize], arg: &ImageArg) -> UpdateOutcome {
        for item in places.iter().filter_map(|i| self.image_entries().nth(*i)) {
            if let Some((pos, text)) = item.as_map().and_then(|entry| template(entry, arg)) {
                let pos = if pos.is_some() { pos } else { item.pos() };
                return UpdateOutcome::Template { line: self.line(pos), text };
            }
        }
        if places.len() > 1 {
            let (n, name) = (places.len(), &arg.name);
            self.note(format_args!("images has {n} entries of the name {name}; all are changed"));
        }
        let mut changes = Vec::new();
        for &i in places {
            let Some(item) = self.image_entries().nth(i) else { continue };
            let line = self.line(item.as_map().and_then(version_pos).unwrap_or(item.pos()));
            let Some(entry) = item.as_map().cloned() else { continue };
            let said =
                |entry: &Mapping| (version(entry), fields::text(entry, "newName").to_owned());
            let mut kept = entry.clone();
            keep(&mut kept, arg);
            let ((old, old_name), (new, new_name)) = (said(&entry), said(&kept));
            // What says it in another form stays as it is.
            if (&old, &old_name) != (&new, &new_name) {
                if let Some((tag, digest)) = version_after(&entry, arg) {
                    self.keep_remarks(&entry, (&tag, &digest), arg.comment.as_deref());
                }
                let Some(map) = self.image_entry_mut(i) else { continue };
                *map = kept;
            }
            let (is_suffix, name) = (old.starts_with('*') && old != new, arg.name.clone());
            changes.push(ImageChange { name, old: Some(old), new, old_name, new_name, line });
            if is_suffix {
                self.note(format_args!(
                    "the tagSuffix of {} has no effect beside a tag or digest",
                    arg.name
                ));
            }
        }
        UpdateOutcome::Updated(changes)
    }

    fn line(&self, pos: Pos) -> Option<usize> {
        pos.is_some().then(|| self.source.line_of(pos))
    }

    /// Adds an entry for an image that has none.
    pub fn add_image(&mut self, arg: &ImageArg) -> ImageChange {
        let new_name = given(&arg.new_name);
        let entry = fields::mapping([
            ("name", arg.name.as_str()),
            ("newName", new_name),
            ("newTag", given(&arg.tag)),
            ("digest", given(&arg.digest)),
        ]);
        let new = version(&entry);
        let mut places = self.image_places();
        places.entry(arg.name.clone()).or_default().push(self.image_entries().count());
        self.push_image(entry);
        self.image_places = Some(places);
        let (name, new_name) = (arg.name.clone(), new_name.to_owned());
        ImageChange { name, new, new_name, ..ImageChange::default() }
    }
}

fn keep(entry: &mut Mapping, arg: &ImageArg) {
    let part =
        |given: &Option<String>| given.as_deref().filter(|text| *text != "*").map(str::to_owned);
    if let Some(new_name) = part(&arg.new_name) {
        fields::set_text(entry, "newName", &new_name);
    }
    if let Some((tag, digest)) = version_after(entry, arg) {
        set_version(entry, &tag, &digest);
    }
}

/// Returns the tag and the digest that an entry is to have, both in the tag if it has them there; nothing if these stay.
fn version_after(entry: &Mapping, arg: &ImageArg) -> Option<(String, String)> {
    if arg.tag.is_none() && arg.digest.is_none() {
        return None;
    }
    let (tag, digest) = (fields::text(entry, "newTag"), fields::text(entry, "digest"));
    // Renovate writes it so, and leaves alone what has both fields.
    let in_one = tag.split_once('@').filter(|_| digest.is_empty());
    let (tag, digest) = in_one.unwrap_or((tag, digest));
    let kept = |given: &Option<String>, own: &str| match given.as_deref() {
        Some("*") => own.to_owned(),
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    let (tag, digest) = (kept(&arg.tag, tag), kept(&arg.digest, digest));
    match in_one.is_some() && !tag.is_empty() && !digest.is_empty() {
        true => Some((format!("{tag}@{digest}"), String::new())),
        false => Some((tag, digest)),
    }
}

/// Returns the first field that a change would overwrite or remove and that holds a template.
fn template(entry: &Mapping, arg: &ImageArg) -> Option<(Pos, String)> {
    let (name, version) = (arg.new_name.is_some(), arg.tag.is_some() || arg.digest.is_some());
    let changes = [("newName", name), ("newTag", version), ("digest", version)];
    changes.into_iter().filter(|(_, changes)| *changes).find_map(|(field, _)| {
        let value = fields::get(entry, field)?;
        match value.text() {
            // None of these may stand in a name, tag or digest.
            Some(text) if text.contains(['$', '{', '}', '<', '>', '%']) => {
                Some((value.pos(), format!("{field}: {text}")))
            }
            None if !value.is_null() => Some((value.pos(), field.to_owned())),
            _ => None,
        }
    })
}

/// Returns where the version of an entry stands.
fn version_pos(entry: &Mapping) -> Option<Pos> {
    let pos = |field| fields::get(entry, field).map(Node::pos).filter(|pos| pos.is_some());
    pos("newTag").or_else(|| pos("digest"))
}
