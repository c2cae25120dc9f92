//! `images` (docs/spec/transformers.md, section 4).

mod fields;
mod names;

use ecow::EcoString;
use serde::Deserialize;

use self::fields::{containers, fields};
use self::names::ImageNames;
use super::Transformer;
use super::each::may_change_id;
use super::each::specs_of;
use crate::build_context::Context;
use crate::checks;
use crate::diagnostics::{Error, ErrorKind, Result};
use crate::fieldspec::{SpecList, SpecsByKind, TransformerConfig};
use crate::kustomization::{FieldSpecArgs, Image, Kustomization};
use crate::resource::{Resource, ResourceSet};
use crate::select::Patterns;
use crate::yaml::{Location, Marks, Node, Tag, at, at_mut};

/// Returns `true` if an entry of this name is for an image.
pub(crate) fn is_named(name: &str, image: &str) -> bool {
    ImageNames::new([name].into_iter(), &Patterns::default()).matches(0, image)
}

/// The entries of `images`, for those who ask which one decides about an image.
#[derive(Debug)]
pub(crate) struct ImageEntries {
    entries: Vec<Image>,
    names: ImageNames,
}

impl ImageEntries {
    /// Prepares entries.
    pub(crate) fn new(entries: Vec<Image>) -> ImageEntries {
        let names = entries.iter().map(|entry| entry.name.as_str());
        ImageEntries { names: ImageNames::new(names, &Patterns::default()), entries }
    }

    /// Returns the number of the entry that decides what becomes of an image, and the field of it: that of the
    /// version if an entry changes it, else that of the name.
    pub(crate) fn deciding(&self, image: &str) -> Option<(usize, &'static str)> {
        let mut text = EcoString::from(image);
        let (mut name, mut version) = (None, None);
        let mut start = 0;
        while let Some(i) = self.names.first_match(&text, start) {
            start = i + 1;
            let entry = self.entries.get(i)?;
            text = entry.rename(&text);
            match entry {
                Image { new_tag, .. } if !new_tag.is_empty() => version = Some((i, "newTag")),
                Image { digest, .. } if !digest.is_empty() => version = Some((i, "digest")),
                Image { tag_suffix, .. } if !tag_suffix.is_empty() => {
                    version = Some((i, "tagSuffix"));
                }
                _ => {}
            }
            if !entry.new_name.is_empty() {
                name = Some((i, "newName"));
            }
        }
        version.or(name)
    }
}

/// The longest text of an image that is written.
const MAX_LENGTH: usize = 1 << 16;

/// Gives images other names, tags and digests: all entries of a list, one after the other.
///
/// Upstream walks all resources twice per entry, once along keys named `containers` and
/// `initContainers` and once along the field specs. Here each resource is walked twice in all, and the
/// entries are then applied to each field as often as they would have met it.
#[derive(Clone, Debug)]
pub(crate) struct Images {
    entries: Vec<Image>,
    names: ImageNames,
    specs: SpecList,
}

/// The config of an `ImageTagTransformer`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ImageTagConfig {
    /// What to do.
    pub(crate) image_tag: Image,
    /// Where images are, beside those of containers.
    pub(crate) field_specs: Vec<FieldSpecArgs>,
}

impl Images {
    /// Configures the step, if there is one.
    pub(crate) fn from_kustomization(
        kustomization: &Kustomization,
        config: &TransformerConfig,
        patterns: &Patterns,
    ) -> Option<Images> {
        let entries = &kustomization.images;
        (!entries.is_empty()).then(|| {
            let entries = entries.iter().map(|entry| entry.value.clone());
            Images::new(entries.collect(), config.images.clone(), patterns)
        })
    }

    /// Configures the step of a plugin.
    pub(crate) fn from_config(config: &ImageTagConfig, patterns: &Patterns) -> Images {
        Images::new(vec![config.image_tag.clone()], specs_of(&config.field_specs), patterns)
    }

    fn new(entries: Vec<Image>, specs: impl Into<SpecList>, patterns: &Patterns) -> Images {
        let names = ImageNames::new(entries.iter().map(|entry| entry.name.as_str()), patterns);
        Images { entries, names, specs: specs.into() }
    }

