//! What sprig has and a preview cannot have: what is random, or reads a clock.

use super::super::function::{Args, Failure, Function, function};
use super::super::value::Value;

fn random(_: &Args<'_>) -> Result<Value, Failure> {
    Err("its value is random, so a preview cannot know it".into())
}

fn clock(_: &Args<'_>) -> Result<Value, Failure> {
    Err("it reads the clock, so a preview cannot know its value".into())
}

fn cryptography(_: &Args<'_>) -> Result<Value, Failure> {
    Err("it makes or uses keys, which a preview does not do".into())
}

pub(super) const FUNCTIONS: &[Function] = &[
    function("ago", "a", clock),
    function("now", "", clock),
    function("randAlpha", "i", random),
    function("randAlphaNum", "i", random),
    function("randAscii", "i", random),
    function("randBytes", "i", random),
    function("randInt", "ii", random),
    function("randNumeric", "i", random),
    function("shuffle", "s", |args| {
        // Of one character there is one order only.
        if args.str(0).chars().nth(1).is_none() { Ok(args.any(0).clone()) } else { random(args) }
    }),
    function("uuidv4", "", random),
    function("bcrypt", "s", random),
    function("htpasswd", "ss", random),
    function("genPrivateKey", "s", random),
    function("genCA", "si", random),
    function("genCAWithKey", "sis", random),
    function("genSelfSignedCert", "slli", random),
    function("genSelfSignedCertWithKey", "sllis", random),
    function("genSignedCert", "sllia", random),
    function("genSignedCertWithKey", "slliasa", random),
    function("encryptAES", "ss", random),
    function("decryptAES", "ss", cryptography),
    function("buildCustomCert", "ss", cryptography),
    function("derivePassword", "issss", cryptography),
];
