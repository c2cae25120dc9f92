//! `set image`, as upstream understands it, and as a bot wants it.

use std::str::FromStr;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Edit, fields, invalid};
use crate::diagnostics::{Error, Result};
use crate::resource::Image;
use crate::transform;
use crate::yaml::{Mapping, Node, Pos};

/// An argument `NAME[=NEW][:TAG][@DIGEST]`.
///
/// ```
/// use kustom::edit::ImageArg;
///
/// let arg: ImageArg = "localhost:5000/web=registry.example.com/web:v2".parse()?;
/// assert_eq!(arg.name, "localhost:5000/web");
/// assert_eq!(arg.new_name.as_deref(), Some("registry.example.com/web"));
/// assert_eq!((arg.tag.as_deref(), arg.digest), (Some("v2"), None));
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageArg {
    /// The image as the objects name it.
    pub name: String,
    /// What it is to be called; `*` for what it is called now.
    pub new_name: Option<String>,
    /// Its tag; `*` for the present one.
    pub tag: Option<String>,
    /// Its digest; `*` for the present one.
    pub digest: Option<String>,
    /// What a comment behind the digest says of it, such as `# v1.2`; it takes the place of one about the old digest.
    pub said: Option<String>,
}

/// What [`Edit::keep_image`] did to one entry of `images`.
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

/// What [`Edit::keep_image`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptImage {
    /// The entries of that name, changed or not.
    Entries(Vec<ImageChange>),
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

impl ImageArg {
    /// Says what part of it no registry takes, such as a tag with a blank in it.
    pub fn nonsense(&self) -> Option<String> {
        let given = |part: &'_ Option<String>| part.clone().filter(|text| text != "*");
        let said = |what: &str, text: &str| format!("{text:?} is no {what} that a registry takes");
        let is_name = |name: &str| !name.contains(|c: char| c.is_whitespace() || c.is_control());
        let is_tag = |tag: &str| {
            tag.len() <= 128 && !tag.starts_with(['.', '-']) && tag.chars().all(is_of_word)
        };
        let new_name = given(&self.new_name).filter(|name| !is_name(name));
        let tag = given(&self.tag).filter(|tag| !is_tag(tag));
        let name = (!is_name(&self.name)).then(|| said("name", &self.name));
        name.or_else(|| Some(said("new name", &new_name?)))
            .or_else(|| Some(said("tag", &tag?)))
            .or_else(|| {
                let digest = given(&self.digest)?;
                Some(format!("{}: {}", said("digest", &digest), wrong_digest(&digest)?))
            })
    }

    /// Returns `true` if an `images` entry of this name is for an image: names are patterns.
    pub fn is_for(&self, image: &str) -> bool {
        transform::is_named(&self.name, image)
    }

    /// Returns `true` if it gives nothing but a name, as `web:` does.
    pub fn says_nothing(&self) -> bool {
        self.new_name.is_none() && self.tag.is_none() && self.digest.is_none()
    }
}

impl FromStr for ImageArg {
    type Err = Error;

    fn from_str(arg: &str) -> Result<ImageArg> {
        let expected = || {
            invalid(format!(
                "invalid format of image {arg:?}, use one of the following options:\n\
                 - <image>=<newimage>:<newtag>\n\
                 - <image>=<newimage>@<digest>\n\
                 - <image>=<newimage>\n\
                 - <image>:<newtag>\n\
                 - <image>@<digest>"
            ))
        };
        let (name, rest) = match arg.split_once('=') {
            Some((name, rest)) => (Some(name), rest),
            None => (None, arg),
        };
        let image = Image::parse(rest);
        let filled = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        let (image, tag, digest) = (image.name(), filled(image.tag()), filled(image.digest()));
        let arg = match name {
            Some(name) if !name.is_empty() => {
                ImageArg { name: name.to_owned(), new_name: filled(image), tag, digest, said: None }
            }
            _ if image != arg => {
                ImageArg { name: image.to_owned(), new_name: None, tag, digest, said: None }
            }
            _ => return Err(expected()),
        };
        if arg.name.is_empty() { Err(expected()) } else { Ok(arg) }
    }
}