    /// Writes into the fields at `found`, each as often as it is in there.
    ///
    /// `matched` hears of every entry that matches.
    fn change(
        &self,
        resource: &mut Resource,
        mut found: Vec<Location>,
        cx: &Context,
        matched: &mut dyn FnMut(usize),
    ) -> Result<()> {
        found.sort_unstable();
        for met in found.chunk_by(|a, b| a == b) {
            let Some(location) = met.first() else {
                continue;
            };
            let Some(Node::Scalar { text, tag, pos, marks, .. }) = at(&resource.node, location)
            else {
                continue;
            };
            let mut last = None;
            let mut matched = |i| {
                last = Some(i);
                matched(i);
            };
            let Some(new) = self.rename(text, met.len(), &mut matched)? else {
                continue;
            };
            if let Some((lint, i)) = cx.lint.as_ref().zip(last) {
                checks::overlays::overruled::image(lint, i, text, *pos, &new);
            }
            if new == *text && *tag == Tag::Cleared && marks.is_written() && !cx.step.is_some() {
                continue;
            }
            if let Some(leaf) = at_mut(&mut resource.node, location) {
                cx.mark_again(leaf, &new);
                if let Node::Scalar { text, tag, marks, .. } = leaf {
                    (*text, *tag) = (new, Tag::Cleared);
                    *marks = marks.and(Marks::WRITTEN);
                }
            }
        }
        Ok(())
    }

    /// Applies all entries in order, each `times` times; returns `None` if none matches.
    fn rename(
        &self,
        image: &str,
        times: usize,
        matched: &mut dyn FnMut(usize),
    ) -> Result<Option<EcoString>> {
        let mut renamed: Option<EcoString> = None;
        let mut start = 0;
        while let Some(i) = self.names.first_match(renamed.as_deref().unwrap_or(image), start) {
            start = i + 1;
            matched(i);
            let Some(entry) = self.entries.get(i) else {
                break;
            };
            for _ in 0..times {
                let old = renamed.as_deref().unwrap_or(image);
                if !self.names.matches(i, old) {
                    break;
                }
                let new = entry.rename(old);
                if new.len() > MAX_LENGTH {
                    let message = format!("an image is longer than {MAX_LENGTH} bytes");
                    return Err(Error::new(ErrorKind::Limit, message));
                }
                let same = new == old;
                renamed = Some(new);
                if same {
                    break;
                }
            }
        }
        Ok(renamed)
    }
}

impl Transformer for Images {
    fn run(&self, cx: &Context, resources: &mut ResourceSet) -> Result<()> {
        let mut specs = SpecsByKind::new(&self.specs);
        let mut failure = None;
        let mut unused = cx.lint.is_some().then(|| vec![true; self.entries.len()]);
        let mut matched = |i: usize| {
            if let Some(unused) = unused.as_mut().and_then(|all| all.get_mut(i)) {
                *unused = false;
            }
        };
        let mut location = Location::new();
        for slot in resources.slot_numbers() {
            let Some(resource) = resources.get(slot) else {
                continue;
            };
            let gvk = resource.gvk_ref();
            // Schemas in there have properties of these names.
            if gvk.kind == "CustomResourceDefinition" {
                continue;
            }
            let mut found = Vec::new();
            containers(&resource.node, &mut location, &mut found)?;
            // A fault along the field specs is reported only if no resource has one in its containers.
            if failure.is_some() {
                continue;
            }
            let of_kind = specs.in_object(gvk, &resource.node);
            let change = |resource: &mut Resource| {
                of_kind.iter().try_for_each(|spec| fields(cx, resource, spec, &mut found))?;
                self.change(resource, found, cx, &mut matched)
            };
            let done = if may_change_id(of_kind) {
                resources.update(slot, &cx.schema, change)
            } else {
                resources.get_mut(slot).map(change)
            };
            failure = done.and_then(Result::err);
        }
        if let (Some(lint), Some(unused)) = (&cx.lint, unused) {
            let entries = self.entries.iter().enumerate().filter(|(i, _)| unused[*i]);
            let names = entries.map(|(i, entry)| (i, entry.name.as_str()));
            checks::overlays::images::unused(lint, names, resources);
        }
        failure.map_or(Ok(()), Err)
    }

    fn image_fields(&self) -> Option<&SpecList> {
        Some(&self.specs)
    }

    fn count(&self) -> usize {
        self.entries.len()
    }
}

