//! Functions that ask for types.

use super::super::builtins::deep_equal;
use super::super::function::{Function, function};
use super::{text, yes};

pub(super) const FUNCTIONS: &[Function] = &[
    function("typeOf", "a", |args| text(args.any(0).type_name())),
    function("typeIs", "sa", |args| yes(args.str(0) == args.any(1).type_name())),
    function("typeIsLike", "sa", |args| {
        let (wanted, of) = (args.str(0), args.any(1).type_name());
        yes(wanted == of || of.strip_prefix('*') == Some(wanted))
    }),
    function("kindOf", "a", |args| text(args.any(0).kind_name())),
    function("kindIs", "sa", |args| yes(args.str(0) == args.any(1).kind_name())),
    function("deepEqual", "aa", |args| yes(deep_equal(args.any(0), args.any(1), args)?)),
];