impl Edit {
    /// Sets images as `kustomize edit set image` does: the entry of that name says just what the
    /// argument says, so `web:v2` takes out a new name and a digest, unless the argument has a `*` for
    /// them.
    ///
    /// # Errors
    /// If there is no argument.
    pub fn set_images(&mut self, args: &[ImageArg]) -> Result<()> {
        if args.is_empty() {
            return Err(invalid("no image specified"));
        }
        args.iter().filter_map(ImageArg::nonsense).for_each(|said| self.note(said));
        self.move_list("imageTags", "images");
        // Of several for one name, the last counts.
        let mut named = FxHashSet::default();
        let mut last: Vec<&ImageArg> =
            args.iter().rev().filter(|arg| named.insert(arg.name.as_str())).collect();
        last.reverse();
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for (i, item) in self.items("images").iter().enumerate() {
            places.entry(name_of(item).to_owned()).or_insert(i);
        }
        for arg in last {
            match places.get(&arg.name) {
                Some(place) => self.set_image(*place, arg),
                None => self.append_image(arg),
            }
        }
        self.drop_later_images(&named);
        self.order_images();
        Ok(())
    }

    /// Makes an entry say just what an argument says.
    fn set_image(&mut self, place: usize, arg: &ImageArg) {
        let entry = self.items("images").get(place).and_then(Node::as_map);
        let Some(entry) = entry.cloned() else { return };
        let value = |given: &Option<String>, field| match given.as_deref() {
            Some("*") => fields::text(&entry, field).to_owned(),
            Some(text) => text.to_owned(),
            None => String::new(),
        };
        let new_name = value(&arg.new_name, "newName");
        let (tag, digest) = (value(&arg.tag, "newTag"), value(&arg.digest, "digest"));
        self.keep_remarks(&entry, (&tag, &digest), arg.said.as_deref());
        let Some(items) = fields::list_mut(self.fields(), "images") else { return };
        if let Some(entry) = items.make_mut().get_mut(place).and_then(Node::as_map_mut) {
            fields::set_text(entry, "newName", &new_name);
            fields::set_text(entry, "tagSuffix", "");
            set_version(entry, &tag, &digest);
        }
    }

    /// Appends the entry that upstream makes of an argument.
    fn append_image(&mut self, arg: &ImageArg) {
        let entry = fields::mapping([
            ("digest", given(&arg.digest)),
            ("name", arg.name.as_str()),
            ("newName", given(&arg.new_name)),
            ("newTag", given(&arg.tag)),
        ]);
        self.append("images", [Node::map(entry)]);
    }

    /// Drops all but the first entry of each name, as upstream does on every change, and says so of those that
    /// were not `set` themselves.
    fn drop_later_images(&mut self, set: &FxHashSet<&str>) {
        let mut seen = FxHashSet::default();
        let mut later: Vec<String> = Vec::new();
        for name in self.items("images").iter().filter(|item| item.as_map().is_some()).map(name_of)
        {
            if !seen.insert(name) {
                later.push(name.to_owned());
            }
        }
        if later.is_empty() {
            return;
        }
        for name in later.iter().filter(|name| !set.contains(name.as_str())) {
            self.note(format_args!(
                "images has several entries of the name {name}; the first stays"
            ));
        }
        let mut seen: FxHashSet<String> = FxHashSet::default();
        let Some(items) = fields::list_mut(self.fields(), "images") else { return };
        items.retain(|item| item.as_map().is_none() || seen.insert(name_of(item).to_owned()));
    }