impl Image {
    /// Returns the text for an image that matches.
    fn rename(&self, old: &str) -> EcoString {
        let parts = crate::resource::Image::parse(old);
        let (name, tag, digest) = (parts.name(), parts.tag(), parts.digest());
        let name = if self.new_name.is_empty() { name } else { &self.new_name };
        let (tag, suffix, digest) = if !self.new_tag.is_empty() || !self.digest.is_empty() {
            (self.new_tag.as_str(), "", self.digest.as_str())
        } else if !self.tag_suffix.is_empty() {
            (tag, self.tag_suffix.as_str(), "")
        } else {
            (tag, "", digest)
        };
        let mut new = EcoString::from(name);
        if !tag.is_empty() || !suffix.is_empty() {
            new.push(':');
            new.push_str(tag);
            new.push_str(suffix);
        }
        if !digest.is_empty() {
            new.push('@');
            new.push_str(digest);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::run;

    /// Applies entries of (name, newName, newTag, digest, tagSuffix).
    fn steps(entries: &[[&str; 5]]) -> Images {
        let entries = entries.iter().map(|e| {
            let [name, new_name, new_tag, digest, tag_suffix] = e.map(str::to_string);
            Image { name, new_name, new_tag, digest, tag_suffix }
        });
        Images::new(
            entries.collect(),
            TransformerConfig::builtin().images.clone(),
            &Patterns::default(),
        )
    }

    fn pod(image: &str) -> String {
        format!(r#"{{"kind":"Pod","spec":{{"containers":[{{"image":"{image}"}}]}}}}"#)
    }

    #[test]
    fn rewrites_parts() {
        for (entry, old, new) in [
            (["n", "", "2", "", ""], "n", "n:2"),
            (["n", "", "2", "", ""], "n:1@sha256:a", "n:2"),
            (["n", "", "2", "", ""], "x/n", "x/n"),
            (["n", "m", "", "", ""], "n:1@sha256:a", "m:1@sha256:a"),
            (["n", "", "", "sha256:b", ""], "n:1", "n@sha256:b"),
            (["n", "", "2", "sha256:b", ""], "n:1", "n:2@sha256:b"),
            (["r:5/n", "a/b", "7", "", ""], "r:5/n:1", "a/b:7"),
            (["n:1", "", "z", "", ""], "n:1@a:b", "n:z"),
            (["n", "m:9", "z", "", ""], "n", "m:9:z"),
            (["n", "", "", "", ""], "n:", "n"),
            (["n.*", "", "R", "", ""], "n:a/b", "n:a/b:R"),
            (["", "", "R", "", ""], ":1", ":R"),
            (["", "", "", "", ""], ":", ""),
        ] {
            assert_eq!(
                run(&[&steps(&[entry])], &[&pod(old)]).unwrap()[0],
                pod(new),
                "{entry:?} {old}"
            );
        }
    }

    #[test]
    fn puts_a_suffix_once_per_way_to_the_field() {
        let step = steps(&[["n", "", "", "", "-s"]]);
        assert_eq!(run(&[&step], &[&pod("n:1")]).unwrap()[0], pod("n:1-s-s"));
        let custom = r#"{"kind":"Foo","spec":{"containers":[],"x":{"initContainers":[null,{"image":"n"}]}}}"#;
        let expected = custom.replace(r#""n""#, r#""n:-s""#);
        assert_eq!(run(&[&step], &[custom]).unwrap()[0], expected);
    }

    #[test]
    fn applies_entries_in_order() {
        let rename = |old, new| [old, new, "", "", ""];
        // One after the other: `b` is looked for before there is one.
        let built = run(&[&steps(&[rename("b", "c"), rename("a", "b")])], &[&pod("a")]);
        assert_eq!(built.unwrap()[0], pod("b"));
        let step = steps(&[rename("a", "b"), rename("b", "c"), ["c", "", "q", "", ""]]);
        assert_eq!(run(&[&step], &[&pod("a")]).unwrap()[0], pod("c:q"));
        assert_eq!(step.count(), 3);
    }

    #[test]
    fn makes_a_null_list_a_list() {
        let built = run(&[&steps(&[["n", "", "", "", ""]])], &[r#"{"spec":{"containers":null}}"#]);
        assert_eq!(built.unwrap()[0], r#"{"spec":{"containers":[]}}"#);
    }

    #[test]
    fn refuses_what_is_no_image() {
        let step = steps(&[["n", "", "", "", ""]]);
        for (tree, expected) in [
            (
                r#"{"spec":{"volumes":[{"image":"x"}]}}"#,
                "visit traversal on path: [image reference]: expected sequence or mapping node",
            ),
            (
                r#"{"x":{"containers":["text"]}}"#,
                "wrong node kind: expected MappingNode but got ScalarNode",
            ),
            (
                r#"{"x":{"containers":[{"image":{}}]}}"#,
                "wrong node kind: expected ScalarNode but got MappingNode",
            ),
        ] {
            let error = run(&[&step], &[tree]).unwrap_err();
            assert!(error.message().contains(expected), "{error}");
        }
        let both = [r#"{"spec":{"containers":"text"}}"#, r#"{"x":{"containers":["text"]}}"#];
        let error = run(&[&step], &both).unwrap_err();
        assert!(error.message().starts_with("wrong node kind"), "{error}");
    }
}
