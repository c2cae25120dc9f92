//! Arguments that name images, and what a registry takes.

use std::str::FromStr;

use super::entry::given;
use crate::diagnostics::{Error, Result};
use crate::edit::invalid;
use crate::resource::Image;
use crate::transform;

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
    pub comment: Option<String>,
}

impl ImageArg {
    /// Checks that a registry takes every part of it.
    ///
    /// # Errors
    /// If one does not, such as a tag with a blank in it.
    pub fn validate(&self) -> Result<()> {
        self.wrong_part().map_or(Ok(()), |wrong| Err(invalid(wrong)))
    }

    /// Says what part of it no registry takes.
    pub(super) fn wrong_part(&self) -> Option<String> {
        let given = |part: &'_ Option<String>| part.clone().filter(|text| text != "*");
        let refused =
            |what: &str, text: &str| format!("{text:?} is no {what} that a registry takes");
        let is_name = |name: &str| !name.contains(|c: char| c.is_whitespace() || c.is_control());
        let is_tag = |tag: &str| {
            tag.len() <= 128 && !tag.starts_with(['.', '-']) && tag.chars().all(is_of_word)
        };
        let new_name = given(&self.new_name).filter(|name| !is_name(name));
        let tag = given(&self.tag).filter(|tag| !is_tag(tag));
        let name = (!is_name(&self.name)).then(|| refused("name", &self.name));
        name.or_else(|| Some(refused("new name", &new_name?)))
            .or_else(|| Some(refused("tag", &tag?)))
            .or_else(|| {
                let digest = given(&self.digest)?;
                Some(format!("{}: {}", refused("digest", &digest), wrong_digest(&digest)?))
            })
    }

    /// Returns `true` if an `images` entry of this name is for an image: names are patterns.
    pub fn is_for(&self, image: &str) -> bool {
        transform::is_named(&self.name, image)
    }

    /// Returns `true` if all that it gives is what an entry has already, as `web=*` does.
    pub fn gives_nothing_new(&self) -> bool {
        [&self.new_name, &self.tag, &self.digest].into_iter().all(|part| given(part).is_empty())
    }

    /// Returns `true` if it gives nothing but a name, as `web:` does.
    pub fn is_empty(&self) -> bool {
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
        // The hash of a digest may have one.
        if rest.split('@').next().is_some_and(|it| it.contains('=')) {
            return Err(invalid(format!(
                "invalid format of image {arg:?}: the name or tag behind the first \"=\" has another one, which no \
                 registry takes\nwrite it as NAME=NEWNAME:TAG"
            )));
        }
        let image = Image::parse(rest);
        let filled = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        let (image, tag, digest) = (image.name(), filled(image.tag()), filled(image.digest()));
        let arg = match name {
            Some(name) if !name.is_empty() => ImageArg {
                name: name.to_owned(),
                new_name: filled(image),
                tag,
                digest,
                comment: None,
            },
            _ if image != rest => {
                ImageArg { name: image.to_owned(), new_name: None, tag, digest, comment: None }
            }
            _ => return Err(expected()),
        };
        if arg.name.is_empty() { Err(expected()) } else { Ok(arg) }
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