    /// Puts `images` into the order of names, as upstream does on every change, but only where the
    /// order says something: one entry may find what another has written.
    fn order_images(&mut self) {
        let names = |field| -> Vec<String> {
            let maps = self.items("images").iter().filter_map(Node::as_map);
            maps.map(|map| fields::text(map, field).to_owned()).collect()
        };
        let new_names: FxHashSet<String> = names("newName").into_iter().collect();
        let names = names("name");
        let is_pattern =
            |name: &String| name.contains(['*', '+', '?', '[', '(', '|', '\\', '^', '$']);
        if !names.iter().any(|name| is_pattern(name) || new_names.contains(name)) {
            return;
        }
        if let Some(items) = fields::list_mut(self.fields(), "images") {
            items.make_mut().sort_by_key(|item| name_of(item).to_owned());
        }
    }

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
    /// edit.keep_image(&"web:v2".parse()?);
    /// assert_eq!(edit.finish()?.text, text.replace("v1", "v2"));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn keep_image(&mut self, arg: &ImageArg) -> KeptImage {
        if self.images_field() != "images" && !self.items("images").is_empty() {
            self.move_list("imageTags", "images");
        }
        let all_places = self.image_places();
        let kept = match all_places.get(&arg.name) {
            Some(places) => self.keep_image_at(places, arg),
            None => KeptImage::Missing,
        };
        // Names stay where they are.
        self.image_places = Some(all_places);
        kept
    }

    /// Returns the field that has the entries: the old one if that has some.
    pub(super) fn images_field(&self) -> &'static str {
        let old = self.items("imageTags");
        if old.is_empty() || old.iter().any(Node::is_null) { "images" } else { "imageTags" }
    }

    /// Takes the places of the entries of each name.
    fn image_places(&mut self) -> FxHashMap<String, Vec<usize>> {
        self.image_places.take().unwrap_or_else(|| {
            let mut places: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (i, item) in self.items(self.images_field()).iter().enumerate() {
                if item.as_map().is_some() {
                    places.entry(name_of(item).to_owned()).or_default().push(i);
                }
            }
            places
        })
    }

    /// Sets the entries of an image as [`keep_image`](Self::keep_image) does.
    fn keep_image_at(&mut self, places: &[usize], arg: &ImageArg) -> KeptImage {
        let field = self.images_field();
        for i in places {
            let item = &self.items(field)[*i];
            if let Some((pos, text)) = item.as_map().and_then(|entry| template(entry, arg)) {
                return KeptImage::Template { line: self.line(pos), text };
            }
        }
        if places.len() > 1 {
            let (n, name) = (places.len(), &arg.name);
            self.note(format_args!("{field} has {n} entries of the name {name}; all are changed"));
        }
        let mut changes = Vec::new();
        for &i in places {
            let item = &self.items(field)[i];
            let line = self.line(item.as_map().and_then(version_pos).unwrap_or(item.pos()));
            if let Some(entry) = item.as_map().cloned()
                && let Some((tag, digest)) = version_after(&entry, arg)
            {
                self.keep_remarks(&entry, (&tag, &digest), arg.said.as_deref());
            }
            let Some(items) = fields::list_mut(self.fields(), field) else { continue };
            let Some(entry) = items.make_mut().get_mut(i).and_then(Node::as_map_mut) else {
                continue;
            };
            let (old, old_name) = (version(entry), fields::text(entry, "newName").to_owned());
            keep(entry, arg);
            let (new, new_name) = (version(entry), fields::text(entry, "newName").to_owned());
            let (is_suffix, name) = (old.starts_with('*') && old != new, arg.name.clone());
            changes.push(ImageChange { name, old: Some(old), new, old_name, new_name, line });
            if is_suffix {
                self.note(format_args!(
                    "the tagSuffix of {} has no effect beside a tag or digest",
                    arg.name
                ));
            }
        }
        KeptImage::Entries(changes)
    }

    /// Returns the name of an entry of `images`.
    pub fn image_name(&self, number: usize) -> Option<String> {
        Some(
            fields::text(self.items(self.images_field()).get(number)?.as_map()?, "name").to_owned(),
        )
    }

    /// Returns the names of the entries of `images` that give an image another name, each once.
    ///
    /// ```
    /// use kustom::edit::Edit;
    ///
    /// let mut files = kustom::MemoryFs::new();
    /// files.insert("/app/kustomization.yaml", "images:\n- {name: web, newName: example.com/web}\n");
    /// let edit = Edit::open(files, "/app")?;
    /// assert_eq!(edit.images_called("example.com/web"), ["web"]);
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn images_called(&self, new_name: &str) -> Vec<String> {
        let entries = self.items(self.images_field()).iter();
        let entries = entries.filter_map(Node::as_map);
        let entries = entries.filter(|entry| fields::text(entry, "newName") == new_name);
        let mut seen = FxHashSet::default();
        let names = entries.map(|entry| fields::text(entry, "name"));
        names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
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
        let (mut places, field) = (self.image_places(), self.images_field());
        places.entry(arg.name.clone()).or_default().push(self.items(field).len());
        self.append(field, [Node::map(entry)]);
        self.image_places = Some(places);
        let (name, new_name) = (arg.name.clone(), new_name.to_owned());
        ImageChange { name, new, new_name, ..ImageChange::default() }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// Says what is wrong with a digest.
fn wrong_digest(digest: &str) -> Option<String> {
    let Some((algorithm, hash)) = digest.split_once(':') else {
        return Some("write it as sha256: and 64 hexadecimal digits".to_owned());
    };
    let expected = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => {
            let is_part = |text: &str| !text.is_empty() && text.chars().all(is_of_word);
            let is_fine = is_part(&algorithm.replace('+', "-")) && is_part(&hash.replace('=', "-"));
            return (!is_fine).then(|| "write it as ALGORITHM:HASH".to_owned());
        }
    };
    if let Some(odd) = hash.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
        return Some(format!("{odd:?} is no lower-case hexadecimal digit"));
    }
    let count = hash.len();
    (count != expected).then(|| format!("{algorithm} has {expected} digits, and these are {count}"))
}

