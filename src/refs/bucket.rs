//! Referrals of one name, told apart by the prefixes and suffixes they went through.

use std::cell::OnceCell;
use std::hash::{BuildHasher, Hash};

use ecow::EcoString;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::referral::{Affixes, Referral};

/// From this many on an index is made.
const MANY: usize = 32;

/// The numbers of referrals that share a name.
///
/// A thousand instances of one base differ in their prefix alone; each reference among them is to
/// find its own referral without looking at the other ones.
pub(super) enum Bucket {
    /// Just one, as nearly always.
    One(u32),
    /// Any number.
    Many(Box<Numbers>),
}

/// Numbers, and where they are by their affixes once that was asked.
#[derive(Default)]
pub(super) struct Numbers {
    all: Vec<u32>,
    by_affixes: OnceCell<FxHashMap<u64, Vec<u32>>>,
}

/// What is to be compared.
#[derive(Clone, Copy, Hash)]
enum Affix {
    Prefix,
    Suffix,
}

impl Bucket {
    /// Adds the number of a referral unless it was added last.
    pub(super) fn push(&mut self, number: u32) {
        match self {
            _ if self.numbers().last() == Some(&number) => {}
            Bucket::One(first) => {
                let all = vec![*first, number];
                *self = Bucket::Many(Box::new(Numbers { all, ..Numbers::default() }));
            }
            Bucket::Many(numbers) => numbers.all.push(number),
        }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.numbers().len()
    }

    /// Returns all numbers.
    pub(super) fn numbers(&self) -> &[u32] {
        match self {
            Bucket::One(number) => std::slice::from_ref(number),
            Bucket::Many(numbers) => &numbers.all,
        }
    }

    /// Returns lists of numbers that together hold all referrals that agree with `affixes`, and
    /// maybe others.
    pub(super) fn agreeing<'a>(
        &'a self,
        all: &[Referral],
        affixes: Affixes<'_>,
        empty_agrees: bool,
    ) -> Vec<&'a [u32]> {
        let numbers = match self {
            Bucket::Many(numbers) if numbers.all.len() >= MANY => numbers,
            _ => return vec![self.numbers()],
        };
        let index = numbers.by_affixes.get_or_init(|| numbers.index(all));
        let prefix = numbers.lists(index, Affix::Prefix, affixes.prefixes, empty_agrees);
        let suffix = numbers.lists(index, Affix::Suffix, affixes.suffixes, empty_agrees);
        let count = |lists: &[&[u32]]| lists.iter().map(|list| list.len()).sum::<usize>();
        if count(&prefix) <= count(&suffix) { prefix } else { suffix }
    }
}

impl Numbers {
    /// Indexes each list by itself as a whole, and by its tails.
    fn index(&self, all: &[Referral]) -> FxHashMap<u64, Vec<u32>> {
        let mut index: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for &number in &self.all {
            let Some(referral) = all.get(number as usize) else {
                continue;
            };
            for (affix, list) in
                [(Affix::Prefix, &referral.prefixes), (Affix::Suffix, &referral.suffixes)]
            {
                index.entry(key(affix, true, list)).or_default().push(number);
                for tail in tails(list) {
                    index.entry(key(affix, false, tail)).or_default().push(number);
                }
            }
        }
        index
    }

    fn lists<'a>(
        &'a self,
        index: &'a FxHashMap<u64, Vec<u32>>,
        affix: Affix,
        list: &[EcoString],
        empty_agrees: bool,
    ) -> Vec<&'a [u32]> {
        if list.is_empty() && empty_agrees {
            return vec![&self.all];
        }
        let whole = |list: &[EcoString]| index.get(&key(affix, true, list));
        let longer = index.get(&key(affix, false, list));
        let shorter = tails(list).skip(1).map(whole);
        let none = (list.is_empty() || empty_agrees).then(|| whole(&[])).flatten();
        let lists = shorter.chain([longer, none]);
        lists.flatten().map(Vec::as_slice).collect()
    }
}

/// Returns the list and its ever shorter ends, without the empty one.
fn tails(list: &[EcoString]) -> impl Iterator<Item = &[EcoString]> {
    (0..list.len()).filter_map(|start| list.get(start..))
}

fn key(affix: Affix, whole: bool, list: &[EcoString]) -> u64 {
    FxBuildHasher.hash_one((affix, whole, list))
}
