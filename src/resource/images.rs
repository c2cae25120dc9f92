//! The images that an object runs.

use super::Resource;
use crate::yaml::{Location, Node, at};

/// An image: its name, tag and digest.
///
/// ```
/// let image = kustom::Image::parse("localhost:5000/web:v2@sha256:0a");
/// assert_eq!((image.name(), image.tag(), image.digest()), ("localhost:5000/web", "v2", "sha256:0a"));
/// assert_eq!(image.version(), "v2@sha256:0a");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Image<'a> {
    text: &'a str,
    name: &'a str,
    tag: &'a str,
    digest: &'a str,
}

impl<'a> Image<'a> {
    /// Splits the text of an image; the part before the first `/` may have a port.
    pub fn parse(text: &'a str) -> Image<'a> {
        let start = text.find('/').unwrap_or(0);
        let find = |c| text[start..].find(c).map(|i| start + i);
        let part = |from: usize, to: usize| text.get(from + 1..to).unwrap_or_default();
        let end = text.len();
        let (name, tag, digest) = match (find(':'), find('@')) {
            (None, None) => (text, "", ""),
            (Some(tag), None) => (&text[..tag], part(tag, end), ""),
            (Some(tag), Some(digest)) if tag < digest => {
                (&text[..tag], part(tag, digest), part(digest, end))
            }
            (_, Some(digest)) => (&text[..digest], "", part(digest, end)),
        };
        Image { text, name, tag, digest }
    }

    /// Returns the whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the name with the registry.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the tag; empty if there is none.
    pub fn tag(&self) -> &'a str {
        self.tag
    }

    /// Returns the digest; empty if there is none.
    pub fn digest(&self) -> &'a str {
        self.digest
    }

    /// Returns tag and digest as `v2`, `@sha256:…` or `v2@sha256:…`; empty if there is neither. An empty tag before a
    /// digest, which no runtime takes, shows as `:@sha256:…`.
    pub fn version(&self) -> String {
        let has_empty_tag = self.tag.is_empty() && self.text[self.name.len()..].starts_with(':');
        match self.digest {
            "" => self.tag.to_owned(),
            digest if has_empty_tag => format!(":@{digest}"),
            digest => format!("{}@{digest}", self.tag),
        }
    }
}

/// Keys of lists of containers.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Returns where an object names images: in its containers, at any depth; and in the fields named `image`
/// of kinds that are not Kubernetes' own.
pub(crate) fn image_locations(resource: &Resource) -> Vec<Location> {
    let gvk = resource.gvk_ref();
    // Schemas in there have properties of these names.
    if gvk.kind == "CustomResourceDefinition" {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk(&resource.node, false, !gvk.is_kubernetes(), &mut Location::new(), &mut found);
    found
}

fn walk(
    node: &Node,
    is_container: bool,
    custom: bool,
    location: &mut Location,
    found: &mut Vec<Location>,
) {
    let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    match node {
        Node::Scalar { .. } => {}
        Node::Seq { items, .. } => {
            for (i, item) in items.iter().enumerate() {
                location.push(number(i));
                walk(item, is_container, custom, location, found);
                location.pop();
            }
        }
        Node::Map { map, .. } => {
            for (i, entry) in map.iter().enumerate() {
                let key = entry.key.text().unwrap_or_default();
                location.push(number(i));
                match &entry.value {
                    Node::Scalar { .. } => {
                        let is_image = key == "image" && (is_container || custom);
                        if is_image && entry.value.text().is_some_and(|text| !text.is_empty()) {
                            found.push(location.clone());
                        }
                    }
                    value @ Node::Seq { .. } => {
                        walk(value, CONTAINERS.contains(&key), custom, location, found);
                    }
                    value @ Node::Map { .. } => walk(value, false, custom, location, found),
                }
                location.pop();
            }
        }
    }
}

impl Resource {
    /// Returns the images that the object names: in its containers, init containers and ephemeral
    /// containers, at any depth; and in fields named `image` of kinds that are not Kubernetes' own. Other
    /// fields may be known to the build: see [`Build::images`](crate::Build::images).
    ///
    /// ```
    /// let build = kustom::build("testdata/infra-config/apps/payments-api/overlays/prod")?;
    /// let images = build.resources().iter().flat_map(|resource| resource.images());
    /// assert!(images.map(|image| image.name()).any(|name| name.ends_with("payments/api")));
    /// # Ok::<(), kustom::Error>(())
    /// ```
    pub fn images(&self) -> impl Iterator<Item = Image<'_>> {
        image_locations(self)
            .into_iter()
            .filter_map(|location| at(&self.node, &location)?.text().map(Image::parse))
    }
}
