//! What texts that are read together may stand for.

use crate::diagnostics::Result;
use crate::limits::{Account, Cancel, Limit, Limits};
use crate::yaml::{self, Node};

/// How much of a tree a byte of its text makes at most where there are no aliases.
const MADE_OF_A_BYTE: u64 = 200;

/// How often values are held: as they are written, as JSON, and in what is made of that.
const TIMES: u64 = 3;

/// An account of what the aliases of texts that are read together stand for, documents of one text and texts of many
/// files alike: a few KB of aliases can stand for any amount of memory.
///
/// ```
/// use kustom::document::{Document, Reading};
///
/// let mut limits = kustom::Limits::default();
/// limits.nodes = 700;
/// let reading = Reading::new(limits);
/// let text = b"a: &a [1,2,3,4,5,6,7,8]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n";
/// assert!(Document::read_all_within(text, &reading).is_ok());
/// let error = Document::read_all_within(text, &reading).unwrap_err();
/// assert_eq!(error.limit(), Some(kustom::Limit::Nodes));
/// # Ok::<(), kustom::Error>(())
/// ```
#[derive(Debug)]
pub struct Reading(Account);

impl Default for Reading {
    fn default() -> Reading {
        Reading::new(Limits::default())
    }
}

impl Reading {
    /// Returns an account of which nothing is spent. What counts of the limits is [`nodes`](Limits::nodes), and
    /// [`tree_bytes`](Limits::tree_bytes) for what aliases repeat, as if nothing of it was shared.
    pub fn new(limits: Limits) -> Reading {
        Reading(Account::new(limits, Cancel::default()))
    }

    /// Returns the limits for reading one more text.
    pub(crate) fn limits(&self, depth: usize) -> yaml::Limits {
        yaml::Limits { depth, ..yaml::Limits::of(&self.0) }
    }

    /// Spends what the aliases of a text stand for.
    ///
    /// # Errors
    /// If that is more than there is.
    pub(crate) fn charge(&self, text: &[u8], roots: &[Node]) -> Result<()> {
        if memchr::memchr(b'*', text).is_none() {
            return Ok(());
        }
        yaml::charge_copies(text, roots, &self.0)?;
        let written = MADE_OF_A_BYTE.saturating_mul(text.len() as u64);
        let mut most = written.saturating_add(self.0.left(Limit::TreeBytes));
        let mut all: u64 = 0;
        for root in roots {
            let bytes = yaml::held_as_json(root, most / TIMES);
            let bytes = bytes.unwrap_or(u64::MAX).saturating_mul(TIMES);
            all = all.saturating_add(bytes);
            most = most.saturating_sub(bytes);
        }
        Ok(self.0.charge(Limit::TreeBytes, all.saturating_sub(written))?)
    }
}
