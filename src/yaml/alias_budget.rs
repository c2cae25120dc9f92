//! What the aliases of files may stand for that are read beside a build: whoever looks through a repository walks
//! over all values, and a few hundred bytes can stand for any number of them.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::measure::{measure, measure_bytes};
use super::node::Node;
use super::pos::Pos;
use super::reader::{self, Limits, Merges, SyntaxError};
use crate::limits::Limit;

/// How many values the aliases of one file may stand for; always as many as it has bytes.
const OF_ONE: usize = 50_000;

/// How many the aliases of all files together may stand for, without those that are as many as the bytes.
const OF_ALL: usize = 200_000;

/// How many bytes there may be for each value, with the texts that aliases repeat.
const BYTES_EACH: usize = 32;

/// What is left of what the aliases of some files may stand for.
#[derive(Debug)]
pub(crate) struct AliasBudget(AtomicUsize);

impl Default for AliasBudget {
    fn default() -> Self {
        AliasBudget(AtomicUsize::new(OF_ALL))
    }
}

impl AliasBudget {
    /// Makes all of it available again.
    pub(crate) fn renew(&self) {
        self.0.store(OF_ALL, Ordering::Relaxed);
    }

    /// Reads the first document of a file, as [`read_document`](reader::read_document) does.
    ///
    /// # Errors
    /// If it is not YAML, or its aliases stand for more than is left.
    pub(crate) fn read_document(
        &self,
        bytes: &[u8],
        at: Pos,
        depth: usize,
    ) -> Result<Option<Node>, SyntaxError> {
        let text = reader::decode(bytes)?;
        let nodes = self.most(bytes);
        let root = reader::read_document(&text, at, Merges::Plain, &Limits { depth, nodes })?;
        self.take(bytes, root.as_slice())?;
        Ok(root)
    }

    /// Reads the documents of a stream, as [`read_stream`](reader::read_stream) does.
    ///
    /// # Errors
    /// As [`read_document`](Self::read_document).
    pub(crate) fn read_stream(
        &self,
        bytes: &[u8],
        at: Pos,
        depth: usize,
    ) -> Result<Vec<Node>, SyntaxError> {
        let documents = reader::read_stream(bytes, at, &Limits { depth, nodes: self.most(bytes) })?;
        self.take(bytes, &documents)?;
        Ok(documents)
    }

    fn most(&self, bytes: &[u8]) -> usize {
        bytes.len().max(OF_ONE.min(self.0.load(Ordering::Relaxed)))
    }

    /// Spends what the aliases of a file stand for.
    fn take(&self, bytes: &[u8], roots: &[Node]) -> Result<(), SyntaxError> {
        // Every value that was written takes a byte, so without aliases there are fewer.
        if memchr::memchr(b'*', bytes).is_none() {
            return Ok(());
        }
        let (written, most) = (bytes.len(), self.most(bytes));
        let (mut values, mut texts) = (written.saturating_add(most), 0_usize);
        let most_bytes = values.saturating_mul(BYTES_EACH);
        for root in roots {
            let size = measure(root, values)
                .zip(measure_bytes(root, most_bytes.saturating_sub(texts)))
                .ok_or_else(|| refused(most))?;
            values = values.saturating_sub(size.0.0);
            texts = texts.saturating_add(size.1);
        }
        let copied = most.saturating_sub(values);
        if copied > written {
            let spend = |left: usize| Some(left.saturating_sub(copied));
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        }
        Ok(())
    }
}

fn refused(most: usize) -> SyntaxError {
    SyntaxError {
        message: format!("yaml: aliases stand for more than {most} nodes"),
        offset: 0,
        limit: Some(Limit::Nodes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a text that stands for about 12 · 9ⁿ values.
    fn bomb(levels: usize) -> String {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..=levels {
            let below = vec![format!("*a{}", i - 1); 9].join(",");
            text.push_str(&format!("a{i}: &a{i} [{below}]\n"));
        }
        text
    }

    #[test]
    fn each_file_and_all_together_are_bounded() {
        let budget = AliasBudget::default();
        let reads = |text: &str| budget.read_document(text.as_bytes(), Pos::NONE, 100).is_ok();
        assert!(!reads(&bomb(4)) && reads(&bomb(3)), "one file");
        let count = (0..100).take_while(|_| reads(&bomb(3))).count();
        assert!((10..30).contains(&count), "{count} of the same size");
        assert!(reads("a: &a [1, 2]\nb: [*a, *a, *a]\n"), "ordinary files are always read");
        budget.renew();
        assert!(reads(&bomb(3)));
    }

    #[test]
    fn documents_of_a_stream_count_together_and_so_do_texts() {
        let budget = AliasBudget::default();
        let reads = |text: &str| budget.read_stream(text.as_bytes(), Pos::NONE, 100).is_ok();
        let one = bomb(3);
        assert!(reads(&one) && !reads(&vec![one.as_str(); 50].join("---\n")));
        let long = |count: usize| {
            format!("a: &a {}\nb: [{}]\n", "x".repeat(10_000), vec!["*a"; count].join(","))
        };
        assert!(reads(&long(20)) && !reads(&long(20_000)));
    }
}