/// Returns the name of an entry; empty if there is none.
fn name_of(item: &Node) -> &str {
    item.as_map().map_or("", |map| fields::text(map, "name"))
}

/// Returns what a part of an argument gives to a new entry, which has nothing that a `*` could keep.
fn given(part: &Option<String>) -> &str {
    part.as_deref().filter(|text| *text != "*").unwrap_or_default()
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

/// Returns the tag and the digest that an entry is to have; nothing if these stay.
fn version_after(entry: &Mapping, arg: &ImageArg) -> Option<(String, String)> {
    let kept = |given: &Option<String>, field| match given.as_deref() {
        Some("*") => fields::text(entry, field).to_owned(),
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    let gives_one = arg.tag.is_some() || arg.digest.is_some();
    gives_one.then(|| (kept(&arg.tag, "newTag"), kept(&arg.digest, "digest")))
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

/// Sets tag and digest; one that takes the other's place stands where that stood.
fn set_version(entry: &mut Mapping, tag: &str, digest: &str) {
    let has = |field| fields::find(entry, field).is_some();
    match (has("newTag"), has("digest")) {
        (true, false) if tag.is_empty() && !digest.is_empty() => {
            fields::rename(entry, "newTag", "digest");
        }
        (false, true) if digest.is_empty() && !tag.is_empty() => {
            fields::rename(entry, "digest", "newTag");
        }
        _ => {}
    }
    fields::set_text(entry, "digest", digest);
    fields::set_text(entry, "newTag", tag);
}

/// Returns tag and digest of an entry, as they stand behind a name.
fn version(entry: &Mapping) -> String {
    match (fields::text(entry, "newTag"), fields::text(entry, "digest")) {
        ("", "") => match fields::text(entry, "tagSuffix") {
            "" => String::new(),
            suffix => format!("*{suffix}"),
        },
        (tag, "") => tag.to_owned(),
        (tag, digest) => format!("{tag}@{digest}"),
    }
}
